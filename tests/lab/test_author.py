"""Tests of lab_author and lab_index: what is asked of an exercise, and whether lacking it is seen."""

import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.append(str(Path(__file__).resolve().parents[2] / "exercises" / "lab"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import lab_author
import lab_compile
import lab_index
import unittest_summary
from lab_compile import Answer, answers_of
from lab_grade import Outcome

README = "# S1-x: a title\n\n*Stage 1 · exercise 3 · about 20 minutes*\n" + "".join(
    f"\n## {section}\n" for section in [*lab_author.SECTIONS, "Run it in the real server"]
)
CHECKS = ["the_first", "the_second"]


class Folder(unittest.TestCase):
    """A complete exercise, of which each test takes something away."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "S1-x"
        for name in ("wrong", "hints"):
            (self.folder / name).mkdir(parents=True)
        self.write("README.md", README)
        self.write("starter.c", "/* fails-at: the_first */\n")
        self.write("solution.c", "\n")
        self.write("main.c", "/* ./lab run S1-x --threads=2 */\n")
        self.write("check_x.c", "/* run-under: thread */\n")
        for number in range(1, 5):
            self.write(f"hints/{number}.md", "a hint\n")
            self.write(f"wrong/w{number}.c", "/* caught-by: the_second */\n")
        self.exercise = lab_index.Exercise(self.folder)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def problems(self):
        return list(lab_author.problems_of_folder(lab_index.Exercise(self.folder)))

    def answer(self, name, first_line):
        self.write(f"wrong/{name}.c", f"{first_line}\n")
        return Answer(self.exercise, f"wrong-{name}", self.folder / "wrong" / f"{name}.c")


class Index(Folder):
    def test_a_complete_folder_has_no_problem(self):
        self.assertEqual(self.problems(), [])

    def test_the_readme_tells_title_place_and_minutes(self):
        exercise = self.exercise
        self.assertEqual((exercise.title, exercise.place, exercise.minutes), ("a title", (1, 3), 20))

    def test_a_stage_that_does_not_fit_the_id_is_refused(self):
        self.write("README.md", README.replace("Stage 1", "Stage 2"))
        self.assertIn("README.md begins with", self.problems()[0])

    def test_each_part_is_missed(self):
        for name in ("hints/3.md", "check_x.c", "wrong/w2.c"):
            with self.subTest(name):
                kept = (self.folder / name).read_text()
                (self.folder / name).unlink()
                self.assertEqual(len(self.problems()), 1)
                self.write(name, kept)

    def test_each_section_is_missed(self):
        for section in lab_author.SECTIONS:
            with self.subTest(section):
                self.write("README.md", README.replace(f"## {section}\n", ""))
                self.assertIn(section, self.problems()[0])

    def test_an_unknown_variant_is_refused(self):
        self.write("check_x.c", "/* run-under: moonlight */\n")
        self.assertIn("no variant moonlight", self.problems()[0])

    def test_the_variants_come_in_order(self):
        self.assertEqual(self.exercise.variants, ["plain", "address", "thread"])

    def test_the_options_come_from_main(self):
        self.assertEqual(self.exercise.how_to_run(), "./lab run S1-x --threads=2")

    def test_all_answers_are_found(self):
        names = [answer.name for answer in answers_of(self.exercise)]
        self.assertEqual(names, ["starter", "solution", *(f"wrong-w{n}" for n in range(1, 5))])


class Variants(unittest.TestCase):
    def setUp(self):
        lab_compile.has_variant.cache_clear()
        self.addCleanup(lab_compile.has_variant.cache_clear)

    def test_a_compiler_that_fails_leaves_out_the_sanitizers_and_nothing_else(self):
        with mock.patch.object(lab_compile, "compiler", lambda folder: ["false"]):
            left = [name for name in lab_compile.VARIANTS if lab_compile.has_variant(name)]
        self.assertEqual(left, ["plain", "ndebug"])


class Verdicts(Folder):
    def verdict(self, answer, end):
        """What is wrong with an answer whose grading ends like this."""
        variants = lab_author.needed_variants(answer, thorough=False)
        with mock.patch.object(lab_author, "list_checks", lambda program: CHECKS), mock.patch.object(
            lab_author, "end_of", lambda answer, variants: end
        ):
            return lab_author.verify_answer(answer, variants)[0]

    def wrong(self, line, end):
        return self.verdict(self.answer("w1", line), end)

    def test_a_wrong_answer_fails_in_the_check_that_it_names(self):
        line = "/* caught-by: the_second */"
        self.assertEqual(self.wrong(line, Outcome("the_second", "plain", "fail")), "")

    def test_failing_elsewhere_is_not_enough(self):
        line = "/* caught-by: the_second */"
        elsewhere = Outcome("the_first", "plain", "fail")
        self.assertIn("expected: fail in the_second", self.wrong(line, elsewhere))

    def test_passing_is_a_hole(self):
        self.assertIn("passes every check", self.wrong("/* caught-by: the_second */", None))

    def test_a_crash_counts_only_where_it_is_the_point(self):
        crash = Outcome("the_second", "plain", "crash")
        self.assertNotEqual(self.wrong("/* caught-by: the_second */", crash), "")
        self.assertEqual(self.wrong("/* caught-by: the_second, crashes */", crash), "")

    def test_a_hang_and_a_spin_have_words_of_their_own(self):
        for word, kind in (("hangs", "hang"), ("spins", "spin")):
            line = f"/* caught-by: the_second, {word} */"
            self.assertEqual(self.wrong(line, Outcome("the_second", "plain", kind)), "")
            self.assertNotEqual(self.wrong(line, Outcome("the_second", "plain", "fail")), "")

    def test_what_a_sanitizer_is_to_find_passes_without_it(self):
        line = "/* caught-by: the_second, under thread */"
        self.assertEqual(self.wrong(line, Outcome("the_second", "thread", "report")), "")
        self.assertNotEqual(self.wrong(line, None), "")

    def test_a_race_may_be_seen_before_the_thread_sanitizer_sees_it(self):
        line = "/* caught-by: the_second, under thread */"
        self.assertEqual(self.wrong(line, Outcome("the_second", "address", "fail")), "")
        self.assertNotEqual(self.wrong(line, Outcome("the_first", "plain", "fail")), "")
        self.assertNotEqual(self.wrong(line, Outcome("the_second", "plain", "crash")), "")
        line = "/* caught-by: the_second, under address */"
        self.assertNotEqual(self.wrong(line, Outcome("the_second", "plain", "fail")), "")

    def test_a_line_that_names_nothing_known_is_refused(self):
        fail = Outcome("the_first", "plain", "fail")
        self.assertIn("does not name", self.wrong("/* wrong on purpose */", fail))
        self.assertIn("no check the_third", self.wrong("/* caught-by: the_third */", fail))
        self.assertIn("do not run under", self.wrong("/* caught-by: the_first, under ndebug */", fail))

    def test_a_solution_passes_everything(self):
        solution = Answer(self.exercise, "solution", self.folder / "solution.c")
        self.assertEqual(self.verdict(solution, None), "")
        self.assertNotEqual(self.verdict(solution, Outcome("the_first", "plain", "fail")), "")


if __name__ == "__main__":
    unittest_summary.main()
