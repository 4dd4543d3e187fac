"""What ./lab does once all it needs is installed.

One command is one module away: building is in lab_build.py, tests in lab_test.py and
lab_matrix.py, the benchmark in tests/bench/bench.py, fuzzing in lab_fuzz.py, exercises in
lab_exercise.py and lab_watch.py, their graders' verification in lab_author.py, the state of the
machine in lab_doctor.py. Standard library only.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # while the modules are loaded

import importlib
import os
import re
import sys

if sys.version_info < (3, 9):
    sys.exit("lab: Python 3.9 or newer is needed; python3 here is " + sys.version.split()[0])

import lab_build

sys.path.append(str(lab_build.ROOT / "tests" / "bench"))


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


# A command's module is loaded when the command is typed: ./lab list need not know the benchmark.
COMMANDS = {
    "test": ("lab_test", "test"),
    "test --full": ("lab_matrix", "test_everything"),
    "bench": ("bench", "bench"),
    "fuzz": ("lab_fuzz", "fuzz"),
    "status": ("lab_exercise", "status"),
    "list": ("lab_exercise", "list_all"),
    "next": ("lab_exercise", "next_one"),
    "start": ("lab_exercise", "start"),
    "check": ("lab_exercise", "check"),
    "watch": ("lab_watch", "watch"),
    "hint": ("lab_exercise", "hint"),
    "reset": ("lab_exercise", "reset"),
    "solution": ("lab_exercise", "solution"),
    "run": ("lab_exercise", "run"),
    "doctor": ("lab_doctor", "doctor"),
    "author": ("lab_author", "author"),
}


def find_command(name, arguments):
    if name == "test" and "--full" in arguments:
        name = "test --full"
    if name == "serve":
        return serve
    if name not in COMMANDS:
        lab_build.fail("./lab is the way in; it lists the commands", status=2)
    module, function = COMMANDS[name]
    return getattr(importlib.import_module(module), function)


def open_streams():
    """One that was closed (./lab list >&-) leads nowhere; a sign that a terminal cannot show
    becomes a question mark."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")


def close_stdout():
    """What is still to be written there is dropped, so that Python does not try once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def obey(command, arguments):
    try:
        return command(arguments)
    finally:
        sys.stdout.flush()


def main():
    open_streams()
    name, *arguments = sys.argv[1:] or [""]
    command = find_command(name, arguments)
    # Being told to end is like Ctrl-C, and the tests that run must not live on.
    for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, signal.default_int_handler)
    try:
        sys.exit(obey(command, arguments))
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read this, a pager or head, has had enough.
        close_stdout()
        sys.exit(1)
    except OSError as error:
        # A tool that has gone, a full disk, a file that may not be read: no mistake of ./lab's.
        close_stdout()
        where = error.filename or "output"
        lab_build.fail(f"{where}: {error.strerror}; put that right, then type the same again")


if __name__ == "__main__":
    main()
