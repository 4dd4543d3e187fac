"""Runs the checks of a grader, one process each, and says how each ended.

No check has a time limit. One that hangs is known by this: for a while all its threads sleep and
none of them uses the CPU. A machine that is merely slow lets them wait to run, which is no sleep.
One that spins is ended by its limit of CPU time (grader.c sets it).
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

STUCK_SECONDS = 3.0
STUCK_SHARE = 0.01  # of a CPU: who wakes up now and then, to find nothing, is stuck as well
LOOK_SECONDS = 0.05
TICKS = os.sysconf("SC_CLK_TCK")
RESULT = re.compile(
    r"^(pass|fail|crash) ([^\n:]+:-?\d+): (.*?)(?=^(?:pass|fail|crash) |\Z)", re.M | re.S
)
REPORT = re.compile(r"^.*(?:runtime error: |(?:ERROR|WARNING): \w+Sanitizer: )", re.M)
# What a sanitizer finds ends the process; the report goes to a file of the check's own.
SANITIZED = {
    "ASAN_OPTIONS": "log_path={0}:exitcode=66:detect_leaks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "log_path={0}:exitcode=66:print_stacktrace=1",
    "LSAN_OPTIONS": "exitcode=66",
    "TSAN_OPTIONS": "log_path={0}:exitcode=66:halt_on_error=1:second_deadlock_stack=1",
}


@dataclass
class Outcome:
    """How a check ended: pass, fail, crash, hang, spin or report (of a sanitizer)."""

    check: str
    variant: str
    kind: str
    message: str = ""
    place: str = ""
    steps: list = field(default_factory=list)
    output: str = ""
    report: str = ""
    stacks: str = ""


def list_checks(program):
    ended = subprocess.run([program, "--list"], capture_output=True, text=True, check=True)
    return ended.stdout.split()


def processes_of(session):
    """The processes that a check has started, itself included."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            yield int(folder.name)


def threads_of(process):
    """The folders of its threads; none if it has ended meanwhile."""
    try:
        return list(Path(f"/proc/{process}/task").iterdir())
    except OSError:
        return []


def look_at(session):
    """Returns whether all threads of the session sleep, and the CPU seconds they have used."""
    asleep, used = True, 0
    for process in processes_of(session):
        for thread in threads_of(process):
            try:
                fields = (thread / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            asleep = asleep and fields[0] in "SZXT"
            used += int(fields[11]) + int(fields[12])
    return asleep, used / TICKS


def wait_or_stuck(process):
    """Returns True if the process hangs, False when it has ended."""
    since, at_first = time.monotonic(), None
    while True:
        try:
            process.wait(LOOK_SECONDS)
            return False
        except subprocess.TimeoutExpired:
            pass
        asleep, used = look_at(process.pid)
        now = time.monotonic()
        if at_first is None or not asleep or used - at_first > STUCK_SHARE * STUCK_SECONDS:
            since, at_first = now, used
        elif now - since >= STUCK_SECONDS:
            return True


def stacks_of(session):
    """Where the threads stand, by gdb if there is one."""
    if not shutil.which("gdb"):
        return ""
    text = ""
    for process in processes_of(session):
        command = ["gdb", "-p", str(process), "-batch", "-nx", "-ex", "thread apply all bt 20"]
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, errors="replace",
        )
        text += ended.stdout
    return text


def end_all(process):
    """A check's child has a process group of its own, so each is ended by its own number."""
    for pid in processes_of(process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()


@lru_cache(maxsize=None)
def fixed_addresses():
    """What turns off the kernel's choice of addresses, where that is allowed."""
    command = ["setarch", "-R"]
    try:
        subprocess.run([*command, "true"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return command


def command_of(program, variant):
    # This sanitizer wants its memory where the kernel, by chance, may have put something else.
    return [*(fixed_addresses() if variant == "thread" else []), str(program)]


def read_back(stream):
    stream.seek(0)
    return stream.read(1 << 20).decode("utf-8", "replace")


def run_check(program, check, variant="plain", with_stacks=False):
    """Runs one check of a grader's program."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as out, \
            tempfile.TemporaryFile() as err:
        reports = f"{folder}/report"
        environment = {name: value for name, value in os.environ.items() if "CK_" not in name}
        environment.update({name: text.format(reports) for name, text in SANITIZED.items()})
        process = subprocess.Popen(
            [*command_of(program, variant), check],
            env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True,
        )
        try:
            stuck = wait_or_stuck(process)
            stacks = stacks_of(process.pid) if stuck and with_stacks else ""
        finally:
            end_all(process)
        said = read_back(err)
        report = "".join(
            path.read_text("utf-8", "replace") for path in sorted(Path(folder).glob("report*"))
        )
        # The undefined-behaviour sanitizer, when it is not alone, speaks to standard error.
        begins = None if report else REPORT.search(said)
        if begins:
            said, report = said[: begins.start()], said[begins.start() :]
        outcome = judge(check, variant, process.returncode, read_back(out), stuck, report)
        outcome.stacks = stacks
        lines = said.splitlines()
        outcome.steps = [line[len("step: ") :] for line in lines if line.startswith("step: ")]
        outcome.output = "\n".join(line for line in lines if not line.startswith("step: "))
        return outcome


def judge(check, variant, status, text, stuck, report):
    if stuck:
        return Outcome(check, variant, "hang", "it hangs: every thread waits, and for nothing")
    results = RESULT.findall(text)
    bad = [result for result in results if result[0] != "pass"]
    if report:
        return Outcome(check, variant, "report", report=report)
    if bad:
        kind, place, message = bad[0]
        if "CPU time limit" in message:
            return Outcome(check, variant, "spin", "it spins: it uses the CPU without end", place)
        return Outcome(check, variant, kind, message.strip(), place)
    if status != 0 or not results:
        return Outcome(check, variant, "crash", f"the grader ended with status {status}")
    return Outcome(check, variant, "pass")


def grade(program, variant, checks, with_stacks=False):
    """Runs checks in order and yields their outcomes, up to the first that does not pass."""
    for check in checks:
        outcome = run_check(program, check, variant, with_stacks)
        yield outcome
        if outcome.kind != "pass":
            return
