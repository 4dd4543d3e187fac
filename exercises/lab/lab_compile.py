"""Compiles the answers of exercises, each linked with its grader, in several variants.

All but the learner's own file is left to Ninja: it knows what is up to date. The learner's file is
compiled in the foreground, so that the compiler speaks for itself. Answers that come with the
exercises are built in build/answers, the learner's in build/mine, so that neither waits for, or
disturbs, the other.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache

from lab_build import (
    BUILD,
    ROOMS,
    ROOT,
    BuildError,
    build,
    fail,
    progress,
    run_ninja,
    shown,
)
from lab_index import EXERCISES
from lab_test import skips_are_failures

# Defined as man pages have it, without a value: an answer may do so once more.
FLAGS = ["-std=gnu17", "-D_GNU_SOURCE=", "-g", "-Wall", "-Wextra", "-pthread"]
# What is ours has to be as clean as the stages; an answer is held to -Wall -Wextra. In CI a warning
# is an error, elsewhere nobody should have to wait for us to know a newer compiler.
OURS = [
    "-Wshadow",
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Wconversion",
    "-Wvla",
    "-Wformat=2",
    "-Wcast-qual",
]
# Under a sanitizer the code is several times slower, and so is what a check may use of the CPU.
SLOW = ["-fno-omit-frame-pointer", "-DGRADER_CPU_SECONDS=60"]
VARIANTS = {
    "plain": [],
    "ndebug": ["-DNDEBUG", "-O2"],
    "address": ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", *SLOW],
    "thread": ["-fsanitize=thread", *SLOW],
}
VARIANT_WORDS = {
    "plain": "as it is",
    "ndebug": "without assertions, optimised (-DNDEBUG -O2)",
    "address": "under the address and undefined-behaviour sanitizers",
    "thread": "under the thread sanitizer",
}
GRADER = EXERCISES / "grader"
ANSWERS = "answers"
MINE = "mine"  # also the name of the learner's answer


@dataclass(frozen=True)
class Answer:
    """A file that can be graded: name is starter, solution, wrong-NAME, or MINE."""

    exercise: object
    name: str
    path: object
    folder: object = BUILD

    def grader(self, variant):
        return self.folder / self.target(variant)

    @property
    def place(self):
        """The folder of the build folder in which it is made."""
        return MINE if self.name == MINE else ANSWERS

    def target(self, variant):
        """The grader's program, linked with this answer."""
        return f"{self.place}/{variant}/{self.exercise.id}/{self.name}"

    def program(self):
        """The program that ./lab run starts; its name is what ps and top show."""
        return f"{self.place}/run/{self.exercise.id}"

    def object(self, variant, graded):
        """The answer that is a program has one object with its main, one for the grader."""
        kind = "" if graded or self.exercise.main else "-program"
        return f"{self.target(variant)}{kind}"


def answers_of(exercise, folder=BUILD):
    """What comes with the exercise: the starter, the solution, the wrong ones."""
    for name in ("starter", "solution"):
        yield Answer(exercise, name, exercise.folder / f"{name}.c", folder)
    for path in sorted(exercise.folder.glob("wrong/*.c")):
        yield Answer(exercise, f"wrong-{path.stem}", path, folder)


def mine(exercise):
    return Answer(exercise, MINE, exercise.answer)


def room_includes(room):
    folders = [ROOT / room, *(path for path in sorted((ROOT / room).iterdir()) if path.is_dir())]
    return [f"-I{folder.relative_to(ROOT)}" for folder in folders]


def library_of(room):
    return f"{room}/lib{room.partition('-')[0]}.a"


@lru_cache(maxsize=None)
def meson_targets(folder):
    return json.loads((folder / "meson-info" / "intro-targets.json").read_text())


def compiler(folder=BUILD):
    """The compiler that made the libraries, as Meson wrote it down."""
    return meson_targets(folder)[0]["target_sources"][0]["compiler"]


def room_sources(folder, room):
    """The C files of a room's library, those that the build makes included."""
    for target in meson_targets(folder):
        if target["filename"][0].endswith(library_of(room)):
            for group in target["target_sources"]:
                yield from group.get("sources", []) + group.get("generated_sources", [])


