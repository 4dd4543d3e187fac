"""The exercises as the learner meets them: list, next, start, check, hint, reset, solution, run.

Everything a learner writes or ./lab keeps for them is in my/, which the repository never tracks.
Every command ends by saying what to do next.
"""

import difflib
import os
import shutil
import sys

from lab_build import ROOT, alone, become, fail, progress, shown, write_whole
from lab_compile import VARIANT_WORDS, VARIANTS, build_rooms, compile_mine, has_variant
from lab_grade import NOT_LISTED, Outcome, first_failure, grade, list_checks, run_check
from lab_index import CLINIC, find_exercise
from lab_progress import change, current, digest, following, load, state_of, states
from lab_report import print_commands, print_failure, rerun_commands
from lab_terminal import fold, fold_markdown, paint, shorten, width

SIGNS = {"open": " ", "started": "…", "changed": "~", "solved": "✓"}
HUES = {"open": "faint", "started": "yellow", "changed": "yellow", "solved": "green"}
WORDS = {"open": "", "started": "started", "changed": "edited", "solved": "solved"}


def stage_name(exercise):
    return "clinic" if exercise.stage == CLINIC else f"stage {exercise.stage}"


def only(arguments, fallback=False):
    """The one exercise that a command is about; the current one, if it may be left out."""
    exercise = current(states()) if fallback and not arguments else find_exercise(arguments)
    if exercise is None:
        fail("every exercise is solved; name the one you mean", status=2)
    if arguments:
        fail(f"one exercise at a time; what is {' '.join(arguments)}?", status=2)
    return exercise


def bar(solved, total, room):
    filled = room * solved // total
    return paint("█" * filled, "green") + paint("░" * (room - filled), "faint")


def progress_line(states_now):
    solved = sum(state == "solved" for state in states_now.values())
    room = min(40, width() - 22)
    text = f"{solved} of {len(states_now)} solved"
    return f"{bar(solved, len(states_now), room)}  {text}" if room > 5 else text


def describe(exercise, state):
    """What to do about an exercise, as pairs of a command and its meaning."""
    if state == "open":
        yield f"./lab start {exercise.id}", f"begin: a file of your own, {shown(exercise.answer)}"
    else:
        yield f"./lab check {exercise.id}", "grade your answer"
        yield f"./lab watch {exercise.id}", "grade it each time you save"
        yield f"./lab hint {exercise.id}", "a hint, deeper each time"


def status(_arguments):
    """Where the learner is: ./lab alone."""
    now = states()
    print(paint("Reactor Lab", "bold"))
    print(progress_line(now))
    exercise = current(now)
    if exercise is None:
        print("Every exercise is solved. Two of them once more, without looking?\n  ./lab list")
        return 0
    if all(state == "open" for state in now.values()):
        print("\nWelcome. Begin with chapter 1, stage1-single-reactor/README.md, and its server:")
        print("  ./lab serve 1\nThe last chapter's, an HTTP server:\n  ./lab serve")
        print("\nThe first exercise waits there:")
    else:
        print(f"\n{'You are at' if now[exercise] != 'open' else 'Next'}:")
    introduce(exercise, now[exercise])
    print()
    print_commands([("./lab list", "all exercises"), ("./lab help", "all commands")])
    return 0


def introduce(exercise, state):
    print(f"{paint(exercise.id, 'bold')}: {exercise.title}")
    effort = f"{stage_name(exercise)}, about {exercise.minutes} minutes"
    print(f"{effort}: read {shown(exercise.folder)}/README.md")
    print_commands(describe(exercise, state))


