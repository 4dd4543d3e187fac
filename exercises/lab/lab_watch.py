"""./lab watch: grades an answer each time it is saved.

It looks at the file a few times a second instead of asking the kernel to be told: that works on
network and container file systems too, and with editors that save by replacing the file.
"""

import contextlib
import os
import select
import subprocess
import sys
import termios
import tty

import lab_exercise
from lab_build import fail, shown
from lab_index import find_exercise
from lab_progress import current, following, states
from lab_terminal import paint

LOOK_SECONDS = 0.3
KEYS = "n next   h hint   l list   r run   Enter check   q quit"


@contextlib.contextmanager
def single_keys():
    """Keys arrive without Enter while the block runs; where there is no terminal, none arrive."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


@contextlib.contextmanager
def whole_lines():
    """The other way round, for a program that is started from here."""
    if not sys.stdin.isatty():
        yield
        return
    now = termios.tcgetattr(sys.stdin)
    usual = termios.tcgetattr(sys.stdin)
    usual[3] |= termios.ICANON | termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, usual)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, now)


def stamp(path):
    """Changes when the file is saved; None while it is not there."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def key_within(seconds):
    """Returns the key that was pressed, or "" when the time is over."""
    if not sys.stdin.isatty():
        select.select([], [], [], seconds)
        return ""
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return os.read(sys.stdin.fileno(), 1).decode("ascii", "ignore") or "q" if readable else ""


def attempt(action, *arguments):
    """Runs a command of ./lab; where that would end it with an error, watching goes on."""
    try:
        return action(*arguments)
    except SystemExit:
        return None


def check(exercise):
    if sys.stdout.isatty():
        print("\033[2J\033[H", end="")
    print(paint(f"{shown(exercise.folder)}/README.md · {shown(exercise.answer)}", "faint"))
    attempt(lab_exercise.check, [exercise.id])
    tell_keys()


def tell_keys():
    if sys.stdin.isatty():
        print(paint(f"\nwaiting for you to save · {KEYS}", "faint"))
    else:
        print("\nwaiting for you to save; Ctrl-C ends")
    sys.stdout.flush()


def run_program(exercise):
    """Starts the answer at work, until it ends or Ctrl-C ends it."""
    prepared = attempt(lab_exercise.prepare_run, [exercise.id])
    if prepared:
        program, options = prepared
        print("Ctrl-C ends it")
        with whole_lines(), subprocess.Popen([program, *options]) as process:
            while process.poll() is None:
                # Ctrl-C is for the program too, which ends in its own way.
                with contextlib.suppress(KeyboardInterrupt):
                    process.wait()
    tell_keys()


def move_on(exercise):
    """Returns the exercise behind this one, started if it was not."""
    upcoming = following(states(), exercise)
    if not upcoming:
        print("nothing is left: every other exercise is solved")
        return exercise
    if not upcoming.answer.exists():
        attempt(lab_exercise.start, [upcoming.id])
    return upcoming


def watch(arguments):
    """watch [ID]"""
    exercise = find_exercise(arguments) if arguments else current(states())
    if exercise is None:
        fail("every exercise is solved; name the one to watch", status=2)
    if arguments:
        fail(f"one exercise at a time; what is {' '.join(arguments)}?", status=2)
    if not exercise.answer.exists():
        lab_exercise.start([exercise.id])
    with single_keys(), contextlib.suppress(KeyboardInterrupt):
        watch_on(exercise)
    print("later: ./lab watch")
    return 0


def watch_on(exercise):
    """Until q; Ctrl-C is as good."""
    seen = None
    leaving = False
    while True:
        saved = stamp(exercise.answer)
        if saved != seen:
            seen = saved
            if saved:
                check(exercise)
            else:
                print(f"{shown(exercise.answer)} is gone; ./lab start {exercise.id} makes a new one")
            continue
        key = key_within(LOOK_SECONDS)
        if key == "q":
            return
        if key == "n" and states()[exercise] != "solved" and not leaving:
            print(f"{exercise.id} is not solved; n once more leaves it for now")
            leaving = True
            continue
        leaving = leaving and not key
        if key == "n":
            exercise, seen = move_on(exercise), None
        elif key == "h":
            attempt(lab_exercise.hint, [exercise.id])
            tell_keys()
        elif key == "l":
            attempt(lab_exercise.list_all, [])
            tell_keys()
        elif key == "r":
            run_program(exercise)
        elif key == "\n":
            check(exercise)
