"""The index of the exercises: what the folders say, there is no other list.

A folder of exercises/ with a starter.c is an exercise. The letter and digit at the start of its ID
tell the stage whose libraries an answer is linked with (S3-…), or the bug clinic (B-…), which uses
the C library alone. AUTHORS.md describes the files.
"""

import difflib
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lab_build import ROOMS, ROOT, fail

EXERCISES = ROOT / "exercises"
MINE = Path(os.environ.get("LAB_MY") or ROOT / "my").absolute()  # kept elsewhere if you like
SUMMARY = re.compile(r"\*(?:Stage ([1-4])|Bug clinic) · exercise (\d+) · about (\d+) minutes\*$")
COMPANIONS = re.compile(r"^/\* linked-with: ([\w./ -]+) \*/$", re.M)
CLINIC = len(ROOMS)  # it comes behind the last stage


class BadExercise(Exception):
    """A folder that is not what AUTHORS.md asks for; the text says what."""


def first_line(path):
    return path.read_text(encoding="utf-8").partition("\n")[0]


@dataclass(frozen=True)
class Exercise:
    folder: Path

    @property
    def id(self):
        return self.folder.name

    @cached_property
    def stage(self):
        """1 to 4, or CLINIC."""
        kind = re.match(r"(?:S([1-4])|B)-", self.id)
        if not kind:
            raise BadExercise(f"{self.id}: an ID begins with its stage, as in S3-{self.id}, or B-")
        return int(kind[1] or CLINIC)

    @property
    def rooms(self):
        """The rooms an answer may use, from the bottom up."""
        return ROOMS[: self.stage + 1] if self.stage != CLINIC else []

    @cached_property
    def head(self):
        """The README's title without the ID, its place within the stage, its minutes."""
        lines = (self.folder / "README.md").read_text(encoding="utf-8").split("\n", 3)
        title = re.match(rf"# {re.escape(self.id)}: (.+)", lines[0])
        summary = SUMMARY.match(lines[2]) if len(lines) > 2 else None
        if not title or not summary or int(summary[1] or CLINIC) != self.stage:
            raise BadExercise(
                f"{self.id}: README.md begins with '# {self.id}: TITLE', an empty line and"
                " '*Stage N · exercise N · about N minutes*' (or '*Bug clinic · …*')"
            )
        return title[1], int(summary[2]), int(summary[3])

    @property
    def title(self):
        return self.head[0]

    @property
    def place(self):
        return self.stage, self.head[1]

    @property
    def minutes(self):
        return self.head[2]

    @property
    def checks(self):
        return sorted(self.folder.glob("check_*.c"))

    @cached_property
    def companions(self):
        """Files of tests/ that the grader is linked with, as the check_*.c name them."""
        lines = [line for path in self.checks for line in COMPANIONS.findall(path.read_text("utf-8"))]
        return list(dict.fromkeys(ROOT / name for line in lines for name in line.split()))

    @property
    def hints(self):
        return sorted(self.folder.glob("hints/[0-9].md"))

    @property
    def main(self):
        """What puts the answer into a program; None: the answer is a program itself."""
        main = self.folder / "main.c"
        return main if main.exists() else None

    @cached_property
    def variants(self):
        """The builds in which the checks run, in this order."""
        lines = [re.match(r"/\* run-under: ([\w ]+) \*/", first_line(path)) for path in self.checks]
        more = [name for line in lines if line for name in line[1].split()]
        return ["plain", "address", *more]

    @property
    def answer(self):
        """The learner's file."""
        return MINE / self.id / "solution.c"

    def how_to_run(self):
        """The command that shows the answer at work, as main.c (or the program) begins with it."""
        command = re.match(r"/\* (\./lab run .*?) \*/", first_line(self.main) if self.main else "")
        return command[1] if command else f"./lab run {self.id}"


def all_exercises():
    """In the order of the course."""
    found = [Exercise(starter.parent) for starter in EXERCISES.glob("*/starter.c")]
    try:
        return sorted(found, key=lambda exercise: (exercise.place, exercise.id))
    except (BadExercise, OSError) as error:
        fail(str(error))


def find_exercise(arguments):
    """Takes the ID off the arguments: a whole one, or a part that only one has."""
    if not arguments:
        fail("which exercise? ./lab list shows them all", status=2)
    known = {exercise.id: exercise for exercise in all_exercises()}
    return known[find_name(arguments.pop(0), list(known))]


def find_name(typed, known):
    """A part of a name will do if only one has it, and so will a file in the exercise's folder."""
    wanted = re.sub(r"/[^/]+\.\w+$", "", typed).rstrip("/").rpartition("/")[2]
    if wanted in known:
        return wanted
    found = [name for name in known if wanted.lower().replace("_", "-") in name.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        listed = "".join(f"\n  {name}" for name in found)
        fail(f"several exercises are {wanted}:{listed}", status=2)
    near = difflib.get_close_matches(wanted, known, n=1)
    advice = f"did you mean {near[0]}?" if near else "./lab list shows them all"
    fail(f"no exercise {wanted}; {advice}", status=2)
