"""./lab author: verifies exercises, so that their graders can be trusted.

The folder has all that AUTHORS.md asks for. Then, of its answers,
  - the solution passes every check, in every variant, and the command that shows it at work starts
    and ends well;
  - the starter and each wrong answer pass up to the check that their first line names, and end
    there in the way it says: they fail, unless it says that they crash, hang or spin, or that a
    variant finds them.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lab_compile
from lab_build import BUILD, BuildError, fail, progress
from lab_compile import answers_of, build_rooms, compile_with_grader, has_variant
from lab_grade import first_failure, list_checks
from lab_index import BadExercise, all_exercises, find_exercise, first_line
from lab_test import skips_are_failures

NAMED = re.compile(
    r"/\* (?:fails-at|caught-by): (\w+)(?:, (crashes|hangs|spins)|, under (\w+))? \*/$"
)
ENDS = {None: "fail", "crashes": "crash", "hangs": "hang", "spins": "spin"}
LISTENING = re.compile(rb"listening on (?:http://)?([\d.]+):(\d+)")
SECTIONS = ["Why it matters", "The contract", "Predict", "Do", "Reflect", "Further reading"]
FEWEST_WRONG = 4
PATIENCE_SECONDS = 60  # for a program that neither ends nor says that it listens


def problems_of_folder(exercise):
    """What AUTHORS.md asks for and the folder lacks."""
    try:
        exercise.head, exercise.stage
    except BadExercise as error:
        yield str(error)
    readme = (exercise.folder / "README.md").read_text(encoding="utf-8")
    for section in SECTIONS:
        if f"\n## {section}\n" not in readme:
            yield f"README.md has no section '{section}'"
    if not re.search(r"^## (Run it|See it)", readme, re.M):
        yield "README.md has no section 'Run it in the real server' (or 'See it at work')"
    if [path.name for path in exercise.hints] != ["1.md", "2.md", "3.md", "4.md"]:
        yield "hints/ is to have 1.md to 4.md"
    if len(list(exercise.folder.glob("wrong/*.c"))) < FEWEST_WRONG:
        yield f"wrong/ is to have at least {FEWEST_WRONG} answers"
    if not exercise.checks:
        yield "there is no check_*.c"
    for variant in exercise.variants:
        if variant not in lab_compile.VARIANTS:
            yield f"no variant {variant}; there are {' '.join(lab_compile.VARIANTS)}"


def expected_end(answer, checks):
    """Returns variant, check and kind of the end that the answer's first line names."""
    named = NAMED.match(first_line(answer.path))
    if not named:
        raise BadExercise("its first line does not name the check that it fails in")
    check, ending, variant = named.groups()
    if check not in checks:
        raise BadExercise(f"the grader has no check {check}")
    variant = variant or "plain"
    if variant not in answer.exercise.variants:
        raise BadExercise(f"the checks do not run under {variant}")
    return variant, check, "report" if variant in ("address", "thread") else ENDS[ending]


def end_of(answer, variants):
    """Returns the outcome that ends the grading of an answer, or None: it passes everything."""
    ends = (first_failure(answer.grader(variant), variant) for variant in variants)
    return next(filter(None, ends), None)


def in_words(outcome):
    if outcome is None:
        return "passes every check"
    text = f"{outcome.kind} in {outcome.check}"
    return text if outcome.variant == "plain" else f"{text} under {outcome.variant}"


def verify_answer(answer, variants, repeats=1):
    """Returns what is wrong with how an answer is judged, or "", and how it ended, in words."""
    exercise = answer.exercise
    checks = list_checks(answer.grader("plain"))
    if answer.name == "solution":
        end = end_of(answer, [variants[0]] * repeats + variants[1:])
        return (f"it does not pass: {explain(end)}" if end else ""), in_words(end)
    try:
        variant, check, kind = expected_end(answer, checks)
    except BadExercise as error:
        return str(error), ""
    end = end_of(answer, exercise.variants[: exercise.variants.index(variant) + 1])
    if end and end.check == check and is_expected(end, variant, kind):
        return "", in_words(end)
    wanted = f"{kind} in {check}" + (f" under {variant}" if variant != "plain" else "")
    return f"expected: {wanted}; but: {explain(end)}", in_words(end)


def is_expected(end, variant, kind):
    """A race that the thread sanitizer is sure to see may, by chance, be seen before it."""
    early = variant == "thread" and end.kind == "fail"
    return early or (end.variant, end.kind) == (variant, kind)


def explain(outcome):
    if outcome is None:
        return in_words(outcome)
    return "\n    | ".join([in_words(outcome), *(outcome.message or outcome.report).splitlines()])


def needed_variants(answer, thorough):
    """Those in which an answer is run. Every solution has to be fine under both sanitizers, which
    takes time: it is left to a thorough look."""
    exercise = answer.exercise
    if answer.name == "solution":
        if thorough:
            return list(dict.fromkeys([*exercise.variants, "thread"]))
        return [name for name in exercise.variants if name != "address"]
    named = NAMED.match(first_line(answer.path))
    last = (named[3] if named else None) or "plain"
    if last not in exercise.variants:
        return ["plain"]
    return exercise.variants[: exercise.variants.index(last) + 1]


