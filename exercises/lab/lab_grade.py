"""Runs the checks of a grader, one process each, and says how each ended.

No check has a time limit. One that hangs is known by this: again and again its threads are seen
asleep, and hardly use the CPU. A machine that is merely slow lets them wait to run, which is no
sleep; and where this program itself is slow, it looks as many times, which takes longer. A check
that spins is ended by its limit of CPU time (grader.c sets it).
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

LOOK_SECONDS = 0.05
TICKS = os.sysconf("SC_CLK_TCK")
RESULT = re.compile(
    r"^(pass|fail|crash) ([^\n:]+:-?\d+): (.*?)(?=^(?:pass|fail|crash) |\Z)", re.M | re.S
)
REPORT = re.compile(r"^.*(?:runtime error: |(?:ERROR|WARNING): \w+Sanitizer: )", re.M)
NOT_LISTED = "the grader does not come to its checks: code of the answer runs before main"
# What a sanitizer finds ends the process; the report goes to a file of the check's own. Those of
# clang find the lines of a program by addr2line where there is no llvm-symbolizer.
COMMON = "log_path={0}:exitcode=66:allow_addr2line=1"
SANITIZED = {
    "ASAN_OPTIONS": f"{COMMON}:detect_leaks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": f"{COMMON}:print_stacktrace=1",
    "LSAN_OPTIONS": "exitcode=66",
    "TSAN_OPTIONS": f"{COMMON}:halt_on_error=1:second_deadlock_stack=1",
}


@dataclass(frozen=True)
class Stuck:
    """What a check is like that gets nowhere, over so many looks at it in a row."""

    looks: int
    idle: str  # the states of a thread, as in /proc/PID/stat, that are no work
    awake: float  # of the looks: at most so many find a thread in another state
    share: float  # of a CPU: at most so much is used


ASLEEP = "SZXT"
STUCK = [
    Stuck(60, ASLEEP, awake=0.0, share=0.01),
    # It wakes up to look for what does not come, and sleeps again.
    Stuck(200, ASLEEP, awake=0.25, share=0.3),
    # A disk can be slow; but nobody waits so long for one, only for a child of vfork.
    Stuck(1200, ASLEEP + "D", awake=0.0, share=0.01),
]


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


def fields_of(stat):
    """What follows the name in a /proc/…/stat: the state, the parent… None if it has gone."""
    try:
        return stat.read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None


def processes_of(session):
    """The processes that a check has started, itself included: their folders and fields."""
    for folder in Path("/proc").glob("[0-9]*"):
        fields = fields_of(folder / "stat")
        if fields and int(fields[3]) == session:
            yield folder, fields


def states_of(process):
    """The states of its threads; none if it has ended meanwhile."""
    with contextlib.suppress(OSError):
        for thread in (process / "task").iterdir():
            fields = fields_of(thread / "stat")
            if fields:
                yield fields[0]


def look_at(session):
    """Returns the states of all threads of the session, and the CPU seconds it has used, those of
    threads and children that have ended included."""
    states, used = set(), 0
    for process, fields in processes_of(session):
        states.update(states_of(process))
        used += sum(map(int, fields[11:15]))
    return states, used / TICKS


def is_stuck(looks, stuck):
    if len(looks) < stuck.looks:
        return False
    last = list(looks)[-stuck.looks :]
    awake = sum(not states <= set(stuck.idle) for states, _ in last)
    used = last[-1][1] - last[0][1]
    return awake <= stuck.awake * stuck.looks and used <= stuck.share * stuck.looks * LOOK_SECONDS


def wait_or_stuck(process):
    """Returns True if the process hangs, False when it has ended."""
    looks = deque(maxlen=max(stuck.looks for stuck in STUCK))
    while True:
        try:
            process.wait(LOOK_SECONDS)
            return False
        except subprocess.TimeoutExpired:
            looks.append(look_at(process.pid))
        if any(is_stuck(looks, stuck) for stuck in STUCK):
            return True


def stacks_of(session):
    """Where the threads stand, by gdb if there is one."""
    if not shutil.which("gdb"):
        return ""
    text = ""
    for process, _ in processes_of(session):
        if "D" in states_of(process):  # gdb would wait for it too
            continue
        command = ["gdb", "-p", process.name, "-batch", "-nx", "-ex", "thread apply all bt 20"]
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, errors="replace",
        )
        text += ended.stdout
    return text


def end_all(process):
    """A check's child has a process group of its own, so each is ended by its own number; again and
    again, for one that is not ended yet may start another."""
    process.kill()
    process.wait()
    while left := [folder for folder, _ in processes_of(process.pid) if is_alive(folder)]:
        for folder in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(folder.name), signal.SIGKILL)


def is_alive(process):
    """A process of which only the entry is left waits for its parent, maybe for ever."""
    return any(state not in "ZX" for state in states_of(process))


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


def environment_of(reports):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CK_")}
    return {**kept, **{name: text.format(reports) for name, text in SANITIZED.items()}}


def read_back(stream):
    stream.seek(0)
    return stream.read(1 << 20).decode("utf-8", "replace")


@dataclass
class Run:
    """What became of a grader's program, and what it said where."""

    status: int
    stuck: bool
    stacks: str
    out: str
    err: str
    report: str


