"""Arrows point down only: common, then stage 1 to 4. Reads the #include lines of the rooms."""

import re

from lab_build import ROOMS, ROOT

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def files_of(room, pattern):
    return sorted((ROOT / room).rglob(pattern))


def find_header(name, path, rooms):
    """Finds the header that the name stands for in path: beside it, or the first in these rooms."""
    beside = path.parent / name
    if beside.exists():
        return beside.resolve()
    for room in rooms:
        for header in files_of(room, "*.h"):
            if header.as_posix().endswith("/" + name):
                return header.resolve()
    return None


def includes(path):
    return INCLUDE.findall(path.read_text(encoding="utf-8"))


def upward_includes():
    """Returns a line of text for each include that reaches up the staircase."""
    problems = []
    for stage, room in enumerate(ROOMS):
        visible, later = ROOMS[: stage + 1], ROOMS[stage + 1 :]
        for path in files_of(room, "*.[ch]"):
            for name in includes(path):
                if find_header(name, path, visible):
                    continue
                if find_header(name, path, later):
                    problems.append(f'{path.relative_to(ROOT)} includes "{name}" of a later room')
    return problems


def header_cycles():
    """Returns a line of text for each header that includes itself by way of others."""
    headers = [header.resolve() for room in ROOMS for header in files_of(room, "*.h")]
    below = {
        header: {find_header(name, header, ROOMS) for name in includes(header)} - {None}
        for header in headers
    }
    return [
        f"{header.relative_to(ROOT.resolve())} includes itself by way of others"
        for header in headers
        if header in reachable(below, header)
    ]


def reachable(below, start):
    """All that can be reached from start in one step or more."""
    seen = set()
    waiting = set(below[start])
    while waiting:
        header = waiting.pop()
        if header not in seen:
            seen.add(header)
            waiting |= below.get(header, set())
    return seen
