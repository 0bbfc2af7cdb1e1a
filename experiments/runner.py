"""Run what takes longer than a notebook may: cell by cell, continuing where it was stopped.

An experiment declares the file that it fills, its cells, and the function that measures one cell. A cell is named by
values of columns. A cell that is in the file already is not measured again, and the file is complete at any moment.
"""
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from fmd_nb.support.executors import Executor, here
from fmd_nb.support.storage import atomic_write

RESULTS = Path(__file__).parent.parent / "data/results"


@dataclass(frozen=True)
class Experiment:
    """A table in data/results."""

    name: str  # the file's, without its ending
    measure: Callable[..., pd.DataFrame]  # takes a cell's values by name, returns its rows
    cells: Sequence[Mapping[str, object]] = ({},)  # what names each cell: values by column

    @property
    def file(self) -> Path:
        return RESULTS / f"{self.name}.csv"


def is_done(table: pd.DataFrame, cell: Mapping[str, object]) -> bool:
    """Tell whether a table holds a cell."""
    if not len(table) or not set(cell) <= set(table.columns):
        return False
    found = pd.Series(True, index=table.index)
    for column, value in cell.items():
        found &= table[column].fillna("").astype(str) == str(value)
    return bool(found.any())


def measure(experiment: Experiment, cell: Mapping[str, object]) -> pd.DataFrame:
    """Measure the rows of a cell."""
    return experiment.measure(**cell).assign(**cell)


def run(experiment: Experiment, again: bool = False, executor: Executor = here) -> pd.DataFrame:
    """Measure the cells that are missing, each as a job of the executor."""
    file = experiment.file
    table = pd.read_csv(file) if file.exists() and not again else pd.DataFrame()
    missing = [cell for cell in experiment.cells if not is_done(table, cell)]
    for outcome in executor.each(measure, missing, partial(copy, experiment)):
        if outcome.error:
            print(experiment.name, dict(outcome.job), outcome.error, flush=True)
            continue
        rows = outcome.value
        table = pd.concat([table, rows], ignore_index=True) if len(table) else rows
        file.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(file) as out:
            out.write(table.to_csv(index=False).encode())
        print(experiment.name, dict(outcome.job), *rows.select_dtypes("number").mean().round(3).items(), flush=True)
    return table