def list_all(arguments):
    """list"""
    if arguments:
        fail(f"list takes nothing; what is {' '.join(arguments)}?", status=2)
    now = states()
    longest = max(len(exercise.id) for exercise in now)
    for exercise, state in now.items():
        line = f"{SIGNS[state]} {exercise.id:<{longest}}"
        room = width() - longest - len("✓ ") - len("  stage 3  started") - 2
        if room >= 20:
            line += f"  {shorten(exercise.title, room):<{room}}  {stage_name(exercise):<7}"
        line += f"  {WORDS[state]}"
        print(paint(line.rstrip(), HUES[state]))
    print(progress_line(now))
    exercise = current(now)
    if exercise:
        print_commands(list(describe(exercise, now[exercise]))[:1])
    else:
        print("every exercise is solved")
    return 0


def next_one(arguments):
    """next: what is begun comes first."""
    if arguments:
        fail(f"next takes nothing; what is {' '.join(arguments)}?", status=2)
    now = states()
    exercise = current(now)
    if exercise is None:
        print("nothing is left: every exercise is solved")
        return 0
    introduce(exercise, now[exercise])
    after = following(now, exercise)
    if now[exercise] != "open" and after:
        print(f"after it: {after.id}, {after.title}")
    return 0


def starter_text(exercise):
    """The starter without its first line, which is for the test of the grader."""
    return (exercise.folder / "starter.c").read_text(encoding="utf-8").partition("\n")[2]


def copy_starter(exercise):
    try:
        exercise.answer.parent.mkdir(parents=True, exist_ok=True)
        write_whole(exercise.answer, starter_text(exercise))
    except OSError as error:
        fail(f"cannot write {shown(exercise.answer)}: {error.strerror}")
    print(f"read  {shown(exercise.folder)}/README.md")
    print(f"edit  {shown(exercise.answer)}")
    print("then  ./lab check " + exercise.id)
    print("or    ./lab watch " + exercise.id + "   to have it checked each time you save")


def start(arguments):
    """start ID"""
    exercise = only(arguments)
    if exercise.answer.exists():
        path = shown(exercise.answer)
        fail(f"{path} is there already; go on with it, or ./lab reset {exercise.id} to start afresh")
    copy_starter(exercise)
    return 0


def reset(arguments):
    """reset ID"""
    exercise = only(arguments)
    if not exercise.answer.exists():
        fail(f"{shown(exercise.answer)} is not there; type ./lab start {exercise.id}")
    number = 1
    while (backup := exercise.answer.with_name(f"backup-{number}.c")).exists():
        number += 1
    try:
        exercise.answer.rename(backup)
    except OSError as error:
        fail(f"cannot keep your answer as {shown(backup)}: {error.strerror}")
    change(exercise, solved=None, hints=None)
    print(f"your answer is now {shown(backup)}; the file is the starter again")
    copy_starter(exercise)
    return 0


def take_option(arguments, name, has_value=False):
    """Takes --name [VALUE] off the arguments. Returns the value, or whether it was there."""
    if name not in arguments:
        return None if has_value else False
    place = arguments.index(name)
    arguments.pop(place)
    if not has_value:
        return True
    if place == len(arguments):
        fail(f"{name} wants a value", status=2)
    return arguments.pop(place)


def usable_variants(exercise):
    for variant in exercise.variants:
        if has_variant(variant):
            yield variant
        else:
            print(f"not checked {VARIANT_WORDS[variant]}: the compiler lacks that; see ./lab doctor")


def require_answer(exercise):
    if not exercise.answer.exists():
        fail(f"{shown(exercise.answer)} is not there; type ./lab start {exercise.id} first")


def find_check(exercise, typed, checks):
    """A part of a check's name will do if only one has it."""
    found = [name for name in checks if name == typed] or [name for name in checks if typed in name]
    if len(found) != 1:
        listed = "".join(f"\n  {name}" for name in found or checks)
        words = "several checks are" if found else f"{exercise.id} has no check"
        fail(f"{words} {typed}:{listed}", status=2)
    return found[0]


