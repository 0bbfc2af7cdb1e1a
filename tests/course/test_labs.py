"""Labs graded by nbgrader: the solution, the blank, planted mistakes, and right answers in another style."""
import importlib.util
import json
import re
import subprocess
import sys
from functools import cached_property
from pathlib import Path

import nbformat
import pytest

from tests.support import grading
from tests.support.grading import scripts as course
from tests.support.paths import ROOT

NUMBERS = range(1, 8)
PARTS = ("**After this lab you can**", "**Before it**", "**How it works.**", "## Go further", "## What we saw",
         "*Rubric.*")
needs_nbgrader = pytest.mark.skipif(not importlib.util.find_spec("nbgrader"), reason="needs nbgrader")


def texts(notebook: Path) -> str:
    """All text cells of a notebook."""
    return "\n".join(c.source for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "markdown")


def secrets(source: str) -> set[str]:
    """Lines of a graded cell that students may not see: solutions, hidden tests, and whole prose answers."""
    parts = re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", source, re.S) or [source]
    return {line.strip() for part in parts for line in part.splitlines() if len(line.strip()) > 30}


@pytest.fixture(scope="class")
def graded(request, tmp_path_factory):
    """Course folder of a class's lab, and the points of every submission; graded once."""
    number = request.cls.number
    folder = tmp_path_factory.mktemp(f"lab{number}")
    return folder, grading.grade(grading.Lab(number), folder)


