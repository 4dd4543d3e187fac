"""What ./lab knows of the terminal: its width, and whether colours are welcome."""

import os
import re
import shutil
import sys
import textwrap

COLOURS = {"green": "32", "red": "31", "yellow": "33", "blue": "36", "bold": "1", "faint": "2"}
WIDEST = 100


def width():
    return max(20, min(shutil.get_terminal_size((80, 24)).columns, WIDEST))


def wants_colour(stream):
    """https://no-color.org: set and not empty means none."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text, colour):
    if not text or not wants_colour(sys.stdout):
        return text
    return f"\033[{COLOURS[colour]}m{text}\033[0m"


def fold(text, indent="", hanging=None):
    """Wraps a paragraph to the terminal; words that are too long, as commands are, stay whole."""
    return textwrap.fill(
        text,
        width(),
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def fold_markdown(text):
    """The little Markdown of a hint: paragraphs, lists, and code, which is not wrapped."""
    blocks = re.split(r"^```\w*\n(.*?)^```$", text, flags=re.M | re.S)
    lines = []
    for number, block in enumerate(blocks):
        if number % 2:  # between fences
            lines += [f"    {line}".rstrip() for line in block.splitlines()]
            continue
        for paragraph in re.split(r"\n\s*\n", block.strip("\n")):
            for item in re.split(r"\n(?=\s*(?:[-*]|\d+\.) )", paragraph):
                mark = re.match(r"\s*(?:[-*]|\d+\.) ", item)
                lines.append(fold(" ".join(item.split()), "", " " * len(mark[0]) if mark else ""))
            lines.append("")
    return "\n".join(lines).strip("\n")


def shorten(text, room):
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"