def check_answer(exercise, only_check=None, only_variant=None):
    """Grades the learner's answer, printing what happens. Returns whether it passes."""
    require_answer(exercise)
    print(paint(f"{exercise.id}: {exercise.title}", "bold"), flush=True)
    build_rooms([exercise])
    for variant in [only_variant] if only_variant else usable_variants(exercise):
        program = compile_mine(exercise, variant)
        checks = list_checks(program, variant)
        if not checks:
            fail(NOT_LISTED)
        if only_check:
            checks = [find_check(exercise, only_check, checks)]
        if not check_variant(exercise, variant, program, checks):
            return False
    return True


def check_variant(exercise, variant, program, checks):
    outcomes = grade(program, variant, checks, with_stacks=True)
    for number, name in enumerate(checks, 1):
        with progress(f"{number}/{len(checks)} {VARIANT_WORDS[variant]}: {name}…", quiet=True):
            outcome = next(outcomes)
        if outcome.kind == "crash" and variant == "plain":
            outcome.report = report_of_crash(exercise, name)
        if outcome.kind != "pass":
            print_failure(outcome, exercise)
            print(f"\nnot yet: {number - 1} passed before it, {len(checks) - number} still to come")
            print(f"edit {shown(exercise.answer)}, then type one of")
            print_commands(rerun_commands(outcome, exercise))
            return False
        if variant == "plain":
            print(paint(f"✓ {name}", "green"))
    if variant != "plain":
        which = checks[0] if len(checks) == 1 else "all"
        print(paint(f"✓ {which} {VARIANT_WORDS[variant]}", "green"))
    return True


def report_of_crash(exercise, name):
    """What the address sanitizer says of a check that crashes: it knows the line."""
    if not has_variant("address"):
        return ""
    with progress("looking where it crashed…", quiet=True):
        return run_check(compile_mine(exercise, "address"), name, "address").report


def check(arguments):
    """check [ID [CHECK]] [--under VARIANT] [--gdb] | check --all"""
    if take_option(arguments, "--all"):
        return check_all()
    gdb = take_option(arguments, "--gdb")
    variant = take_option(arguments, "--under", has_value=True)
    if variant and variant not in VARIANTS:
        fail(f"no variant {variant}; there are {' '.join(VARIANTS)}", status=2)
    exercise = find_exercise(arguments) if arguments else only([], fallback=True)
    name = arguments.pop(0) if arguments else None
    if arguments:
        fail(f"one check at a time; what is {' '.join(arguments)}?", status=2)
    if gdb:
        debug(exercise, name, variant or "plain")
    before = digest(exercise.answer) if exercise.answer.exists() else None
    with alone("check"):
        passes = check_answer(exercise, name, variant)
    if not passes:
        return 1
    if name or variant:
        print(f"passed. All of it:\n  ./lab check {exercise.id}")
        return 0
    congratulate(exercise, before)
    return 0


def congratulate(exercise, solved_digest):
    change(exercise, solved=solved_digest)
    now = states()
    print(paint(f"{exercise.id} is solved.", "bold") + f" {progress_line(now)}")
    commands = [(f"./lab run {exercise.id}", "see it at work")]
    commands.append((f"./lab solution {exercise.id}", "another answer, beside yours"))
    upcoming = following(now, exercise)
    if upcoming:
        first = list(describe(upcoming, now[upcoming]))[0][0]
        commands.append((first, f"next: {upcoming.title}"))
    print_commands(commands)


def debug(exercise, name, variant):
    """Becomes gdb, which stops where a check fails or the answer crashes."""
    if not shutil.which("gdb"):
        fail("gdb is not here; ./lab doctor tells how to get it")
    if not name:
        fail(f"which check? ./lab check {exercise.id} CHECK --gdb", status=2)
    require_answer(exercise)
    build_rooms([exercise])
    program = compile_mine(exercise, variant)
    name = find_check(exercise, name, list_checks(program, variant))
    os.environ["CK_FORK"] = "no"  # the debugger follows the answer, not Check
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0:abort_on_error=1"  # it cannot look for leaks there
    os.chdir(ROOT)
    commands = ["-q", "-ex", "break _ck_assert_failed", "-ex", "run", "-ex", "bt 5"]
    become(shutil.which("gdb"), [*commands, "--args", str(program), name])


