"""Make an nbgrader course from the labs, or the students' versions that the package carries.

    python scripts/course.py DIR                  a course folder for a lecturer: masters, students' versions, rubrics
    python scripts/course.py --student-versions   data/labs, from the masters in nbs/labs

The masters hold solutions and hidden tests; the students' versions hold neither.
"""
import argparse
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent
MASTERS = sorted((ROOT / "nbs/labs").glob("lab*.ipynb"))
COURSE = "image_protection"  # nbgrader's name for it
CONFIG = f'''"""nbgrader's settings for this course."""
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "{COURSE}"
c.ClearSolutions.code_stub = {{"python": "# YOUR CODE HERE\\nraise NotImplementedError"}}
c.ClearSolutions.text_stub = "YOUR ANSWER HERE"
c.Execute.timeout = 300  # seconds per cell
c.GenerateAssignment.create_assignment = True
'''


def copy_masters(course: Path, numbers: list[int] | None = None) -> list[str]:
    """Copy masters, without outputs, to where nbgrader expects the sources; return the assignments' names."""
    course.mkdir(parents=True, exist_ok=True)
    (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    names = [m.stem for m in MASTERS if numbers is None or int(m.stem.removeprefix("lab")) in numbers]
    for name in names:
        notebook = nbformat.read(ROOT / f"nbs/labs/{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            cell.metadata = {key: cell.metadata[key] for key in {"nbgrader", "tags"} & set(cell.metadata)}
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        place = course / "source" / name
        place.mkdir(parents=True)
        nbformat.write(notebook, place / f"{name}.ipynb")
    return names


def nbgrader(course: Path):
    """Open nbgrader's interface to a course folder; it calls `alembic` by name, which lies beside this Python."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config, PyFileConfigLoader

    config = Config(PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config())
    config.CourseDirectory.root = str(course)
    config.Application.log_level = "ERROR"
    return NbGraderAPI(config=config)


def done(result: dict, what: str) -> None:
    """Exit with nbgrader's own message if it failed."""
    if not result["success"]:
        sys.exit(f"{what} failed:\n{result.get('log') or result.get('error')}")


def release(course: Path, numbers: list[int] | None = None):
    """Write a new course folder; return the assignments' names and nbgrader's interface."""
    names, api = copy_masters(course, numbers), nbgrader(course)
    for name in names:
        done(api.generate_assignment(name), f"generate_assignment {name}")
    return names, api


def make_course(folder: Path) -> None:
    """Write a complete course folder."""
    if folder.exists() and any(folder.iterdir()):
        print(f"{folder} is not empty; choose a new folder", file=sys.stderr)
        raise SystemExit(2)
    names, _ = release(folder)
    shutil.copyfile(ROOT / "nbs/labs/teaching.md", folder / "teaching.md")
    (folder / "rubrics.md").write_text(rubrics(), encoding="utf-8")
    print(f"{folder}: {len(names)} labs. Read teaching.md first: source/ holds the masters, release/ what students get")


def rubrics() -> str:
    """Collect what is graded by hand: each prose exercise with its rubric and a model answer."""
    parts = ["# What is graded by hand\n\nThe students' versions show the rubrics, but not the model answers."]
    for master in MASTERS:
        cells = nbformat.read(master, as_version=4).cells
        parts.append("#" + cells[0].source.splitlines()[0])
        question = []
        for cell in (c for c in cells if c.cell_type == "markdown"):
            mark = cell.metadata.get("nbgrader", {})
            if cell.source.startswith("## "):
                question = ["#" + cell.source]
            elif not mark.get("grade"):
                question.append(cell.source)
            else:
                quoted = "\n".join(f"> {line}".rstrip() for line in cell.source.splitlines())
                parts += [*question, f"**A model answer, {mark['points']} points**", quoted]
    return "\n\n".join(parts) + "\n"


def student_versions() -> dict[str, str]:
    """Make the students' versions with nbgrader, by file name."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        names, _ = release(course)
        files = [course / "release" / name / f"{name}.ipynb" for name in names]
        return {file.name: file.read_text(encoding="utf-8") for file in files}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="folder for the new course")
    parser.add_argument("--student-versions", action="store_true", help="write them to data/labs instead")
    args = parser.parse_args()
    if importlib.util.find_spec("nbgrader") is None:
        print("nbgrader is missing: pip install 'fmd_nb[course]'", file=sys.stderr)
        raise SystemExit(2)
    if args.student_versions:
        for name, text in student_versions().items():
            (ROOT / "data/labs" / name).write_text(text, encoding="utf-8")
    elif args.folder:
        make_course(args.folder)
    else:
        parser.error("a folder is needed, for example: make course DIR=../course")


if __name__ == "__main__":
    main()
