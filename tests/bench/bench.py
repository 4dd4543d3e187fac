"""./lab bench: what each mechanism costs and what it buys, measured beside others.

    bench [SCENARIO…] [--peer NAME=CMD@PORT] [--rounds N] [--plot] [--anyway] [--smoke]

Progress goes to standard error, the tables to standard output, the raw rounds to .lab/bench/.
README.md says how to read them.
"""

import argparse
import datetime
import os
import shlex
import sys
import time

import bench_peers
import bench_report
import bench_servers
import lab_build
from bench_scenarios import SCENARIOS
from bench_setup import describe_machine, opened
from lab_test import Tally, close

ROUNDS = 5
FOREIGN_LOAD = 3  # exit status
RESULTS = lab_build.ROOT / ".lab" / "bench"


class Parser(argparse.ArgumentParser):
    def error(self, message):
        text = message.replace("argument --peer: ", "").replace("argument --rounds: ", "")
        lab_build.fail(f"bench: {text}", status=2)


def peer(text):
    try:
        return bench_peers.parse_peer(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive(text):
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"--rounds wants a whole number from 1 on, not {text}")
    return int(text)


def parse_arguments(arguments):
    parser = Parser(
        prog="./lab bench",
        description=f"The scenarios: {' '.join(SCENARIOS)}. All of them, if none is named.",
        epilog="How to read the tables: tests/bench/README.md",
        allow_abbrev=False,
    )
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="what to measure")
    parser.add_argument(
        "--peer",
        action="append",
        type=peer,
        default=[],
        metavar="NAME=CMD@PORT",
        help="one more server: how to start it, and its port on 127.0.0.1",
    )
    parser.add_argument(
        "--rounds", type=positive, default=ROUNDS, metavar="N", help=f"of each server ({ROUNDS})"
    )
    for flag, text in (
        ("--plot", "draw pictures too (gnuplot)"),
        ("--anyway", "measure although others use the machine"),
        ("--smoke", "only see that everything works: the shortest rounds"),
    ):
        parser.add_argument(flag, action="store_true", help=text)
    options = parser.parse_intermixed_args(arguments)
    for name in options.scenarios:
        if name not in SCENARIOS:
            parser.error(f"no scenario {name}; the scenarios are: {' '.join(SCENARIOS)}")
    options.scenarios = list(dict.fromkeys(options.scenarios)) or list(SCENARIOS)
    names = [*bench_peers.TAKEN_NAMES, *(peer.name for peer in options.peer)]
    for name in names:
        if names.count(name) > 1:
            parser.error(f"--peer {name}: there is a {name} already; choose another name")
    return options


def run_scenario(bench, name):
    """Returns the results of one scenario; none, or not all of them, if it cannot run here."""
    results = []
    bench.progress.begin(name)
    try:
        with bench.processes.scope():
            for result in SCENARIOS[name](bench):
                results.append(result)
    except bench_servers.CannotRun as problem:
        bench.note(f"{name} is left out: {problem}")
    finally:
        bench.progress(None)
    return results


def refuse_if_disturbed(bench):
    bench.progress("is anybody else busy here?")
    share = bench.foreign.wait_for_quiet(time.sleep, tries=1 if bench.anyway else 10)
    bench.progress(None)
    if share <= bench.foreign.LIMIT:
        return
    text = f"others use {100 * share:.0f} % of a core, and {100 * bench.foreign.LIMIT:.0f} % are"
    if not bench.anyway:
        lab_build.fail(f"{text} too many to compare; wait, or add --anyway", status=FOREIGN_LOAD)
    bench.note(f"{text} too many to compare: measured anyway")


def plot(results, folder):
    try:
        import bench_plot

        paths = bench_plot.plot(results, folder)
    except (ImportError, OSError) as error:
        print(f"lab: no plots: {error}", file=sys.stderr)
        return
    for path in paths:
        print(os.path.relpath(path))


def measure_all(bench, options, arguments):
    if options.scenarios != ["instructions"]:  # they can be counted in any crowd
        refuse_if_disturbed(bench)
    now = datetime.datetime.now()
    start = time.monotonic()
    results = {
        "command": shlex.join(["./lab", "bench", *arguments]),
        "date": now.date().isoformat(),
        "machine": describe_machine(bench),
        "notes": bench.notes,
        "scenarios": [],
    }
    print(bench_report.header_markdown(results), flush=True)
    if bench.cores < 2:
        bench.note("one core only: server and load take turns on it, which the ratios suffer from")
    for name in options.scenarios:
        found = run_scenario(bench, name)
        for scenario in found:
            print(bench_report.scenario_markdown(scenario), flush=True)
        results["scenarios"] += found
    print("".join(f"\n- {note}" for note in bench.notes))
    print(f"lab: that took {time.monotonic() - start:.0f} s", file=sys.stderr)
    folder = RESULTS / f"{now:%Y-%m-%d-%H%M%S}"
    file = folder.with_suffix(".json")
    bench_report.save(results, file)
    if options.plot:
        plot(results, folder)
    print(os.path.relpath(file))
    missing = [peer.name for peer in options.peer if peer.name in bench.lost]
    return 1 if missing or not results["scenarios"] else 0


def smoke_case(bench, name):
    """One scenario in the least time: a case that passes if there are figures without errors."""
    bench.lost.clear()
    results = run_scenario(bench, name)
    problems = [f"{lost} was left out" for lost in bench.lost if lost not in bench.peer_names()]
    for result in results:
        for point in result["points"]:
            marks = bench_report.marks_of(point)
            if "errors" in marks or "no figure" in marks:
                problems.append(f"{result['name']}: {point['contender']}: {marks}")
    for problem in problems:
        print(f"--- bench {name}: {problem}")
    figures = sum(len(result["points"]) for result in results)
    print(f"bench {name}: {figures} figures", flush=True)
    if problems:
        return Tally(failed=1)
    return Tally(passed=1) if figures else Tally(skipped=1)


def smoke(options=None):
    """One line of the table of ./lab test --full: a case a scenario."""
    options = options or parse_arguments(["--smoke"])
    with opened(options) as bench:
        return sum((smoke_case(bench, name) for name in options.scenarios), Tally())


def bench(arguments):
    """bench [SCENARIO...] [--peer NAME=CMD@PORT] [--rounds N] [--plot] [--anyway] [--smoke]"""
    options = parse_arguments(arguments)
    if options.smoke:
        return close(smoke(options))
    try:
        with opened(options) as what_is_shared:
            return measure_all(what_is_shared, options, arguments)
    except KeyboardInterrupt:
        print("\nlab: stopped; nothing was saved", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the tables has seen enough; Python would try once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