def run_grader(program, argument, variant, with_stacks=False):
    """Runs a grader's program to its end, or until it is stuck."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as out, \
            tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            [*command_of(program, variant), argument],
            env=environment_of(f"{folder}/report"), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True,
        )
        try:
            stuck = wait_or_stuck(process)
            stacks = stacks_of(process.pid) if stuck and with_stacks else ""
        finally:
            end_all(process)
        report = "".join(
            path.read_text("utf-8", "replace") for path in sorted(Path(folder).glob("report*"))
        )
        return Run(process.returncode, stuck, stacks, read_back(out), read_back(err), report)


def list_checks(program, variant="plain"):
    """Their names, in order; none if the program does not come so far, or says something else:
    there may be code in an answer that runs before main."""
    run = run_grader(program, "--list", variant)
    names = run.out.splitlines()
    fine = run.status == 0 and all(name.isidentifier() for name in names)
    return names if fine else []


def run_check(program, check, variant="plain", with_stacks=False):
    """Runs one check of a grader's program."""
    run = run_grader(program, check, variant, with_stacks)
    # The undefined-behaviour sanitizer, when it is not alone, speaks to standard error.
    begins = None if run.report else REPORT.search(run.err)
    if begins:
        run.err, run.report = run.err[: begins.start()], run.err[begins.start() :]
    outcome = judge(check, variant, run)
    outcome.stacks = run.stacks
    lines = run.err.splitlines()
    outcome.steps = [line[len("step: ") :] for line in lines if line.startswith("step: ")]
    outcome.output = "\n".join(line for line in lines if not line.startswith("step: "))
    return outcome


def judge(check, variant, run):
    if run.stuck:
        return Outcome(check, variant, "hang", "it hangs: every thread waits, and for nothing")
    results = RESULT.findall(run.out)
    bad = [result for result in results if result[0] != "pass"]
    if run.report:
        return Outcome(check, variant, "report", report=run.report)
    if bad:
        kind, place, message = bad[0]
        if "CPU time limit" in message:
            return Outcome(check, variant, "spin", "it spins: it uses the CPU without end", place)
        return Outcome(check, variant, kind, message.strip(), place)
    if run.status != 0 or not results:
        return Outcome(check, variant, "crash", f"the grader ended with status {run.status}")
    return Outcome(check, variant, "pass")


def grade(program, variant, checks, with_stacks=False):
    """Runs checks in order and yields their outcomes, up to the first that does not pass."""
    for check in checks:
        outcome = run_check(program, check, variant, with_stacks)
        yield outcome
        if outcome.kind != "pass":
            return


def first_failure(program, variant):
    """Returns the outcome of the first check that does not pass, or None."""
    checks = list_checks(program, variant)
    if not checks:
        return Outcome("main", variant, "crash", NOT_LISTED)
    return next((end for end in grade(program, variant, checks) if end.kind != "pass"), None)
