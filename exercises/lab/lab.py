"""What ./lab does once all it needs is installed: serve, test, bench, fuzz, start, check, run.

One command is one module away: building is in lab_build.py, tests in lab_test.py and
lab_matrix.py, the benchmark in tests/bench/bench.py, fuzzing in lab_fuzz.py, exercises in
lab_exercise.py. Standard library only.
"""

import re
import signal
import sys

if sys.version_info < (3, 9):
    sys.exit("lab: Python 3.9 or newer is needed; python3 here is " + sys.version.split()[0])

import lab_build

sys.path.append(str(lab_build.ROOT / "tests" / "bench"))

import bench
import lab_author
import lab_fuzz
import lab_matrix
import lab_test


def serve(arguments):
    """serve [N] [OPTIONS]: everything after N, or after --, goes to the server."""
    stage = 4
    named = re.fullmatch(r"(?:stage)?(\d+)", arguments[0]) if arguments else None
    if named:
        stage = int(named[1])
        arguments.pop(0)
    if stage not in range(1, 5):
        lab_build.fail(f"no stage {stage}; the stages are 1 to 4: ./lab serve 3", status=2)
    if arguments and arguments[0] == "--":
        arguments.pop(0)
    room = lab_build.ROOMS[stage]
    lab_build.build(lab_build.BUILD, [f"{room}/{room}"])
    lab_build.become(lab_build.BUILD / room / room, arguments)


def test(arguments):
    """test [SUITE...] [--full]"""
    suites = [argument for argument in arguments if argument != "--full"]
    for suite in suites:
        if suite.startswith("-"):
            lab_build.fail(f"test has no option {suite}; try ./lab test --full", status=2)
    if "--full" in arguments:
        return lab_matrix.test_everything(suites)
    return lab_test.test(suites)


COMMANDS = {
    "serve": serve,
    "test": test,
    "bench": bench.bench,
    "fuzz": lab_fuzz.fuzz,
    "author": lab_author.author,
}


def main():
    command = COMMANDS.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if not command:
        lab_build.fail("./lab is the way in; it lists the commands", status=2)
    # Being told to end is like Ctrl-C: the tests that run must not live on.
    for told in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, signal.default_int_handler)
    try:
        sys.exit(command(sys.argv[2:]))
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
