"""./lab test --full: the same tests under two compilers, two sets of sanitizers and NDEBUG, two
checks of the text, its layout and its layering, the exercises' solutions many times, a short run of
each fuzz target and of each scenario of the benchmark."""

import shutil
import subprocess
import time
from dataclasses import dataclass, field

import bench
import lab_author
import lab_fuzz
import lab_layers
from lab_build import ROOMS, ROOT, BuildError, compile_targets, configure, progress
from lab_test import Tally, close, run_tests, suites_in

# Code under a sanitizer is several times slower, more so where all of it shares two processors;
# both Meson and Check have a time limit. What a sanitizer finds ends the program, so that it cannot
# be overlooked.
PATIENT = ("--timeout-multiplier", "6")
SANITIZED = {
    "CK_TIMEOUT_MULTIPLIER": "6",
    "ASAN_OPTIONS": "halt_on_error=1:detect_leaks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


# A grader that is right most of the time is wrong.
SOLUTION_REPEATS = 20


@dataclass
class Configuration:
    name: str
    compiler: str
    setup: tuple
    test: tuple = ()
    environment: dict = field(default_factory=dict)


CONFIGURATIONS = [
    Configuration("gcc", "gcc", ("-Dwerror=true",)),
    Configuration("clang", "clang", ("-Dwerror=true",)),
    Configuration("asan", "gcc", ("-Db_sanitize=address,undefined",), PATIENT, SANITIZED),
    # clang brings the sanitizer's functions only when it links a program: b_lundef=false.
    Configuration(
        "tsan", "clang", ("-Db_sanitize=thread", "-Db_lundef=false"), PATIENT, SANITIZED
    ),
    Configuration("ndebug", "gcc", ("-Db_ndebug=true", "-Dwerror=true", "-Dbuildtype=release")),
]


def try_configuration(configuration, suites):
    """Builds and tests one configuration; one that does not build is a failed case."""
    folder = ROOT / f"build-{configuration.name}"
    environment = {"CC": configuration.compiler}
    try:
        with progress(f"building {folder.name}…"):
            configure(folder, configuration.setup, environment)
            compile_targets(folder)
    except BuildError as error:
        print(error)
        print(f"--- {configuration.name}: does not build")
        return Tally(failed=1)
    wrapper = ()
    if configuration.name == "tsan" and not runs_as_it_is(folder):
        wrapper = ("--wrapper", "setarch -R")
    options = (*configuration.test, *wrapper)
    tally = run_tests(folder, suites, options, configuration.environment)
    if tally.passed == tally.failed == 0:
        print(f"--- {configuration.name}: no case ran")
        tally += Tally(failed=1)
    return tally


def runs_as_it_is(folder):
    """False if the kernel places memory where this thread sanitizer does not expect it.

    That depends on chance, hence several attempts. `setarch -R` places it without chance.
    """
    server = folder / ROOMS[1] / ROOMS[1]
    attempts = [subprocess.run([server, "--version"], capture_output=True) for _ in range(10)]
    return not any(b"unexpected memory mapping" in attempt.stderr for attempt in attempts)


def source_files():
    """All C files but the learner's own in my/, which are not ours to judge."""
    for folder in (*ROOMS, "exercises", "tests"):
        yield from sorted((ROOT / folder).rglob("*.[ch]"))


def check_format():
    """One case: clang-format would leave every C file as it is."""
    if not shutil.which("clang-format"):
        print("--- formatting: clang-format is missing")
        return Tally(failed=1)
    files = [str(path.relative_to(ROOT)) for path in source_files()]
    command = ["clang-format", "--dry-run", "--Werror", *files]
    ended = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL)
    if ended.returncode:
        print("--- formatting: clang-format -i on the files above corrects them")
        return Tally(failed=1)
    return Tally(passed=1)


def check_layering():
    """Two cases: no room includes a header of a later one; no header includes itself."""
    total = Tally()
    for problems in (lab_layers.upward_includes(), lab_layers.header_cycles()):
        total += Tally(failed=1) if problems else Tally(passed=1)
        for problem in problems:
            print(f"--- layering: {problem}")
    return total


def check_graders():
    """The solutions of the exercises again and again, and under the sanitizers."""
    rows = lab_author.verify_repeatedly(SOLUTION_REPEATS)
    for exercise, name, _, problem in rows:
        if problem:
            print(f"--- {exercise.id}: {name}: {problem}")
    failed = sum(1 for row in rows if row[3])
    return Tally(len(rows) - failed, failed)


def timed(name, function, *arguments):
    """Runs one line of the table and returns it: name, tally, seconds."""
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    tally = function(*arguments)
    return name, tally, time.monotonic() - start


def print_table(rows):
    print(f"\n{'configuration':<15}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for name, tally, seconds in rows:
        print(f"{name:<15}{tally.passed:>8}{tally.failed:>8}{tally.skipped:>9}{seconds:>9.0f}")


def test_everything(arguments):
    """test --full [SUITE...]"""
    suites = suites_in(arguments)
    rows = [timed("formatting", check_format), timed("layering", check_layering)]
    for configuration in CONFIGURATIONS:
        rows.append(timed(configuration.name, try_configuration, configuration, suites))
    rows.append(timed("graders", check_graders))
    rows.append(timed("fuzz", lab_fuzz.fuzz_briefly))
    rows.append(timed("bench", bench.smoke))
    print_table(rows)
    return close(sum((tally for _, tally, _ in rows), Tally()))
