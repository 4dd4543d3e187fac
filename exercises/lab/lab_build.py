"""Building with Meson and Ninja, and the few habits that all commands of ./lab share.

Standard output belongs to the servers and to the tests' results; what ./lab says while it works
goes to standard error.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).absolute().parents[2]
# Another build folder than ours is for the tests of ./lab.
BUILD = Path(os.environ.get("LAB_BUILD") or ROOT / "build").absolute()

# From the bottom up: a room sees itself and those before it. The index is the stage.
ROOMS = [
    "common",
    "stage1-single-reactor",
    "stage2-dispatchers",
    "stage3-thread-pool",
    "stage4-http",
]


def shown(path):
    """A path as the learner types it in the root of the repository."""
    return os.path.relpath(path, ROOT)


def fail(message, status=1):
    print(f"lab: {message}", file=sys.stderr)
    sys.exit(status)


def write_whole(path, text):
    """Writes to a new file first: being interrupted, or a full disk, loses and leaves nothing."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def can_forget():
    """Whether what is shown for a moment can be taken back, and disturbs no pipe meanwhile."""
    streams = sys.stdout.isatty() and sys.stderr.isatty()
    return streams and os.environ.get("TERM", "dumb") != "dumb"


def show_for_now(text):
    """One line, cut to the terminal: of a longer one only the last row could be taken back."""
    columns = shutil.get_terminal_size().columns
    print(f"\r\033[K{text[:columns - 1]}", end="", file=sys.stderr, flush=True)


@contextlib.contextmanager
def progress(text, quiet=False):
    """Shows text while the block runs; a terminal forgets it again, a log keeps it as a line,
    unless it is to be quiet."""
    terminal = can_forget()
    if terminal:
        show_for_now(text)
    elif not quiet:
        print(text, file=sys.stderr, flush=True)
    try:
        yield
    finally:
        if terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def become(program, arguments):
    """Turns this process into the program, so that its signals and exit status are its own."""
    sys.stdout.flush()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and exec would pass that on.
    os.execv(program, [str(program), *arguments])


class BuildError(Exception):
    """A set-up or a compilation failed; the text is what the tool printed."""


def quietly(command, environment=None):
    """Runs a tool whose output matters only if it fails."""
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if ended.returncode:
        raise BuildError(ended.stdout)


def is_usable(folder):
    """False if its set-up was cut short, or if the repository has been moved since."""
    try:
        information = json.loads((folder / "meson-info" / "meson-info.json").read_text())
    except (OSError, ValueError):
        return False
    made_for = Path(information["directories"]["source"])
    return (folder / "build.ninja").exists() and made_for.exists() and made_for.samefile(ROOT)


def configure(folder, options=(), environment=None):
    if is_usable(folder):
        return
    shutil.rmtree(folder, ignore_errors=True)
    quietly(["meson", "setup", str(folder), str(ROOT), *options], environment)


def ninja_command():
    names = ("ninja", "ninja-build", "samu")
    return next(filter(None, map(shutil.which, names)), "ninja")


def run_ninja(options):
    """Raises BuildError. A terminal sees how far it is."""
    command = [ninja_command(), *options]
    output = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as ninja:
        for line in ninja.stdout:
            step = re.match(r"\[(\d+/\d+)\]", line)
            if step and can_forget():
                show_for_now(f"building… {step[1]}")
            # The lines of the steps that went well would only hide the others.
            if not step and not line.startswith("ninja: Entering"):
                output.append(line)
    if ninja.returncode:
        raise BuildError("".join(output))


def compile_targets(folder, targets=()):
    run_ninja(["-C", str(folder), *targets])


@contextlib.contextmanager
def alone(name):
    """Only one ./lab at a time runs the block: another terminal's waits for its turn."""
    folder = ROOT / ".lab"
    try:
        folder.mkdir(exist_ok=True)
        lock = open(folder / f"{name}.lock", "w", encoding="utf-8")
    except OSError as error:
        fail(f"cannot write to {folder.name}/: {error.strerror}")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(folder, targets=()):
    """Builds some targets, or all, or ends with what the compiler printed."""
    try:
        with progress("building…"), alone("build"):
            configure(folder)
            compile_targets(folder, targets)
    except BuildError as error:
        print(error, file=sys.stderr)
        fail("the build failed, as shown above; correct it and type the same again")
