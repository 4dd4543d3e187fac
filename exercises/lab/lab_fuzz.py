"""./lab fuzz: lets libFuzzer look for an input on which a rule of tests/fuzz/ is broken.

It starts from the kept corpus, tests/fuzz/corpus/TARGET/, and never writes there: the inputs it
adds because they reach new code go to .lab/fuzz/TARGET/, so that the next run goes on from them.
"""

import os
import re
import shutil
import subprocess

from lab_build import ROOT, BuildError, compile_targets, configure, fail, progress
from lab_test import Tally

SOURCES = ROOT / "tests" / "fuzz"
BUILD = ROOT / "build-fuzz"
FOUND = ROOT / ".lab" / "fuzz"
SECONDS = 60  # for all targets together
BRIEF = 10  # for each, as a part of ./lab test --full
# Long enough to pass every limit that the targets test with, short enough for many runs a second.
LONGEST = {"parser": 1024, "body": 5000}
LONGEST_OTHERS = 512

DONE = re.compile(r"^stat::number_of_executed_units:\s*(\d+)", re.MULTILINE)
COVERED = re.compile(r"^#\d+\s+\w+\s+cov: (\d+)", re.MULTILINE)
WRITTEN = re.compile(r"Test unit written to (.+)")
BROKEN = re.compile(r"^(broken rule: .*|SUMMARY: .*)", re.MULTILINE)


def known_targets():
    return sorted(path.name for path in (SOURCES / "corpus").iterdir() if path.is_dir())


def relative(path):
    return os.path.relpath(path, ROOT)


def program_of(target):
    return BUILD / "tests" / "fuzz" / f"fuzz_{target}"


def build_targets(targets):
    with progress(f"building {BUILD.name}…"):
        configure(BUILD, ("-Dfuzz=true", "-Db_lundef=false"), {"CC": "clang"})
        compile_targets(BUILD, [str(program_of(target).relative_to(BUILD)) for target in targets])


def run_target(target, seconds):
    """Returns libFuzzer's exit status and all that it printed."""
    folder = FOUND / target
    scratch = FOUND / "tmp"  # a target that is ended by a find cannot tidy up
    shutil.rmtree(scratch, ignore_errors=True)
    for needed in (folder, scratch):
        needed.mkdir(parents=True, exist_ok=True)
    command = [
        program_of(target),
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST.get(target, LONGEST_OTHERS)}",
        f"-dict={SOURCES / 'http.dict'}",
        f"-artifact_prefix={FOUND}/{target}-",
        "-timeout=10",
        "-print_final_stats=1",
        folder,
        SOURCES / "corpus" / target,
    ]
    with subprocess.Popen(
        command,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C is for ./lab, which ends the target
    ) as fuzzer:
        try:
            output = fuzzer.communicate()[1]
        except KeyboardInterrupt:
            fuzzer.terminate()
            fuzzer.communicate()
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return fuzzer.returncode, output


def last(pattern, text, otherwise="?"):
    found = pattern.findall(text)
    return found[-1] if found else otherwise


def fuzz_target(target, seconds):
    """Prints a line for the target, more if it found something; returns whether it did not."""
    with progress(f"fuzzing {target} for {seconds} s…"):
        status, output = run_target(target, seconds)
    found = WRITTEN.search(output)
    result = "ok" if status == 0 else "found an input" if found else f"exit status {status}"
    executions, coverage = last(DONE, output), last(COVERED, output)
    print(f"{target:<12}{executions:>12}{coverage:>10}  {result}", flush=True)
    if status == 0:
        return True
    if not found:
        print(output)
        return False
    for line in BROKEN.findall(output):
        print(f"  {line}")
    find = relative(found[1])
    print(f"  {find}\n  see it again with: {relative(program_of(target))} {find}")
    return False


def fuzz_targets(targets, seconds_each):
    """Builds the targets and runs one after the other; a target without a find has passed."""
    if not shutil.which("clang"):
        print("--- fuzz: clang is missing, which libFuzzer is a part of")
        return Tally(failed=1)
    try:
        build_targets(targets)
    except BuildError as error:
        print(f"{error}\n--- {BUILD.name}: does not build")
        return Tally(failed=1)
    print(f"{'target':<12}{'executions':>12}{'coverage':>10}  result")
    good = [fuzz_target(target, seconds_each) for target in targets]
    return Tally(passed=good.count(True), failed=good.count(False))


def fuzz_briefly():
    """One line of the table of ./lab test --full: a case a target."""
    return fuzz_targets(known_targets(), BRIEF)


def fuzz(arguments):
    """fuzz [SECONDS] [TARGET...]"""
    seconds = SECONDS
    if arguments and arguments[0].isdigit():
        seconds = int(arguments.pop(0))
    targets = arguments or known_targets()
    for target in targets:
        if target not in known_targets():
            fail(f"no target {target}; the targets are: {' '.join(known_targets())}", status=2)
    # libFuzzer takes 0 seconds for no limit at all.
    tally = fuzz_targets(targets, max(1, seconds // len(targets)))
    print(f"\n{tally}")
    return 0 if tally.is_good() else 1