class LabTests:
    """What every lab must have and do."""

    number: int

    @cached_property
    def lab(self) -> grading.Lab:
        return grading.Lab(self.number)

    def test_every_exercise_has_planted_mistakes(self):
        lab = self.lab
        assert set(lab.wrong) == set(lab.coding), set(lab.wrong) ^ set(lab.coding)
        assert min(len(mistakes) for mistakes in lab.wrong.values()) >= 2
        assert set(lab.right) <= set(lab.coding) and sum(map(len, lab.right.values())) >= 2

    def test_points_add_up(self):
        lab = self.lab
        assert sum(lab.points.values()) == 100 and len(lab.points) > len(lab.coding)
        for name in lab.coding:
            source = lab.solutions[f"test-{name}"]
            assert re.search(r'Exercise\("[\d.]+", (\d+)\)', source)[1] == str(lab.points[name]), name
            assert sum(map(int, re.findall(r"\.check\((\d+),", source))) == lab.points[name], name
            assert source.rstrip().endswith("exercise.score()"), name
            assert "### BEGIN HIDDEN TESTS" in source, f"{name} has no hidden tests"

    def test_it_has_all_its_parts(self):
        text, minutes = texts(self.lab.master), 0
        assert not [part for part in PARTS if part not in text]
        exercises = re.split(rf"^## Exercise {self.number}\.\d+ · ", text, flags=re.M)[1:]
        assert len(exercises) == len(self.lab.points)
        for exercise in exercises:
            marks = re.search(r"^\*[●○]{3} · (\d+) minutes · (\d+) points", exercise, re.M)
            assert marks, exercise[:60]
            minutes += int(marks[1])
            folded = ("<summary>Hint", "A common wrong answer, and what it tells")
            assert "graded by hand" in exercise or all(part in exercise for part in folded), exercise[:60]
        assert minutes <= 45, f"{minutes} minutes"

    def test_what_to_read_exists(self):
        """Notebooks that a lab names, and the sections that it names as reading."""
        text = texts(self.lab.master)
        named = [ROOT / f"{name}.ipynb" for name in re.findall(r"`(nbs/[\w/]+)`", text)]
        assert named and not [file for file in named if not file.exists()]
        headings = re.findall(r"^## (.*)", "\n".join(texts(file) for file in named), re.M)
        before = re.search(r"^\*\*Before it\*\*.*", text, re.M)[0]
        assert not set(re.findall(r'"([^"]+)"', before)) - set(headings)

    def test_no_solution_is_handed_out(self):
        text = (ROOT / f"data/labs/lab{self.number}.ipynb").read_text(encoding="utf-8")
        cells = json.loads(text)["cells"]
        assert "HIDDEN TESTS" not in text and "SOLUTION" not in text and not any(c.get("outputs") for c in cells)
        handed = {line.strip() for c in cells for line in "".join(c["source"]).splitlines()}
        cleared = {name: secrets(source) & handed for name, source in self.lab.solutions.items()}
        allowed = self.shown()
        assert not {name: found - allowed for name, found in cleared.items() if found - allowed}

    def shown(self) -> set[str]:
        """Lines that the master shows everybody; some of them may also occur in a secret."""
        cells, found = nbformat.read(self.lab.master, as_version=4).cells, set()
        for cell in cells:
            mark = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "markdown" and mark.get("solution"):
                continue
            text = re.sub(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n.*?### END \1", "", cell.source, flags=re.S)
            found |= {line.strip() for line in text.splitlines()}
        return found

    @pytest.mark.slow
    @needs_nbgrader
    def test_the_solution_has_all_points_and_the_blank_none(self, graded):
        lab, (folder, points) = self.lab, graded
        assert points["solution"] == {name: lab.points[name] if name in lab.coding else 0 for name in lab.points}
        assert points["blank"] == dict.fromkeys(lab.points, 0)
        for student in ("solution", "blank"):
            notebook = nbformat.read(folder / f"autograded/{student}/{lab.name}/{lab.name}.ipynb", as_version=4)
            errors = [o for c in notebook.cells for o in c.get("outputs", ()) if o.output_type == "error"]
            assert not errors, f"{student}: {errors[0].ename}: {errors[0].evalue}"
            shown = "".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", ()))
            assert ("This needs exercise" in shown) == (student == "blank"), "a demo of the solution fails"

    @pytest.mark.slow
    @needs_nbgrader
    def test_a_prose_answer_is_graded_by_hand(self, graded):
        lab, (folder, _) = self.lab, graded
        with grading.gradebook(folder) as book:
            for name in set(lab.points) - set(lab.coding):
                grade = book.find_grade(name, lab.name, lab.name, "solution")
                assert grade.needs_manual_grade
                grade.manual_score = lab.points[name]
            book.db.commit()
            assert book.find_submission(lab.name, "solution").score == 100

    @pytest.mark.slow
    @needs_nbgrader
    def test_a_mistake_costs_points_of_its_own_exercise_only(self, graded):
        lab, (_, points) = self.lab, graded
        for submission in lab.submissions()[2:]:
            found = points[submission.student]
            for name in lab.coding:
                answer = submission.wrong.get(name) or submission.right.get(name) or "the solution"
                full = found[name] == lab.points[name]
                assert full == (name not in submission.wrong), f"{name}, {answer}: {found[name]} of {lab.points[name]}"

    @pytest.mark.slow
    @needs_nbgrader
    def test_feedback_says_what_is_wrong(self, graded):
        lab, (folder, _) = self.lab, graded
        for submission in lab.submissions()[2:]:
            page = folder / f"feedback/{submission.student}/{lab.name}/{lab.name}.html"
            assert page.read_text(encoding="utf-8").count("✗ 0 of") >= len(submission.wrong), submission


class TestLab1(LabTests):
    number = 1


class TestLab2(LabTests):
    number = 2


class TestLab3(LabTests):
    number = 3


class TestLab4(LabTests):
    number = 4


class TestLab5(LabTests):
    number = 5


class TestLab6(LabTests):
    number = 6


class TestLab7(LabTests):
    number = 7


def test_no_lab_is_forgotten():
    tested = {test.number for test in LabTests.__subclasses__()}
    assert tested == set(NUMBERS) == {int(p.stem.removeprefix("lab")) for p in (ROOT / "nbs/labs").glob("lab*.ipynb")}


@needs_nbgrader
def test_students_versions_are_up_to_date():
    made = course.student_versions()
    assert set(made) == {p.name for p in (ROOT / "data/labs").glob("*.ipynb")}
    stale = [name for name, text in made.items() if (ROOT / "data/labs" / name).read_text(encoding="utf-8") != text]
    assert not stale, "python scripts/course.py --student-versions"


@needs_nbgrader
def test_a_course_folder_is_complete_and_not_overwritten(tmp_path):
    make = [sys.executable, ROOT / "scripts/course.py", tmp_path / "course"]
    subprocess.run(make, check=True, capture_output=True)
    found = {str(p.relative_to(tmp_path / "course")) for p in (tmp_path / "course").rglob("*") if p.is_file()}
    labs = {f"{place}/lab{n}/lab{n}.ipynb" for place in ("source", "release") for n in NUMBERS}
    assert found == labs | {"nbgrader_config.py", "gradebook.db", "teaching.md", "rubrics.md"}
    rubrics = (tmp_path / "course/rubrics.md").read_text(encoding="utf-8")
    assert rubrics.count("*Rubric.*") == rubrics.count("**A model answer") == len(NUMBERS)
    again = subprocess.run(make, capture_output=True, text=True)
    assert again.returncode == 2 and len(again.stderr.splitlines()) == 1 and "not empty" in again.stderr


def test_without_nbgrader_one_line_says_what_to_install(tmp_path):
    code = f"""import importlib.util, runpy, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == 'nbgrader' else found(name, *rest)
sys.argv = ['course.py', {str(tmp_path / "course")!r}]
runpy.run_path({str(ROOT / "scripts/course.py")!r}, run_name='__main__')"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr == "nbgrader is missing: pip install 'fmd_nb[course]'\n"
    assert not (tmp_path / "course").exists()
