"""Verifies one exercise: that its grader can be trusted, and that its answer runs in the server.

    verify.py FOLDER SERVER PROGRAM...

FOLDER is the exercise's. Each PROGRAM is its grader linked with one of its answers, SERVER its main.c
linked with solution.c. Expected are
  - of the solution: every check passes;
  - of the starter: it fails in the check that its first line names (fails-at);
  - of a wrong answer: it fails in the check that its first line names (caught-by);
  - of all: no check crashes, and none runs out of time;
  - of the server: it starts with the options that the first line of main.c shows, echoes, and ends
    well when it is told to.
Each of these is one case. The last line has the form of Check's summary, for ./lab test to add up.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

RESULT = re.compile(r"^[^:\n]+:\d+:([PFE]):[^:\n]*:(\w+):\d+: (.*)$", re.MULTILINE)
NAMED_CHECK = re.compile(r"/\* (?:fails-at|caught-by): (\w+) \*/")
COMMAND = re.compile(r"/\* \./lab run \S+ ?(.*?) \*/")
LISTENING = re.compile(r"listening on ([\d.]+):(\d+)")


def first_line(path):
    return path.read_text(encoding="utf-8").partition("\n")[0]


def answers_of(folder):
    """The answers in the folder by the ends of their programs' names."""
    answers = {"starter": folder / "starter.c", "solution": folder / "solution.c"}
    for path in sorted(folder.glob("wrong/*.c")):
        answers[f"wrong-{path.stem}"] = path
    return answers


def run_grader(program):
    """Returns the grader's checks as {name: (letters, message)}, its status and all it said.

    A check that runs several times has as many letters: P passed, F failed, E crashed or too late.
    """
    # All checks are to run, whatever CK_RUN_SUITE and CK_RUN_CASE may say.
    environment = {name: value for name, value in os.environ.items() if "CK_RUN_" not in name}
    environment.update(CK_VERBOSITY="verbose", CK_FORK="yes")
    ended = subprocess.run(
        [program],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    checks = {}
    for letter, name, message in RESULT.findall(ended.stdout):
        letters, first = checks.get(name, ("", ""))
        checks[name] = (letters + letter, first or (message if letter != "P" else ""))
    return checks, ended.returncode, ended.stdout


def problem_of(path, checks, status):
    """Returns what is wrong with this answer's result, or ""."""
    for name, (letters, message) in checks.items():
        if "E" in letters:
            return f"{name} did not fail, it ended otherwise: {message}"
    failed = [name for name, (letters, _) in checks.items() if "F" in letters]
    if path.name == "solution.c":
        if not checks:
            return "the grader ran no check"
        return "" if not failed and status == 0 else f"status {status}, failed: {' '.join(failed)}"
    named = NAMED_CHECK.match(first_line(path))
    if not named:
        return "its first line does not name the check that it fails in"
    if named[1] not in checks:
        return f"the grader has no check {named[1]}"
    if named[1] not in failed:
        return f"{named[1]} lets it pass; failed: {' '.join(failed) or 'nothing'}"
    return "" if status != 0 else "a check failed, and the grader's exit status is 0"


def verify_answer(path, program):
    if program is None:
        return "not built: add it to exercises/meson.build"
    checks, status, output = run_grader(program)
    problem = problem_of(path, checks, status)
    caught = " ".join(name for name, (letters, _) in checks.items() if "F" in letters)
    passed = sum(len(letters) for letters, _ in checks.values())
    print(f"  {path.stem}: {caught or f'passes {passed} checks'}")
    if problem:
        print("".join(f"    | {line}\n" for line in output.splitlines()), end="")
    return problem


def talk_to(process):
    """Returns what is wrong with a server that should listen and echo, or ""."""
    listening = None
    while not listening:
        line = process.stdout.readline()
        if not line:
            return f"it ended before it listened, with status {process.wait()}"
        listening = LISTENING.search(line)
    with socket.create_connection((listening[1], int(listening[2]))) as client:
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)
        echoed = b"".join(iter(lambda: client.recv(64), b""))
    return "" if echoed == b"hello" else f"it echoed {echoed!r}"


def verify_server(folder, program):
    command = COMMAND.match(first_line(folder / "main.c"))
    if not command:
        return "the first line of main.c does not show how to run it"
    options = command[1].split()
    print(f"  server {' '.join(options)}")
    with subprocess.Popen(
        [program, *options, "--port=0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            problem = talk_to(process)
        finally:
            process.send_signal(signal.SIGTERM)
        status = process.wait()
    return problem or (f"it ended with status {status}" if status else "")


def main():
    folder, server, *built = map(Path, sys.argv[1:])
    programs = {program.name.removeprefix(f"{folder.name}-"): program for program in built}
    problems = {}
    for name, path in answers_of(folder).items():
        problems[name] = verify_answer(path, programs.get(name))
    problems["server"] = verify_server(folder, server)

    failures = 0
    for name, problem in problems.items():
        if problem:
            failures += 1
            print(f"{folder.name}: {name}: {problem}")
    good = 100 * (len(problems) - failures) // len(problems)
    print(f"{good}%: Checks: {len(problems)}, Failures: {failures}, Errors: 0")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
