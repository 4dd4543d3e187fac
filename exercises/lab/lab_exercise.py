"""The exercises: start copies a starter to my/ID/, check grades it, run puts it into the server.

A folder of exercises/ with a starter.c is an exercise; there is no list to keep in step. The digit
at the start of its ID (S3-…) is the stage whose libraries the answer is linked with. Besides the
starter there is main.c, which starts the real server with the answer in it, and check_*.c, which
grades it.
"""

import json
import os
import re
import shutil
import subprocess
import textwrap

from lab_build import BUILD, ROOMS, ROOT, become, build, fail, progress
from lab_test import SPEAKING, judge

EXERCISES = ROOT / "exercises"
FLAGS = ["-std=gnu17", "-D_GNU_SOURCE", "-g", "-Wall", "-Wextra", "-pthread"]


def find_exercise(arguments):
    """Takes the ID off the arguments: a whole one, or a part that only one has."""
    known = sorted(starter.parent.name for starter in EXERCISES.glob("*/starter.c"))
    listing = f"the exercises are: {' '.join(known)}"
    if not arguments:
        fail(f"which exercise? {listing}", status=2)
    wanted = arguments.pop(0).strip("/")
    if wanted in known:
        return wanted
    found = [name for name in known if wanted.lower() in name.lower()]
    if len(found) != 1:
        fail(f"{'several exercises are' if found else 'no exercise'} {wanted}; {listing}", status=2)
    return found[0]


def solution_of(name):
    return f"my/{name}/solution.c"


def find_only_exercise(arguments):
    name = find_exercise(arguments)
    if arguments:
        fail(f"one exercise at a time; what is {' '.join(arguments)}?", status=2)
    return name


def start(arguments):
    """start ID"""
    name = find_only_exercise(arguments)
    solution = solution_of(name)
    if (ROOT / solution).exists():
        fail(f"{solution} is there already; go on with it, or remove it to start afresh")
    starter = (EXERCISES / name / "starter.c").read_text()
    # The first line is for the test of the grader: which check the starter has to fail.
    text = starter.partition("\n")[2] if starter.startswith("/* fails-at:") else starter
    try:
        (ROOT / solution).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / solution).write_text(text)
    except OSError as error:
        fail(f"cannot write {solution}: {error.strerror}")
    print(f"read exercises/{name}/README.md, edit {solution}, then type:\n  ./lab check {name}")


def learner_rooms(name):
    """The rooms an answer may use, from the bottom up."""
    stage = re.match(r"S([1-4])-", name)
    if not stage:
        fail(f"exercises/{name}: an ID begins with its stage, as in S3-{name}")
    return ROOMS[: int(stage[1]) + 1]


def library_of(room):
    return f"{room}/lib{room.partition('-')[0]}.a"


def compiler():
    """The compiler that made the libraries, as Meson wrote it down."""
    targets = json.loads((BUILD / "meson-info" / "intro-targets.json").read_text())
    command = targets[0]["target_sources"][0]["compiler"]
    return command + (["-fdiagnostics-color=never"] if "NO_COLOR" in os.environ else [])


def compile_answer(name, others, program):
    """Compiles the learner's file, then the others, and links them with the stages' libraries.

    The compiler speaks for itself; it is called in the root of the repository, so that the names
    in its messages can be clicked.
    """
    rooms = learner_rooms(name)
    solution = solution_of(name)
    if not (ROOT / solution).exists():
        fail(f"{solution} is not there; type ./lab start {name} first")
    libraries = [library_of(room) for room in reversed(rooms)]
    build(BUILD, libraries)
    check = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "check"], stdout=subprocess.PIPE, text=True, check=True
    )
    target = BUILD / "my" / name
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(f"cannot write to {target.relative_to(ROOT)}: {error.strerror}")
    compile_c = [*compiler(), *FLAGS, *(f"-I{room}" for room in rooms)]
    learners = str(target / "solution.o")
    sources = [str(path.relative_to(ROOT)) for path in others]
    linked = [*(str(BUILD / library) for library in libraries), *check.stdout.split()]
    if subprocess.run([*compile_c, "-c", solution, "-o", learners], cwd=ROOT).returncode:
        fail(f"correct {solution}, then type the same again")
    link = [*compile_c, *sources, learners, *linked, "-o", str(target / program)]
    if subprocess.run(link, cwd=ROOT).returncode:
        fail(f"it compiles, but does not link: does {solution} define what its README asks for?")
    return target / program


def check(arguments):
    """check ID"""
    name = find_only_exercise(arguments)
    graders = sorted((EXERCISES / name).glob("check_*.c"))
    grader = compile_answer(name, graders, "check")
    environment = {**os.environ, **SPEAKING}
    with progress("checking…"):
        ended = subprocess.run(
            [grader], env=environment, stdout=subprocess.PIPE, text=True, errors="replace"
        )
    print_failures(ended.stdout)
    _, reason = judge(ended.stdout, ended.returncode)
    if reason:
        print(f"not yet: {reason}. Edit {solution_of(name)}, then type:\n  ./lab check {name}")
        return 1
    print(f"solved. See it at work in the server:\n  {how_to_run(name)}")
    return 0


# FILE:LINE:KIND:CASE:NAME:ITERATION: MESSAGE; a message may have more lines.
FAILURE = re.compile(r"^([^:\n]+:\d+):[FE]:[^:]*:([^:]*):-?\d+: ", re.MULTILINE)


def print_failures(text):
    """What Check says of each failed check, its name first, folded to the terminal."""
    width = min(shutil.get_terminal_size().columns, 100)
    fold = textwrap.TextWrapper(width, initial_indent="    ", subsequent_indent="    ")
    parts = FAILURE.split(text)[1:]
    for place, name, message in zip(parts[::3], parts[1::3], parts[2::3]):
        print(f"\u2717 {name}")
        for line in [*message.strip().split("\n"), f"({place})"]:
            print(fold.fill(line))
        print()


def how_to_run(name):
    """The first line of main.c is a comment that shows the command with its options."""
    with open(EXERCISES / name / "main.c", encoding="utf-8") as main:
        return main.readline().strip("/* \n")


def run(arguments):
    """run ID [OPTIONS]: everything after the ID, or after --, goes to the server."""
    name = find_exercise(arguments)
    if arguments and arguments[0] == "--":
        arguments.pop(0)
    server = compile_answer(name, [EXERCISES / name / "main.c"], "server")
    become(server, arguments)