@lru_cache(maxsize=None)
def has_variant(variant, folder=BUILD):
    """A compiler may come without the libraries of its sanitizers; nothing else can be lacking, so
    that one which cannot link at all fails instead of having nothing left to check."""
    flags = [flag for flag in VARIANTS[variant] if flag.startswith("-f")]
    if not flags:
        return True
    command = [*compiler(folder), *flags, "-x", "c", "-", "-o", os.devnull]
    source = "int main(void) { return 0; }\n"
    return subprocess.run(command, input=source, text=True, capture_output=True).returncode == 0


def compile_flags(exercise, variant):
    includes = [flag for room in exercise.rooms for flag in room_includes(room)]
    own = [f"-I{folder.relative_to(ROOT)}" for folder in (exercise.folder, GRADER)]
    return [*FLAGS, *VARIANTS[variant], *own, *includes]


def companion_includes(exercise):
    """For the grader alone: an answer sees no header of the tests."""
    folders = dict.fromkeys(path.parent for path in exercise.companions)
    return [f"-I{folder.relative_to(ROOT)}" for folder in folders]


class NinjaFile:
    """Collects the text; each file is compiled once a variant, whoever asks for it."""

    def __init__(self, folder, place):
        self.folder = folder
        self.place = place
        self.errors = ["-Werror"] if place == ANSWERS and skips_are_failures() else []
        self.ours = [*OURS, *self.errors]
        self.base = os.path.relpath(folder, ROOT)
        check = ["pkg-config", "--cflags", "--libs", "check"]
        libs = subprocess.run(check, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        command = " ".join(compiler(folder))
        self.known = set()
        self.lines = [
            f"builddir = {self.base}/{place}",
            f"rule cc\n command = {command} $flags -MMD -MF $out.d -c $in -o $out\n"
            " depfile = $out.d\n deps = gcc",
            f"rule link\n command = {command} $flags $in -o $out {libs}",
            "rule archive\n command = rm -f $out && ar rcs $out $in",
        ]

    def add(self, target, rule, inputs, flags):
        if target not in self.known:
            self.known.add(target)
            self.lines.append(f"build {target}: {rule} {' '.join(inputs)}")
            self.lines.append(f" flags = {' '.join(flags)}")
        return target

    def compile(self, source, target, flags):
        return self.add(f"{self.base}/{target}.o", "cc", [shown(source)], flags)

    def libraries(self, exercise, variant):
        """The thread sanitizer has to see all that threads do: the rooms are made anew for it."""
        rooms = list(reversed(exercise.rooms))
        if variant != "thread":
            return [f"{self.base}/{library_of(room)}" for room in rooms]
        return [self.library(room, variant) for room in rooms]

    def library(self, room, variant):
        level = ROOMS.index(room)
        includes = [flag for below in ROOMS[: level + 1] for flag in room_includes(below)]
        version = '-DREACTOR_LAB_VERSION=\\"answers\\"'
        objects = []
        for source in room_sources(self.folder, room):
            name = os.path.basename(source)
            target = f"{self.base}/{self.place}/{variant}/{room}/{name}.o"
            flags = [*FLAGS, *VARIANTS[variant], *includes, version]
            objects.append(self.add(target, "cc", [os.path.relpath(source, ROOT)], flags))
        library = f"{self.base}/{self.place}/{variant}/{library_of(room)}"
        return self.add(library, "archive", objects, [])

    def grader(self, answer, variant):
        exercise = answer.exercise
        flags = [*compile_flags(exercise, variant), *companion_includes(exercise)]
        place = f"{self.place}/{variant}/{exercise.id}"
        where = f'-DEXERCISE_FOLDER=\\"{exercise.folder}\\"'
        objects = [
            self.compile(path, f"{place}/{path.stem}", [*flags, *self.ours, where])
            for path in exercise.checks
        ]
        for path in exercise.companions:
            objects.append(self.compile(path, f"{place}/{path.stem}", flags))
        for path in sorted(GRADER.glob("*.c")):
            # Compiled once for all exercises, so nothing of one exercise is in its flags.
            shared = [*FLAGS, *self.ours, *VARIANTS[variant]]
            objects.append(self.compile(path, f"{self.place}/{variant}/{path.stem}", shared))
        objects.append(self.answer_object(answer, variant, graded=True))
        libraries = self.libraries(exercise, variant)
        self.add(f"{self.base}/{answer.target(variant)}", "link", objects + libraries, flags)

    def answer_object(self, answer, variant, graded):
        target = answer.object(variant, graded)
        flags = answer_flags(answer, variant, graded)
        if answer.name == MINE:
            return f"{self.base}/{target}.o"  # compiled already
        # Without assertions, what they looked at may be unused.
        errors = self.errors if variant != "ndebug" else []
        return self.compile(answer.path, target, [*flags, *errors])

    def program(self, answer):
        exercise = answer.exercise
        flags = compile_flags(exercise, "plain")
        objects = [self.answer_object(answer, "plain", graded=False)]
        if exercise.main:
            main = f"{self.place}/run/{exercise.id}.main"
            objects.append(self.compile(exercise.main, main, [*flags, *self.ours]))
        libraries = self.libraries(exercise, "plain")
        self.add(f"{self.base}/{answer.program()}", "link", objects + libraries, flags)

    def text(self):
        return "\n".join(self.lines) + "\n"


def answer_flags(answer, variant, graded):
    """An answer that is a program itself has a main; the grader has one too."""
    renamed = ["-Dmain=answer_main"] if graded and not answer.exercise.main else []
    return [*compile_flags(answer.exercise, variant), *renamed]


def compile_with(ninja_file, targets):
    """Raises BuildError."""
    folder = ninja_file.folder
    path = folder / ninja_file.place / "build.ninja"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ninja_file.text(), encoding="utf-8")
    base = os.path.relpath(folder, ROOT)
    wanted = [f"{base}/{target}" for target in targets]
    run_ninja(["-C", str(ROOT), "-f", str(path), *wanted])


