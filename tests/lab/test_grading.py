"""Tests of lab_grade: what a check's process does, and how that is judged.

The grader here is a small script; its argument is the check, so each check can misbehave in its way.
"""

import dataclasses
import os
import stat
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.append(str(Path(__file__).resolve().parents[2] / "exercises" / "lab"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import lab_grade
import unittest_summary

GRADER = f"""#!{sys.executable}
import os, signal, sys, time, threading

def busy(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass

name = sys.argv[1]
sys.stderr.write("step: the first\\nstep: the second\\nsomething else\\n")
sys.stderr.flush()
if name == "--list":
    print("passes\\nfails")
elif name == "passes":
    print("pass check.c:1: ")
elif name == "fails":
    print("fail check.c:7: expected 2, got 3\\nwhy: two is right")
    sys.exit(1)
elif name == "crashes":
    print("crash check.c:9: (after this point) Received signal 11 (Segmentation fault)")
    sys.exit(1)
elif name == "spins":
    print("crash check.c:9: (after this point) Received signal 24 (CPU time limit exceeded)")
    sys.exit(1)
elif name == "says_nothing":
    sys.exit(0)
elif name == "says_pass_and_fails":
    print("pass check.c:1: ")
    sys.exit(1)
elif name == "hangs":
    signal.pause()
elif name == "hangs_in_a_child":
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        open(os.environ["CHILD"], "w").write(str(os.getpid()))
        signal.pause()
    os.waitpid(child, 0)
elif name == "wakes_up_for_nothing":
    while True:
        time.sleep(0.01)
elif name == "wakes_up_and_works_a_little":
    while True:
        time.sleep(0.05)
        busy(0.005)
elif name == "sleeps_a_little":
    time.sleep(0.3)
    print("pass check.c:1: ")
elif name == "works_for_long":
    busy(1.0)
    print("pass check.c:1: ")
elif name == "works_in_a_thread":
    worker = threading.Thread(target=busy, args=(1.0,))
    worker.start()
    worker.join()
    print("pass check.c:1: ")
elif name == "is_reported":
    path = os.environ["ASAN_OPTIONS"].partition("log_path=")[2].partition(":")[0]
    open(path + ".1", "w").write("ERROR: AddressSanitizer: heap-buffer-overflow")
    print("crash check.c:9: Early exit with return value 66")
    sys.exit(1)
elif name == "is_reported_on_standard_error":
    sys.stderr.write("my/x/solution.c:3:1: runtime error: load of null pointer\\n    #0 in f x.c:3\\n")
    print("crash check.c:9: Early exit with return value 66")
    sys.exit(1)
elif name == "prints_a_lot":
    for _ in range(40):
        sys.stderr.write("x" * 100_000)
    print("pass check.c:1: ")
"""


class Looking(unittest.TestCase):
    """What is made of the states of threads, and of CPU seconds, that were seen."""

    def is_stuck(self, looks):
        return any(lab_grade.is_stuck(looks, stuck) for stuck in lab_grade.STUCK)

    def test_a_process_that_waits_to_run_is_not_stuck(self):
        self.assertFalse(self.is_stuck([({"S", "R"}, 1.0)] * 1200))

    def test_a_disk_is_waited_for_but_not_for_ever(self):
        self.assertFalse(self.is_stuck([({"S", "D"}, 1.0)] * 1199))
        self.assertTrue(self.is_stuck([({"S", "D"}, 1.0)] * 1200))

    def test_sleep_counts_only_in_a_row(self):
        asleep, awake = [({"S"}, 1.0)] * 59, [({"R"}, 1.0)] * 20
        self.assertFalse(self.is_stuck(asleep + awake + asleep))
        self.assertTrue(self.is_stuck(asleep + awake + asleep + asleep[:1]))

    def test_sleeping_between_attempts_is_no_progress(self):
        attempts = [({"R"} if look % 5 == 0 else {"S"}, 0.01 * look) for look in range(200)]
        self.assertTrue(self.is_stuck(attempts))

    def test_a_sleeper_that_works_in_between_is_not_stuck(self):
        self.assertFalse(self.is_stuck([({"S"}, 0.05 * look) for look in range(1200)]))


class Grading(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.grader = self.folder / "grader"
        self.grader.write_text(GRADER)
        self.grader.chmod(self.grader.stat().st_mode | stat.S_IXUSR)
        # A fifth of the looks is enough to be sure of these scripts.
        fewer = [dataclasses.replace(stuck, looks=stuck.looks // 5) for stuck in lab_grade.STUCK]
        patience = mock.patch.object(lab_grade, "STUCK", fewer)
        patience.start()
        self.addCleanup(patience.stop)

    def run_check(self, name):
        return lab_grade.run_check(self.grader, name)

    def test_a_check_that_passes(self):
        outcome = self.run_check("passes")
        self.assertEqual(outcome.kind, "pass")
        self.assertEqual(outcome.steps, ["the first", "the second"])
        self.assertEqual(outcome.output, "something else")

    def test_a_failure_has_its_place_and_its_whole_message(self):
        outcome = self.run_check("fails")
        self.assertEqual((outcome.kind, outcome.place), ("fail", "check.c:7"))
        self.assertEqual(outcome.message, "expected 2, got 3\nwhy: two is right")

    def test_a_crash_is_no_failure(self):
        self.assertEqual(self.run_check("crashes").kind, "crash")

    def test_the_limit_of_cpu_time_means_that_it_spins(self):
        self.assertEqual(self.run_check("spins").kind, "spin")

    def test_a_grader_without_a_result_has_not_passed(self):
        self.assertEqual(self.run_check("says_nothing").kind, "crash")

    def test_a_result_does_not_outweigh_the_status(self):
        self.assertEqual(self.run_check("says_pass_and_fails").kind, "crash")

    def test_threads_that_only_sleep_hang(self):
        self.assertEqual(self.run_check("hangs").kind, "hang")

    def test_a_child_in_a_group_of_its_own_is_seen_and_ended(self):
        note = self.folder / "child"
        with mock.patch.dict(os.environ, CHILD=str(note)):
            self.assertEqual(self.run_check("hangs_in_a_child").kind, "hang")
        state = Path(f"/proc/{note.read_text()}/stat")
        self.assertTrue(not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z")

    def test_waking_up_for_nothing_is_no_progress(self):
        self.assertEqual(self.run_check("wakes_up_for_nothing").kind, "hang")

    def test_a_little_work_between_sleeps_is_no_progress(self):
        self.assertEqual(self.run_check("wakes_up_and_works_a_little").kind, "hang")

    def test_a_short_sleep_is_no_hang(self):
        self.assertEqual(self.run_check("sleeps_a_little").kind, "pass")

    def test_work_is_no_hang_however_long(self):
        self.assertEqual(self.run_check("works_for_long").kind, "pass")

    def test_work_in_another_thread_is_no_hang(self):
        self.assertEqual(self.run_check("works_in_a_thread").kind, "pass")

    def test_a_sanitizers_report_is_kept(self):
        outcome = self.run_check("is_reported")
        self.assertEqual(outcome.kind, "report")
        self.assertIn("heap-buffer-overflow", outcome.report)

    def test_a_report_may_come_on_standard_error(self):
        outcome = self.run_check("is_reported_on_standard_error")
        self.assertEqual((outcome.kind, outcome.output), ("report", "something else"))
        self.assertIn("load of null pointer\n    #0", outcome.report)

    def test_much_output_is_cut(self):
        outcome = self.run_check("prints_a_lot")
        self.assertEqual(outcome.kind, "pass")
        self.assertLessEqual(len(outcome.output), 1 << 20)

    def test_grading_ends_at_the_first_that_does_not_pass(self):
        outcomes = lab_grade.grade(self.grader, "plain", ["passes", "fails", "crashes"])
        self.assertEqual([outcome.check for outcome in outcomes], ["passes", "fails"])

    def test_the_checks_are_those_that_the_grader_lists(self):
        self.assertEqual(lab_grade.list_checks(self.grader), ["passes", "fails"])

    def test_an_answer_that_speaks_before_main_lists_no_checks(self):
        for text in ("pass check.c:1: ", "passes\npass check.c:1: "):
            self.grader.write_text(f"#!/bin/sh\necho '{text}'\n")
            self.assertEqual(lab_grade.list_checks(self.grader), [])

    def test_nothing_to_list_is_no_success(self):
        for text in ("exit 0", "exit 1", "kill -9 $$", "sleep 1000"):
            self.grader.write_text(f"#!/bin/sh\n{text}\n")
            self.assertEqual(lab_grade.first_failure(self.grader, "plain").kind, "crash", text)


if __name__ == "__main__":
    unittest_summary.main()
