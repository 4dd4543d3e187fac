"""Tests of grader.c: what becomes of answers that leave early, or leave a copy of themselves behind.

The answer is in one file with the checks, which call it; a part of it runs before or after main.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "exercises" / "lab"))
sys.path.append(str(ROOT / "tests" / "support"))

import lab_grade
import unittest_summary

SOURCE = r"""
#include "grader.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pass_and_leave(void)
{
    (void)!write(STDOUT_FILENO, "pass check.c:1: \n", 17);
    _exit(0);
}

/* What is written to the files that are open comes to nobody. */
static void be_silent(void)
{
    int nowhere = open("/dev/null", O_WRONLY);

    for (int fd = 3; fd < nowhere; fd++) {
        dup2(nowhere, fd);
    }
}

/* Tries every answer in a copy of the process, and takes the one that is not refused. */
static int guess(void)
{
    for (int answer = 0; answer < 3; answer++) {
        int status = 0;
        pid_t copy = fork();
        if (copy == 0) {
            be_silent();
            return answer;
        }
        waitpid(copy, &status, 0);
        if (status == 0) {
            return answer;
        }
    }
    return 0;
}

static void expect(int answer)
{
    grader_expect(answer == 2, "two is right (contract, 1)", "expected 2, got %d", answer);
}

START_TEST(passes) { expect(2); } END_TEST
START_TEST(fails) { expect(1); } END_TEST
START_TEST(leaves) { exit(0); } END_TEST
START_TEST(guesses) { expect(guess()); } END_TEST
START_TEST(goes_on_in_a_copy)
{
    if (fork() != 0) {
        wait(NULL);
        _exit(0);
    }
}
END_TEST
START_TEST(ignores_its_limit)
{
    signal(SIGXCPU, SIG_IGN);
    for (;;) {
    }
}
END_TEST

#ifdef BEFORE_MAIN
__attribute__((constructor))
#elif defined AFTER_MAIN
__attribute__((destructor))
#endif
void around_main(void);
void around_main(void) { pass_and_leave(); }

int main(int argc, char **argv)
{
    grader_add(passes);
    grader_add(fails);
    grader_add(leaves);
    grader_add(guesses);
    grader_add(goes_on_in_a_copy);
    grader_add(ignores_its_limit);
    return grader_run(argc, argv);
}
"""


class Grader(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def build(self, *flags):
        source, program = self.folder / "check.c", self.folder / "grader"
        source.write_text(SOURCE)
        libraries = subprocess.run(
            ["pkg-config", "--cflags", "--libs", "check"], capture_output=True, text=True, check=True
        ).stdout.split()
        grader = ROOT / "exercises" / "grader"
        compiler = os.environ.get("CC", "cc").split()
        subprocess.run(
            [*compiler, "-std=gnu17", "-D_GNU_SOURCE", "-pthread", "-DGRADER_CPU_SECONDS=1", *flags,
             f"-I{grader}", str(source), str(grader / "grader.c"), "-o", str(program), *libraries],
            check=True,
        )
        return program

    def test_a_right_answer_passes_and_a_wrong_one_fails(self):
        program = self.build()
        self.assertEqual(lab_grade.run_check(program, "passes").kind, "pass")
        self.assertEqual(lab_grade.run_check(program, "fails").kind, "fail")

    def test_nobody_passes_by_leaving_or_in_a_copy(self):
        program = self.build()
        for check in ("leaves", "goes_on_in_a_copy", "guesses"):
            with self.subTest(check):
                outcome = lab_grade.run_check(program, check)
                self.assertEqual(outcome.kind, "fail")

    def test_who_ignores_the_limit_of_cpu_time_is_ended_too(self):
        self.assertEqual(lab_grade.run_check(self.build(), "ignores_its_limit").kind, "crash")

    def test_nobody_passes_before_main(self):
        self.assertEqual(lab_grade.list_checks(self.build("-DBEFORE_MAIN")), [])

    def test_what_is_said_after_main_takes_nothing_back(self):
        program = self.build("-DAFTER_MAIN")
        self.assertNotEqual(lab_grade.run_check(program, "fails").kind, "pass")


if __name__ == "__main__":
    unittest_summary.main()