def lacking(variants, folder):
    """Those that this compiler cannot build; in CI there is no such excuse."""
    missing = [variant for variant in variants if not has_variant(variant, folder)]
    if missing and skips_are_failures():
        fail(f"the compiler cannot build the variant {missing[0]}, which fails because CI is set")
    return missing


def first_bytes(address, port):
    """What a server answers to a short request; an echo server sends it back."""
    with socket.create_connection((address, port)) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        client.shutdown(socket.SHUT_WR)
        return client.recv(16)


def talk_to(process):
    """Returns what is wrong with the program, or "": it serves, or it ends by itself with 0."""
    for line in process.stdout:
        listening = LISTENING.search(line)
        if listening:
            answer = first_bytes(listening[1].decode(), int(listening[2]))
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
            return "" if answer else "it closed a connection without an answer"
    return ""


def verify_program(answer):
    """Starts the command that the exercise shows, with the solution."""
    exercise = answer.exercise
    options = exercise.how_to_run().split()[3:]
    if re.search(r"stage[1-4]_main|--port", (exercise.main or answer.path).read_text("utf-8")):
        options.append("--port=0")
    program = answer.folder / answer.program()
    with subprocess.Popen(
        [program, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        # An exercise that prints another announcement is told, not waited for.
        patience = threading.Timer(PATIENCE_SECONDS, process.kill)
        patience.start()
        problem = talk_to(process)
        status = process.wait()
        patience.cancel()
    return problem or (f"the program ended with status {status}" if status else "")


def compile_all(variants_of):
    wanted = {}
    for answer, variants in variants_of.items():
        for variant in variants:
            wanted.setdefault(variant, []).append(answer)
    for variant, answers in wanted.items():
        try:
            with progress(f"compiling {len(answers)} answers, {variant}…"):
                compile_with_grader(answers, [variant], programs=variant == "plain")
        except BuildError as error:
            print(error)
            fail("an answer or a grader does not compile, as shown above")


def verify_answers(answers, repeats=1):
    """Returns rows: exercise, answer, how it ended in words, what is wrong ("" if nothing)."""
    needed = {answer: needed_variants(answer, thorough=repeats > 1) for answer in answers}
    missing = lacking(sorted(set().union(*needed.values())), answers[0].folder)
    rows = []
    for answer, variants in list(needed.items()):
        left = [variant for variant in variants if variant not in missing]
        needed[answer] = left
        if left != variants and answer.name != "solution":
            rows.append((answer.exercise, answer.name, f"left out: no {variants[-1]} here", ""))
            del needed[answer]
    compile_all(needed)
    # One more than there are CPUs, for there is always one that waits.
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as workers:
        ends = workers.map(lambda answer: verify_answer(answer, needed[answer], repeats), needed)
        for answer, (problem, words) in zip(needed, ends):
            rows.append((answer.exercise, answer.name, words, problem))
    return rows


def verify(exercises, folder=BUILD):
    """All that is to be true of these exercises, in rows as above."""
    rows = []
    for exercise in exercises:
        rows += [(exercise, "folder", "", problem) for problem in problems_of_folder(exercise)]
    answers = [answer for exercise in exercises for answer in answers_of(exercise, folder)]
    rows += verify_answers(answers)
    for answer in answers:
        if answer.name == "solution":
            problem = verify_program(answer)
            rows.append((answer.exercise, "program", problem or "runs", problem))
    return rows


def verify_repeatedly(repeats):
    """The solutions alone: many times, then once in each variant and under each sanitizer."""
    exercises = all_exercises()
    build_rooms(exercises)
    solutions = [
        answer
        for exercise in exercises
        for answer in answers_of(exercise)
        if answer.name == "solution"
    ]
    return verify_answers(solutions, repeats)


def print_matrix(rows):
    """Exercise by exercise: what caught each wrong answer; then what is wrong with the exercise."""
    for exercise in dict.fromkeys(row[0] for row in rows):
        print(exercise.id)
        for _, name, words, problem in (row for row in rows if row[0] == exercise):
            if words or problem:
                print(f"  {'✗' if problem else '✓'} {name:<34} {words}".rstrip())
            if problem and problem != words:
                print(f"      {problem}")


def summary(rows):
    wrong = [row for row in rows if row[1].startswith("wrong-")]
    caught = sum(1 for row in wrong if not row[3])
    exercises = len({row[0].id for row in rows})
    return f"{exercises} exercises; {caught} of {len(wrong)} wrong answers caught as named"


def author(arguments):
    """author ID... | --all"""
    if arguments == ["--all"]:
        exercises = all_exercises()
    else:
        exercises = []
        while arguments or not exercises:
            exercises.append(find_exercise(arguments))
    build_rooms(exercises)
    rows = verify(exercises)
    print_matrix(rows)
    print(summary(rows))
    return 1 if any(row[3] for row in rows) else 0


def main():
    """For Meson's test: the last line has the form of Check's summary, for ./lab test to add up."""
    rows = [row for row in verify(all_exercises(), Path(sys.argv[1])) if row[1] != "folder" or row[3]]
    print_matrix(rows)
    failures = sum(1 for row in rows if row[3])
    good = 100 * (len(rows) - failures) // max(len(rows), 1)
    print(f"{good}%: Checks: {len(rows)}, Failures: {failures}, Errors: 0")
    sys.exit(1 if failures or not rows else 0)


if __name__ == "__main__":
    main()
