"""Tests of lab_report: what a learner is told of a check that did not pass."""

import contextlib
import io
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.append(str(Path(__file__).resolve().parents[2] / "exercises" / "lab"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import lab_build
import lab_index
import lab_report
import lab_terminal
import unittest_summary
from lab_grade import Outcome

ADDRESS = """\
=================================================================
==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000011 at pc 0x5 bp 0x7 sp 0x7
WRITE of size 1 at 0x602000000011 thread T0
    #0 0x561bc06f92ac in fill {mine}:4
    #1 0x561bc06f93e7 in the_check exercises/S1-x/check_x.c:6
    #2 0x7f58a6045249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58

freed by thread T0 here:
    #0 0x7f58a6ab76a8 in __interceptor_free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52
    #1 0x561bc06f93d6 in drop {mine}:9:5

previously allocated by thread T0 here:
    #0 0x7f58a6ab89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x561bc06f93c6 in the_check exercises/S1-x/check_x.c:5

SUMMARY: AddressSanitizer: heap-use-after-free {mine}:4 in fill
Shadow bytes around the buggy address:
"""
LEAK = """\
==21691==ERROR: LeakSanitizer: detected memory leaks

Direct leak of 33 byte(s) in 1 object(s) allocated from:
    #0 0x7fbda88b89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x555e7bbbf3fa in keep {mine}:6
"""
UNDEFINED = "{mine}:6:30: runtime error: signed integer overflow: 1 + 2 cannot be represented\n"
RACE = """\
WARNING: ThreadSanitizer: data race (pid=23759)
  Read of size 4 at 0x555555558054 by main thread:
    #0 reader {mine}:5 (ts+0x1242)

  Previous write of size 4 at 0x555555558054 by thread T1:
    #0 writer {mine}:4 (ts+0x11e8)

  Location is global 'shared' of size 4 at 0x555555558054 (ts+0x4054)

  Thread T1 (tid=23762, finished) created by main thread at:
    #0 pthread_create ../../../../src/libsanitizer/tsan/tsan_interceptors_posix.cpp:1001 (libtsan.so.2)
    #1 reader {mine}:3 (ts+0x1233)
"""
STACKS = """\

Thread 2 (Thread 0x7f1 (LWP 12) "worker"):
#0  0x00007f11 in futex_wait (private=0, expected=0) at ./nptl/futex.c:57
#1  ___pthread_cond_wait (cond=0x1, mutex=0x2) at ./nptl/pthread_cond_wait.c:618
#2  0x00005555 in wait_for_work (queue=0x3) at {mine}:41
#3  0x00007f12 in start_thread (arg=0x0) at ./nptl/pthread_create.c:442

Thread 1 (Thread 0x7f2 (LWP 11) "check"):
#0  0x00007f13 in __GI___wait4 (pid=3) at ../sysdeps/unix/sysv/linux/wait4.c:30
#1  0x00007f14 in srunner_run_all (sr=0x5) at check.c:99
"""


class Reports(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        mine = mock.patch.object(lab_index, "MINE", Path(folder.name))
        mine.start()
        self.addCleanup(mine.stop)
        self.exercise = lab_index.Exercise(lab_index.EXERCISES / "S1-x")
        self.exercise.answer.parent.mkdir()
        self.mine = lab_report.shown(self.exercise.answer)

    def shorten(self, text):
        return lab_report.shorten_report(text.format(mine=self.mine), self.exercise)

    def test_an_address_report_keeps_the_learners_frames(self):
        self.assertEqual(
            self.shorten(ADDRESS),
            [
                "AddressSanitizer: heap-use-after-free",
                "  WRITE of size 1 thread T0",
                f"    in fill, {self.mine}:4",
                "  freed by thread T0",
                f"    in drop, {self.mine}:9",
            ],
        )

    def test_a_leak_says_who_allocated(self):
        self.assertEqual(
            self.shorten(LEAK),
            [
                "LeakSanitizer: detected memory leaks",
                "  Direct leak of 33 byte(s) in 1 object(s) allocated from",
                f"    in keep, {self.mine}:6",
            ],
        )

    def test_undefined_behaviour_has_its_place(self):
        text = "runtime error: signed integer overflow: 1 + 2 cannot be represented"
        self.assertEqual(self.shorten(UNDEFINED), [text, f"  at {self.mine}:6"])

    def test_a_race_has_both_sides(self):
        self.assertEqual(
            self.shorten(RACE),
            [
                "ThreadSanitizer: data race",
                "  Read of size 4 by main thread",
                f"    in reader, {self.mine}:5",
                "  Previous write of size 4 by thread T1",
                f"    in writer, {self.mine}:4",
                "  Thread T1 created by main thread",
                f"    in reader, {self.mine}:3",
            ],
        )

    def test_a_report_of_an_unknown_kind_is_shown_as_it_begins(self):
        self.assertEqual(self.shorten("something new\nof two lines"), ["something new", "of two lines"])

    def test_a_hang_is_shown_where_the_learners_code_waits(self):
        stacks = STACKS.format(mine=self.mine)
        expected = f"a thread waits in pthread_cond_wait, called by wait_for_work, {self.mine}:41"
        self.assertEqual(list(lab_report.shorten_stacks(stacks, self.exercise)), [expected])

    def failure(self, **values):
        outcome = Outcome("ties_are_rotated", "plain", "fail", **values)
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            lab_report.print_failure(outcome, self.exercise)
        return text.getvalue()

    def test_a_failure_shows_steps_expectation_rule_and_place(self):
        text = self.failure(
            steps=["two loops", "one client"],
            message="expected loop 1, got loop 0\nwhy: turns (contract, 2)",
            place="check_policy.c:9",
        )
        self.assertEqual(
            text,
            "✗ ties_are_rotated\n"
            "   1. two loops\n"
            "   2. one client\n"
            "  expected loop 1, got loop 0\n"
            "  why: turns (contract, 2)\n"
            "  (check_policy.c:9)\n",
        )

    def test_of_many_steps_the_last_are_shown_with_their_numbers(self):
        text = self.failure(steps=[f"step {number}" for number in range(1, 31)])
        self.assertIn("… 18 steps before these", text)
        self.assertNotIn("step 18\n", text)
        self.assertIn("  30. step 30\n", text)

    def test_what_the_answer_printed_is_shown_apart(self):
        text = self.failure(output="hello\nhere I am")
        self.assertIn("your program printed:\n    | hello\n    | here I am\n", text)

    def test_the_whole_report_is_in_a_file(self):
        outcome = Outcome("x", "address", "report", report=LEAK.format(mine=self.mine))
        lines = lab_report.message_of(outcome, self.exercise)
        path = self.exercise.answer.with_name("report.txt")
        self.assertEqual(lines[-1], f"the whole report: {lab_report.shown(path)}")
        self.assertEqual(path.read_text(), outcome.report)

    def test_commands_stand_below_their_meaning_where_it_is_narrow(self):
        text = io.StringIO()
        with mock.patch.dict(os.environ, COLUMNS="30"), contextlib.redirect_stdout(text):
            lab_report.print_commands([("./lab check S1-x", "all of it again")])
        self.assertEqual(text.getvalue(), "  all of it again:\n    ./lab check S1-x\n")

    def test_what_is_shown_for_now_fits_one_line(self):
        text = io.StringIO()
        with mock.patch.dict(os.environ, COLUMNS="20"), contextlib.redirect_stderr(text):
            lab_build.show_for_now("2/8 under the address sanitizer: a_check_with_a_long_name")
        self.assertEqual(text.getvalue(), "\r\033[K2/8 under the addre")

    def test_a_hint_is_folded_but_its_code_is_not(self):
        hint = "One\nparagraph of words.\n\n- an item\n  goes on\n- another\n\n"
        code = "```text\nfor each x\n    do it\n```\n"
        expected = (
            "One paragraph of\nwords.\n\n- an item goes on\n- another\n\n"
            "    for each x\n        do it"
        )
        with mock.patch.dict(os.environ, COLUMNS="20"):
            self.assertEqual(lab_terminal.fold_markdown(hint + code), expected)

    def test_there_is_no_colour_for_a_pipe_or_where_it_is_unwanted(self):
        terminal = mock.Mock(isatty=lambda: True)
        with mock.patch.dict(os.environ, {"NO_COLOR": "1", "TERM": "xterm"}):
            self.assertFalse(lab_terminal.wants_colour(terminal))
        with mock.patch.dict(os.environ, {"NO_COLOR": "", "TERM": "xterm"}):
            self.assertTrue(lab_terminal.wants_colour(terminal))
            self.assertFalse(lab_terminal.wants_colour(io.StringIO()))


if __name__ == "__main__":
    unittest_summary.main()
