"""Runs the tests through Meson and counts Check's cases, not Meson's executables.

Nothing is counted that did not run: the numbers come from the summary that Check prints at the
end of each runner, and an executable that ends in another way than it should is a failed case.
"""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass

from lab_build import BUILD, build, fail

SUMMARY = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.MULTILINE)
SKIPPED = 77  # the exit status by which a test says that it cannot run here
OPTIONAL = "optional: "  # with this in front it says that not even CI can be sure to have it
SPEAKING = {"CK_VERBOSITY": "normal"}  # Check can be told to keep its summary to itself


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Tally(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    def __str__(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"

    def is_good(self):
        return self.passed > 0 and self.failed == 0


def skips_are_failures():
    return os.environ.get("CI", "") not in ("", "0", "false")


def judge(output, status, timed_out=False):
    """Returns the cases of one executable, and why it is bad or was skipped ("" if neither)."""
    summaries = SUMMARY.findall(output)
    checks = sum(int(checks) for checks, _, _ in summaries)
    failed = sum(int(failures) + int(errors) for _, failures, errors in summaries)
    tally = Tally(checks - failed, failed)
    if timed_out:
        return tally + Tally(failed=1), "ran out of time"
    if status == SKIPPED and skips_are_failures() and not output.startswith(OPTIONAL):
        return tally + Tally(failed=1), "skipped, which counts as failed because CI is set"
    if status == SKIPPED:
        return tally + Tally(skipped=1), "skipped"
    if failed:
        return tally, f"{failed} of {checks} cases failed"
    if status < 0:
        return tally + Tally(failed=1), f"killed by {signal.Signals(-status).name}"
    if status > 0:
        return tally + Tally(failed=1), f"exit status {status} although no case failed"
    if checks == 0:
        return tally + Tally(failed=1), "ran no case of Check"
    return tally, ""


def suites_of(test):
    """Meson writes a suite as project:suite."""
    return {suite.partition(":")[2] for suite in test["suite"]}


def chosen_tests(folder, suites):
    """Returns the tests of these suites, or all; ends the program if a suite is not known."""
    tests = json.loads((folder / "meson-info" / "intro-tests.json").read_text())
    known = sorted(set().union(*map(suites_of, tests)))
    for suite in suites:
        if suite not in known:
            fail(f"no suite {suite}; the suites are: {' '.join(known)}", status=2)
    return [test for test in tests if not suites or suites_of(test) & set(suites)]


def run_meson_test(folder, suites, options, environment):
    """Lets Meson run the tests, echoing its line for each; Meson keeps the details in a file."""
    command = ["meson", "test", "-C", str(folder), "--no-rebuild", *options]
    command += [word for suite in suites for word in ("--suite", suite)]
    # In a session of its own it does not see Ctrl-C, which to Meson means "skip this test".
    with subprocess.Popen(
        command,
        env={**os.environ, **SPEAKING, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as meson:
        try:
            output = []
            for line in meson.stdout:
                output.append(line)
                if re.match(r"\s*\d+/\d+ ", line):
                    print(re.sub(r" \S+?:", " ", line, count=1).rstrip(), flush=True)
        except KeyboardInterrupt:
            # Meson ends its tests, then itself, provided that somebody listens to the end.
            meson.terminate()
            meson.communicate()
            raise
    return "".join(output)


def logs_of(folder):
    """One at most; under a wrapper, Meson adds that to the name."""
    return list((folder / "meson-logs").glob("testlog*.json"))


def read_records(folder):
    """What Meson wrote about each test that ended: a JSON object a line."""
    lines = [line for log in logs_of(folder) for line in log.read_text("utf-8").splitlines()]
    return [json.loads(line) for line in lines]


def report(record, reason):
    """Shows all that a bad executable printed."""
    print(f"\n--- {record['name'].partition(':')[2]}: {reason}")
    for stream in ("stdout", "stderr"):
        if record.get(stream):
            print(record[stream].rstrip())


def run_tests(folder, suites, options=(), environment=None):
    """Runs the tests of a folder that has been built, shows the bad ones, returns the tally."""
    expected = chosen_tests(folder, suites)
    for log in logs_of(folder):
        log.unlink()
    output = run_meson_test(folder, suites, options, environment or {})
    records = read_records(folder)
    total = Tally()
    for record in records:
        timed_out = record["result"] == "TIMEOUT"
        tally, reason = judge(record["stdout"], record["returncode"], timed_out)
        total += tally
        if reason:
            report(record, reason)
    missing = len(expected) - len(records)
    if missing:
        print(f"\n--- {missing} test executables did not run; Meson said:\n{output}")
        total += Tally(failed=missing)
    return total


def close(total):
    """Prints the one line that ends every run; returns the exit status."""
    if total == Tally():
        print("lab: no case ran, which is not a success", file=sys.stderr)
    print(f"\n{total}", flush=True)
    return 0 if total.is_good() else 1


def suites_in(arguments):
    suites = [argument for argument in arguments if argument != "--full"]
    for suite in suites:
        if suite.startswith("-"):
            fail(f"test has no option {suite}; try ./lab test --full", status=2)
    return suites


def test(arguments):
    """test [SUITE...]"""
    suites = suites_in(arguments)
    build(BUILD, ["build.ninja"])
    chosen_tests(BUILD, suites)  # a name that is not known is not worth a build
    build(BUILD)
    return close(run_tests(BUILD, suites))