def check_all():
    begun = [exercise for exercise, state in states().items() if state != "open"]
    if not begun:
        fail("nothing is started yet; ./lab next shows where to begin")
    build_rooms(begun)
    failed = 0
    for exercise in begun:
        with alone("check"):
            outcome = quiet_outcome(exercise)
        if outcome:
            failed += 1
            print(paint(f"✗ {exercise.id}", "red") + f": {outcome.check}")
        else:
            change(exercise, solved=digest(exercise.answer))
            print(paint(f"✓ {exercise.id}", "green"))
    print(progress_line(states()))
    if failed:
        print("what is wrong with one of them, and why:\n  ./lab check ID")
    return 1 if failed else 0


def quiet_outcome(exercise):
    """Returns the outcome that ends the grading, or None: it passes."""
    variants = filter(has_variant, exercise.variants)
    try:
        ends = (first_failure(compile_mine(exercise, variant), variant) for variant in variants)
        return next(filter(None, ends), None)
    except SystemExit:  # the compiler has spoken; the others are graded all the same
        return Outcome("it does not compile", "plain", "fail")


def hint(arguments):
    """hint [ID] [LEVEL]: one level deeper at each call; one that was seen, if its level is given."""
    wanted = int(arguments.pop()) if arguments and arguments[-1].isdecimal() else None
    exercise = only(arguments, fallback=True)
    seen = load().get(exercise.id, {}).get("hints", 0)
    if wanted is not None and not 1 <= wanted <= seen:
        fail(f"hint {wanted} of {exercise.id} has not been seen yet; ./lab hint {exercise.id}")
    level = wanted or min(seen + 1, len(exercise.hints))
    change(exercise, hints=max(level, seen))
    print(paint(f"{exercise.id}, hint {level} of {len(exercise.hints)}", "bold"))
    print(fold_markdown(exercise.hints[level - 1].read_text(encoding="utf-8")))
    if level < len(exercise.hints):
        print_commands([(f"./lab hint {exercise.id}", "one level deeper")])
    else:
        print_commands([(f"./lab solution {exercise.id} --give-up", "no deeper hint: a solution")])
    return 0


def solution(arguments):
    """solution ID [--give-up]"""
    give_up = take_option(arguments, "--give-up")
    exercise = only(arguments)
    state = state_of(exercise, load())
    if state != "solved" and not give_up:
        fail(f"{exercise.id} is not solved yet: ./lab hint {exercise.id}, or add --give-up")
    path = exercise.folder / "solution.c"
    wanted = path.read_text(encoding="utf-8").splitlines()
    if exercise.answer.exists():
        yours = exercise.answer.read_text(encoding="utf-8", errors="replace").splitlines()
        names = shown(exercise.answer), shown(path)
        hues = {"+": "green", "-": "red", "@": "blue"}
        for line in difflib.unified_diff(yours, wanted, *names, lineterm=""):
            print(paint(line, hues[line[0]]) if line[0] in hues else line)
        if yours == wanted:
            print("yours is the same")
    else:
        print("\n".join(wanted))
    if state == "solved":
        print(fold("One good answer of many: yours passes the same checks. Go on with ./lab next"))
    else:
        print(fold(f"Close it and write your own; then ./lab check {exercise.id}"))
    return 0


def run(arguments):
    """run ID [OPTIONS]: what comes after the ID, or after --, goes to the program; without any, it
    is started as the exercise proposes."""
    program, options = prepare_run(arguments)
    become(program, options)


def prepare_run(arguments):
    exercise = find_exercise(arguments)
    if arguments and arguments[0] == "--":
        arguments.pop(0)
    options = arguments or exercise.how_to_run().split()[3:]
    require_answer(exercise)
    build_rooms([exercise])
    with alone("check"):
        program = compile_mine(exercise, "plain", graded=False)
    print(f"starting {' '.join([shown(program), *options])}", file=sys.stderr)
    return program, options
