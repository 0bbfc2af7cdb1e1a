"""Hand in labs and let nbgrader grade them: solutions, the blank, planted mistakes, other right answers.

A lab's answers are `WRONG[exercise][name]`, a pair that replaces a part of the master's solution or a whole cell, and
`RIGHT[exercise][name]`, a whole cell. Several go into one submission: mistakes in every second exercise, right answers
of another style in the others. The right answers must keep all their points.
"""
import importlib
import sys
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from tests.support.paths import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import course as scripts  # noqa: E402


def sources(notebook: Path) -> dict[str, str]:
    """The source of each graded cell of a notebook, by its name."""
    cells = nbformat.read(notebook, as_version=4).cells
    return {c.metadata.nbgrader.grade_id: c.source for c in cells if "nbgrader" in c.metadata}


def points(notebook: Path) -> dict[str, int]:
    """Points of each exercise, by the name of its solution cell."""
    cells = nbformat.read(notebook, as_version=4).cells
    marks = [c.metadata.nbgrader for c in cells if "nbgrader" in c.metadata]
    return {m.grade_id.removeprefix("test-"): m.points for m in marks if m.grade}


@dataclass
class Submission:
    """One student's answers."""

    student: str
    wrong: dict[str, str] = field(default_factory=dict)  # exercise: name of the mistake
    right: dict[str, str] = field(default_factory=dict)  # exercise: name of the other style
    blank: bool = False


class Lab:
    """A lab with its planted answers."""

    def __init__(self, number: int):
        self.name = f"lab{number}"
        self.master = ROOT / f"nbs/labs/{self.name}.ipynb"
        planted = importlib.import_module(f"tests.course.planted.{self.name}")
        self.wrong, self.right = planted.WRONG, planted.RIGHT
        self.solutions, self.points = sources(self.master), points(self.master)

    @property
    def coding(self) -> list[str]:
        """The exercises that are answered by code."""
        return [name for name in self.points if f"test-{name}" in self.solutions]

    def submissions(self) -> list[Submission]:
        """The fewest submissions that hold every mistake and every right answer, with no mistakes in neighbours."""
        rounds = max(map(len, self.wrong.values()))
        found = [Submission("solution"), Submission("blank", blank=True)]
        for k in range(rounds):
            for odd in (0, 1):
                wrong = {e: list(self.wrong[e])[k] for e in self.coding[odd::2] if k < len(self.wrong[e])}
                styles = {e: list(self.right.get(e, ()))[k:] for e in self.coding if e not in wrong}
                right = {e: names[0] for e, names in styles.items() if names}
                if wrong:
                    found.append(Submission(f"mistakes-{k}-{odd}", wrong, right))
        return found

    def answer(self, exercise: str, submission: Submission) -> str:
        """Source of a solution cell in a submission."""
        solution = self.solutions[exercise]
        if exercise in submission.right:
            return self.right[exercise][submission.right[exercise]].strip()
        if exercise not in submission.wrong:
            return solution
        change = self.wrong[exercise][submission.wrong[exercise]]
        if isinstance(change, str):
            return change.strip()
        assert solution.count(change[0]) == 1, f"{exercise}: {change[0]!r} is not in the solution once"
        return solution.replace(*change)


def hand_in(lab: Lab, course: Path, submission: Submission) -> None:
    """Fill a submission into the students' version, and put it where nbgrader looks for it."""
    notebook = nbformat.read(course / f"release/{lab.name}/{lab.name}.ipynb", as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in lab.points and not submission.blank:
            cell.source = lab.answer(name, submission)
    place = course / f"submitted/{submission.student}/{lab.name}"
    place.mkdir(parents=True)
    nbformat.write(notebook, place / f"{lab.name}.ipynb")


def gradebook(course: Path):
    """nbgrader's database of a course folder, as a context manager."""
    from nbgrader.api import Gradebook

    return Gradebook(f"sqlite:///{course}/gradebook.db", scripts.COURSE)


def grade(lab: Lab, course: Path) -> dict[str, dict[str, float]]:
    """Hand in everything, grade it, write the feedback; return automatic points by student and exercise."""
    _, api = scripts.release(course, [int(lab.name.removeprefix("lab"))])
    for submission in lab.submissions():
        hand_in(lab, course, submission)
        scripts.done(api.autograde(lab.name, submission.student), f"autograde {submission.student}")
        scripts.done(api.generate_feedback(lab.name, submission.student), f"feedback {submission.student}")
    with gradebook(course) as book:
        return {s.student: scores(book, lab, s.student) for s in lab.submissions()}


def scores(book, lab: Lab, student: str) -> dict[str, float]:
    """Automatic points of a student."""
    graded = book.find_submission_notebook(lab.name, lab.name, student).grades
    return {g.name.removeprefix("test-"): g.auto_score or 0 for g in graded}
