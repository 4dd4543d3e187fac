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
    wanted = arguments.pop(0)
    if wanted in known:
        return wanted
    found = [name for name in known if wanted.lower() in name.lower()]
    if len(found) != 1:
        fail(f"{'several exercises are' if found else 'no exercise'} {wanted}; {listing}", status=2)
    return found[0]


def solution_of(name):
    return f"my/{name}/solution.c"


def start(arguments):
    """start ID"""
    name = find_exercise(arguments)
    solution = solution_of(name)
    if (ROOT / solution).exists():
        fail(f"{solution} is there already; go on with it, or remove it to start afresh")
    (ROOT / solution).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(EXERCISES / name / "starter.c", ROOT / solution)
    print(f"read exercises/{name}/README.md, edit {solution}, then type: ./lab check {name}")


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
    target.mkdir(parents=True, exist_ok=True)
    compile_c = [*compiler(), *FLAGS, *(f"-I{room}" for room in rooms)]
    learners = str(target / "solution.o")
    sources = [str(path.relative_to(ROOT)) for path in others]
    linked = [*(str(BUILD / library) for library in libraries), *check.stdout.split()]
    for command in (
        [*compile_c, "-c", solution, "-o", learners],
        [*compile_c, *sources, learners, *linked, "-o", str(target / program)],
    ):
        if subprocess.run(command, cwd=ROOT).returncode:
            fail(f"correct {solution}, then type the same again")
    return target / program


def check(arguments):
    """check ID"""
    name = find_exercise(arguments)
    graders = sorted((EXERCISES / name).glob("check_*.c"))
    grader = compile_answer(name, graders, "check")
    environment = {**os.environ, **SPEAKING}
    with progress("checking…"):
        ended = subprocess.run(
            [grader], env=environment, stdout=subprocess.PIPE, text=True, errors="replace"
        )
    print(ended.stdout, end="")
    _, reason = judge(ended.stdout, ended.returncode)
    if reason:
        print(f"not yet: {reason}. Edit {solution_of(name)}, then type: ./lab check {name}")
        return 1
    print(f"solved. See it at work in the server: {how_to_run(name)}")
    return 0


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
