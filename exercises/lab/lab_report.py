"""Says how a check ended: what was done, what was expected and why, and what to type next."""

import re

from lab_build import shown
from lab_compile import VARIANT_WORDS
from lab_terminal import fold, paint, width

STEPS_SHOWN = 12
OUTPUT_SHOWN = 6
HEADLINE = re.compile(
    r"(?:ERROR|WARNING): (?P<tool>\w+Sanitizer): (?P<what>[\w-]+(?: [a-z]+)*)"
    r"|(?P<undefined>runtime error: .*)"
)
HAPPENING = re.compile(
    r"\s*(?:(?:Previous )?(?:atomic )?(?:read|write) of size"
    r"|freed by|(?:previously )?allocated by|(?:Direct|Indirect) leak of|Mutex M\d|Thread T\d)",
    re.IGNORECASE,
)
NOISE = re.compile(r" at 0x[0-9a-f]+| \(tid=[^)]*\)| \(mutexes: [^)]*\)|(?: here| at)?:$")
FRAME = re.compile(r"^\s*#\d+ (?:0x[0-9a-f]+ in )?(\S+).*?([^\s:()]+\.[ch]):(\d+)")
STACK_FRAME = re.compile(r"^#\d+\s+(?:0x[0-9a-f]+ in )?(\S+) \(.*?(?: at (\S+):(\d+))?$")


def of_learner(path, exercise):
    return path.endswith(shown(exercise.answer))


def shorten_report(text, exercise):
    """The headlines of a sanitizer's report and, below what happened, the learner's frames."""
    lines = []
    happened = None  # not shown before a frame of the learner's comes below it
    for line in text.splitlines():
        headline, happening, frame = HEADLINE.search(line), HAPPENING.match(line), FRAME.match(line)
        if headline:
            lines += headline_of(line, headline)
        elif happening:
            happened = "  " + NOISE.sub("", line.strip())
        elif frame and of_learner(frame[2], exercise):
            lines += [happened] if happened else []
            happened = None
            lines.append(f"    in {frame[1]}, {shown(exercise.answer)}:{frame[3]}")
    return lines or text.splitlines()[:OUTPUT_SHOWN]


def headline_of(line, headline):
    if not headline["undefined"]:
        return [f"{headline['tool']}: {headline['what'].removesuffix(' on address')}"]
    place = re.match(r"\S+?:\d+", line)
    return [headline["undefined"], *([f"  at {place[0]}"] if place else [])]


def shorten_stacks(text, exercise):
    """For each thread that hangs in the learner's code: where it waits."""
    for thread in re.split(r"\nThread \d+ ", text)[1:]:
        frames = [STACK_FRAME.match(line) for line in thread.splitlines()]
        frames = [frame for frame in frames if frame]
        own = [i for i, f in enumerate(frames) if f[2] and of_learner(f[2], exercise)]
        if own:
            called, caller = frames[max(own[0] - 1, 0)], frames[own[0]]
            waits = called[1].lstrip("_")
            yield f"a thread waits in {waits}, called by {caller[1]}, {caller[2]}:{caller[3]}"


def save_report(text, exercise):
    path = exercise.answer.with_name("report.txt")
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        return None
    return shown(path)


def message_of(outcome, exercise):
    """The lines that say what went wrong."""
    lines = outcome.message.splitlines()
    if outcome.kind == "crash":
        lines = [re.sub(r"^\(after this point\) ", "it ended here: ", line) for line in lines]
    if outcome.kind == "spin":
        lines.append("where: start it in the debugger, as below, then Ctrl-C and bt")
    lines += shorten_stacks(outcome.stacks, exercise)
    if outcome.report:
        lines += shorten_report(outcome.report, exercise)
        where = save_report(outcome.report, exercise)
        lines += [f"the whole report: {where}"] if where else []
    return lines


def rerun_commands(outcome, exercise):
    under = "" if outcome.variant == "plain" else f" --under {outcome.variant}"
    just = f"./lab check {exercise.id} {outcome.check}{under}"
    yield f"./lab check {exercise.id}", "all of it again"
    yield just, "just this check"
    if outcome.variant != "thread":
        yield f"{just} --gdb", "the same in the debugger"
    yield f"./lab hint {exercise.id}", "a hint"


def print_failure(outcome, exercise):
    under = "" if outcome.variant == "plain" else f" {VARIANT_WORDS[outcome.variant]}"
    print(paint(f"✗ {outcome.check}", "red") + under)
    hidden = len(outcome.steps) - STEPS_SHOWN
    if hidden > 0:
        print(f"     … {hidden} steps before these")
    for number, step in list(enumerate(outcome.steps, 1))[-STEPS_SHOWN:]:
        print(fold(step, f"  {number:>2}. ", "      "))
    for line in message_of(outcome, exercise):
        if line.startswith("why: "):
            print(paint(fold(line, "  ", "       "), "bold"))
        else:
            indent = "  " + line[: len(line) - len(line.lstrip())]
            print(fold(line.strip(), indent, indent + "  "))
    if outcome.place:
        print(paint(f"  ({outcome.place})", "faint"))
    said = outcome.output.splitlines()
    if said:
        print("  your program printed:")
        for line in said[-OUTPUT_SHOWN:]:
            print(f"    | {line}")


def print_commands(commands):
    """Pairs of a command and what it does, in two columns where there is room."""
    commands = list(commands)
    longest = max(len(command) for command, _ in commands)
    narrow = any(longest + len(meaning) + 4 > width() for _, meaning in commands)
    for command, meaning in commands:
        if narrow:
            print(f"  {paint(meaning, 'faint')}:\n    {command}")
        else:
            print(f"  {command:<{longest}}  {paint(meaning, 'faint')}".rstrip())
