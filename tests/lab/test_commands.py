"""Tests of ./lab as a learner types it: each command in a process of its own, with a folder my/ of
its own. LAB_BUILD names the build folder in which the stages have been compiled."""

import contextlib
import json
import os
import pty
import re
import resource
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "support"))

import unittest_summary

LAB = [sys.executable, str(ROOT / "exercises" / "lab" / "lab.py")]
ID = "S3-least-connections"
FOLDER = ROOT / "exercises" / ID
PATIENCE = 60  # seconds; only a test that fails waits for so long


def forbid_writing():
    """Files can be made, but get no bytes: like a disk that is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class Learner(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.my = Path(folder.name) / "my"
        self.answer = self.my / ID / "solution.c"
        self.environment = {**os.environ, "LAB_MY": str(self.my), "COLUMNS": "100", "NO_COLOR": "1"}

    def lab(self, *arguments, expected=0, preexec_fn=None, **environment):
        ended = subprocess.run(
            [*LAB, *arguments],
            env={**self.environment, **environment},
            preexec_fn=preexec_fn,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(ended.returncode, expected, ended.stdout)
        return ended.stdout

    def give(self, name):
        """Makes an answer that comes with the exercise the learner's."""
        self.answer.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FOLDER / name, self.answer)


class Commands(Learner):
    def test_a_newcomer_is_welcomed_and_told_where_to_begin(self):
        text = self.lab("status")
        self.assertIn("0 of ", text)
        self.assertIn("stage1-single-reactor/README.md", text)
        self.assertRegex(text, r"\./lab start S1-\w+")

    def test_the_list_has_every_folder_once(self):
        text = self.lab("list")
        folders = [starter.parent.name for starter in ROOT.glob("exercises/*/starter.c")]
        for folder in folders:
            self.assertEqual(len(re.findall(rf"^\W*{folder} ", text, re.M)), 1, folder)
        self.assertIn(f"0 of {len(folders)} solved", text)

    def test_the_list_fits_a_narrow_terminal(self):
        text = self.lab("list", COLUMNS="40")
        table = [line for line in text.splitlines() if line[2:4] in ("S1", "S2", "S3", "S4", "B-")]
        self.assertTrue(table)
        self.assertLessEqual(max(map(len, table)), 40)

    def test_next_is_what_is_begun_or_else_the_first_that_is_open(self):
        first = self.lab("next").splitlines()[0].partition(":")[0]
        self.lab("start", ID)
        text = self.lab("next")
        self.assertEqual(text.splitlines()[0].partition(":")[0], ID)
        self.assertIn("after it: ", text)
        self.give("solution.c")
        self.lab("check", ID)
        self.assertEqual(self.lab("next").splitlines()[0].partition(":")[0], first)

    def test_the_folder_one_is_in_says_which_exercise_is_meant(self):
        self.give("solution.c")
        self.lab("start", "S3-cpu")
        ended = subprocess.run(
            [*LAB, "hint"],
            env=self.environment,
            cwd=self.answer.parent,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.assertIn(f"{ID}, hint 1 of 4", ended.stdout)

    def test_start_copies_the_starter_without_the_line_for_the_graders_test(self):
        self.assertIn(f"./lab check {ID}", self.lab("start", "least-conn"))
        first, _, rest = (FOLDER / "starter.c").read_text().partition("\n")
        self.assertIn("fails-at", first)
        self.assertEqual(self.answer.read_text(), rest)

    def test_start_does_not_overwrite(self):
        self.give("solution.c")
        self.assertIn("is there already", self.lab("start", ID, expected=1))
        self.assertEqual(self.answer.read_text(), (FOLDER / "solution.c").read_text())

    def test_a_name_that_is_unknown_or_ambiguous_is_refused(self):
        self.assertIn("no exercise nothing", self.lab("start", "nothing", expected=2))
        self.assertIn("several exercises are S3-:\n  ", self.lab("start", "S3-", expected=2))
        self.assertIn("did you mean S1-echo?", self.lab("start", "S1-ecko", expected=2))
        self.assertIn("which exercise?", self.lab("start", expected=2))
        self.assertIn("one exercise at a time", self.lab("start", ID, "more", expected=2))

    def test_a_failed_check_is_named_with_the_commands_that_come_next(self):
        self.lab("start", ID)
        named = re.match(r"/\* fails-at: (\w+)", (FOLDER / "starter.c").read_text())[1]
        text = self.lab("check", expected=1)
        self.assertIn(f"✗ {named}\n", text)
        self.assertIn("  why: ", text)
        self.assertIn(f"./lab check {ID} {named}", text)
        self.assertIn(f"./lab check {ID} {named} --gdb", text)
        alone = self.lab("check", ID, named, expected=1)
        self.assertIn("0 passed before it, 0 still to come", alone)

    def test_a_solved_exercise_is_remembered_until_it_is_edited(self):
        self.give("solution.c")
        self.assertIn(f"{ID} is solved", self.lab("check", ID))
        self.assertRegex(self.lab("list"), rf"✓ {ID} .*solved")
        self.answer.write_text(self.answer.read_text() + "/* more */\n")
        self.assertRegex(self.lab("list"), rf"~ {ID} .*edited")

    def test_one_check_that_passes_does_not_solve_the_exercise(self):
        self.give("wrong/first-of-the-lowest.c")
        self.lab("check", ID, "a_pool_of_one_loop_leaves_no_choice")
        self.assertRegex(self.lab("list"), rf"… {ID} .*started")
        self.assertIn("has no check nonsense", self.lab("check", ID, "nonsense", expected=2))
        self.assertIn("✓ a_pool_of_one_loop", self.lab("check", ID, "pool_of_one"))

    def test_an_answer_that_leaves_has_not_passed(self):
        text = (FOLDER / "solution.c").read_text()
        self.give("solution.c")
        self.answer.write_text("#include <stdlib.h>\n" + text.replace("return best;", "exit(0);"))
        self.assertIn("the answer ended the process", self.lab("check", ID, expected=1))

    def test_what_the_address_sanitizer_finds_is_shown_in_the_learners_file(self):
        text = (FOLDER / "solution.c").read_text()
        self.give("solution.c")
        last = "    state->words[0] = best + 1;"
        broken = "char *one = malloc(1); one[count] = 1; free(one);"
        text = text.replace(last, f"    {broken}\n{last}")
        self.answer.write_text("#include <stdlib.h>\n" + text)
        said = self.lab("check", ID, expected=1)
        self.assertIn("AddressSanitizer: heap-buffer-overflow", said)
        self.assertRegex(said, r"in select_least_connections, \S*solution.c:\d+")
        self.assertIn("--under address", said)
        self.assertIn("AddressSanitizer", (self.my / ID / "report.txt").read_text())

    def test_a_compiler_error_comes_first_and_in_the_learners_file(self):
        self.give("solution.c")
        self.answer.write_text("int x = ;\n")
        lines = self.lab("check", ID, expected=1).splitlines()
        lines = [line for line in lines if not line.startswith("building")]
        self.assertTrue(lines.pop(0).startswith(f"{ID}: "))
        self.assertRegex(lines[0], r"solution\.c:1:\d+: error:")
        self.assertIn("correct", lines[-1])

    def test_an_answer_without_what_is_asked_for_does_not_link(self):
        self.give("solution.c")
        self.answer.write_text("int nothing_to_see_here;\n")
        self.assertIn("it compiles, but does not link", self.lab("check", ID, expected=1))

    def test_checking_what_is_not_started_says_how_to_start(self):
        self.assertIn(f"./lab start {ID}", self.lab("check", ID, expected=1))

    def test_all_that_is_started_can_be_checked_at_once(self):
        self.assertIn("nothing is started", self.lab("check", "--all", expected=1))
        self.give("solution.c")
        self.lab("start", "S3-cpu")
        text = self.lab("check", "--all", expected=1)
        self.assertIn(f"✓ {ID}", text)
        self.assertIn("✗ S3-cpu-times-two: ", text)

    def test_an_answer_that_does_not_compile_keeps_no_other_from_being_checked(self):
        self.lab("start", "S1-eof")
        (self.my / "S1-eof" / "solution.c").write_text("int x = ;\n")
        self.give("solution.c")
        text = self.lab("check", "--all", expected=1)
        self.assertIn("✗ S1-eof: it does not compile", text)
        self.assertIn(f"✓ {ID}", text)

    def test_hints_go_one_level_deeper_at_each_call(self):
        for level in (1, 2, 3, 4, 4):
            hint = (FOLDER / "hints" / f"{level}.md").read_text().strip()
            text = self.lab("hint", ID)
            self.assertIn(f"hint {level} of 4", text)
            words = re.sub(r"```\w*", "", hint).split()
            self.assertIn(" ".join(words), " ".join(text.split()))
        self.assertIn("--give-up", text)
        self.assertIn("hint 2 of 4", self.lab("hint", ID, "2"))
        self.assertIn("has not been seen", self.lab("hint", "S3-cpu", "1", expected=1))

    def test_reset_keeps_a_backup_of_each_answer(self):
        self.give("solution.c")
        self.lab("check", ID)
        for number in (1, 2):
            self.answer.write_text(f"/* try {number} */\n")
            self.assertIn(f"backup-{number}.c", self.lab("reset", ID))
        self.assertEqual((self.my / ID / "backup-1.c").read_text(), "/* try 1 */\n")
        self.assertEqual((self.my / ID / "backup-2.c").read_text(), "/* try 2 */\n")
        self.assertIn("TODO", self.answer.read_text())
        self.assertRegex(self.lab("list"), rf"… {ID} .*started")
        self.assertIn("is not there", self.lab("reset", "S3-cpu", expected=1))

    def test_the_solution_is_shown_to_those_who_have_one_or_give_up(self):
        self.lab("start", ID)
        self.assertIn("not solved yet", self.lab("solution", ID, expected=1))
        self.assertIn("+    state->words[0] = best + 1;", self.lab("solution", ID, "--give-up"))
        self.give("solution.c")
        self.lab("check", ID)
        self.assertIn("yours is the same", self.lab("solution", ID))

    def test_a_broken_record_of_progress_is_named(self):
        self.my.mkdir()
        (self.my / "progress.json").write_text("{")
        self.assertIn("progress.json cannot be read", self.lab("list", expected=1))
        (self.my / "progress.json").write_text("[]")
        self.assertIn("not what ./lab wrote", self.lab("list", expected=1))
        (self.my / "progress.json").write_text(json.dumps({ID: {"hints": "all"}}))
        self.assertIn("not what ./lab wrote", self.lab("hint", ID, expected=1))

    def test_the_record_is_replaced_as_a_whole(self):
        self.lab("hint", ID)
        self.assertEqual([path.name for path in self.my.iterdir()], ["progress.json"])
        self.assertEqual(json.loads((self.my / "progress.json").read_text()), {ID: {"hints": 1}})

    def test_a_full_disk_leaves_no_half_answer(self):
        text = self.lab("start", ID, expected=1, preexec_fn=forbid_writing)
        self.assertIn("cannot write", text)
        self.assertEqual(list(self.answer.parent.iterdir()), [])

    def test_what_the_system_refuses_is_said_in_a_line(self):
        self.answer.mkdir(parents=True)
        self.assertRegex(self.lab("check", expected=1), r"^lab: \S+solution.c: Is a directory")
        self.assertIn(f"… {ID} ", self.lab("list"))

    def test_a_stream_that_is_closed_or_full_is_no_crash(self):
        command = " ".join(map(shlex.quote, [*LAB, "list"]))
        for redirection, status in ((">&-", 0), ("2>&-", 0), ("<&-", 0), (">/dev/full", 1)):
            ended = subprocess.run(
                ["sh", "-c", f"{command} {redirection}"], env=self.environment,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            self.assertEqual(ended.returncode, status, redirection)
            self.assertNotIn("Traceback", ended.stderr)
            self.assertNotIn("Exception", ended.stderr)

    def test_a_reader_who_has_had_enough_is_no_crash(self):
        ours, theirs = os.pipe()
        os.close(ours)
        with open(theirs, "w", encoding="utf-8") as gone:
            ended = subprocess.run(
                [*LAB, "list"], env=self.environment, stdout=gone, stderr=subprocess.PIPE
            )
        self.assertEqual((ended.returncode, ended.stderr), (1, b""))

    def test_the_real_server_runs_with_the_answer_in_it(self):
        self.give("solution.c")
        with subprocess.Popen(
            [*LAB, "run", ID, "--policy=least-connections", "--port=0"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            self.assertIn("listening on 127.0.0.1:", process.stdout.readline())
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(), 0)

    def test_an_answer_that_does_not_pass_can_be_run_too(self):
        self.lab("start", ID)
        self.assertIn("least-connections", self.lab("run", ID, "--help"))


class Watching(Learner):
    """./lab watch in a terminal."""

    def setUp(self):
        super().setUp()
        self.ours, theirs = pty.openpty()
        self.seen = ""
        self.process = subprocess.Popen(
            [*LAB, "watch", ID], env=self.environment, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self.addCleanup(os.close, self.ours)
        self.addCleanup(self.end)

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()

    def expect(self, text):
        """Waits until the terminal has shown the text, and forgets all up to there."""
        while text not in self.seen:
            ready, _, _ = select.select([self.ours], [], [], PATIENCE)
            self.assertTrue(ready, f"{text!r} did not come, but: {self.seen}")
            try:
                new = os.read(self.ours, 4096).decode("utf-8", "replace")
            except OSError:  # that is how the end of a terminal is told
                self.fail(f"{text!r} did not come before the end, but: {self.seen}")
            self.seen += new.replace("\r\n", "\n")
        self.seen = self.seen.partition(text)[2]

    def press(self, key):
        os.write(self.ours, key.encode())

    def test_each_save_is_checked_and_keys_are_obeyed(self):
        self.expect("edit  ")
        self.expect("not yet: ")
        self.expect("waiting for you to save")
        self.press("h")
        self.expect("hint 1 of 4")
        self.expect("waiting for you to save")
        new = self.answer.with_name("new.c")
        shutil.copy(FOLDER / "solution.c", new)
        new.replace(self.answer)  # as many editors save
        self.expect(f"{ID} is solved")
        self.expect("waiting for you to save")
        self.press("l")
        self.expect("1 of ")
        self.press("q")
        self.expect("later: ./lab watch")
        self.assertEqual(self.process.wait(PATIENCE), 0)

    def test_a_compiler_error_does_not_end_the_watching(self):
        self.expect("waiting for you to save")
        self.answer.write_text("int x = ;\n")
        self.expect("error:")
        self.expect("waiting for you to save")
        self.press("n")
        self.expect("is not solved; n once more")
        self.press("n")
        self.expect("not yet: ")
        self.press("q")
        self.assertEqual(self.process.wait(PATIENCE), 0)


if __name__ == "__main__":
    unittest_summary.main()