def compile_with_grader(answers, variants, programs=True):
    """Makes the programs of answers that come with the exercises. Raises BuildError."""
    folder = answers[0].folder
    ninja = NinjaFile(folder, ANSWERS)
    targets = []
    for answer in answers:
        for variant in variants:
            ninja.grader(answer, variant)
            targets.append(answer.target(variant))
        if programs and answer.name == "solution":
            ninja.program(answer)
            targets.append(answer.program())
    compile_with(ninja, targets)


def build_rooms(exercises):
    """The libraries that these answers are linked with."""
    rooms = {room for exercise in exercises for room in exercise.rooms}
    build(BUILD, [library_of(room) for room in ROOMS if room in rooms] or ["build.ninja"])


def colour():
    wanted = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    return [f"-fdiagnostics-color={'always' if wanted else 'never'}"]


def compile_mine(exercise, variant, graded=True):
    """Compiles the learner's file and links it. Returns the program; ends with what is wrong."""
    answer = mine(exercise)
    path = shown(answer.path)
    target = BUILD / f"{answer.object(variant, graded)}.o"
    target.parent.mkdir(parents=True, exist_ok=True)
    flags = answer_flags(answer, variant, graded)
    # What there is to warn of has been said in the first variant.
    flags = [*flags, *(colour() if variant == "plain" else ["-w"])]
    command = [*compiler(), *flags, "-c", str(path), "-o", str(target)]
    if subprocess.run(command, cwd=ROOT).returncode:
        fail(f"correct {path}, then type the same again")
    ninja = NinjaFile(BUILD, MINE)
    if graded:
        ninja.grader(answer, variant)
        program = answer.target(variant)
    else:
        ninja.program(answer)
        program = answer.program()
    try:
        with progress("linking…", quiet=True):
            compile_with(ninja, [program])
    except BuildError as error:
        print(error, file=sys.stderr)
        fail(f"it compiles, but does not link: does {path} define what its README asks for?")
    return BUILD / program
