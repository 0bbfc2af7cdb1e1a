"""Run what takes longer than a notebook may: cell by cell, continuing where it was stopped.

An experiment declares the file that it fills, its cells, and the function that measures one cell. A cell is named by
values of columns. A cell that is in the file already is not measured again. At any moment the file holds all rows of a
cell or none.
"""
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from fmd_nb.support.executors import Executor, here
from fmd_nb.support.rows import Rows

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


def measure(experiment: Experiment, cell: Mapping[str, object]) -> pd.DataFrame:
    """Measure the rows of a cell."""
    return experiment.measure(**cell).assign(**cell)


def run(experiment: Experiment, again: bool = False, executor: Executor = here) -> pd.DataFrame:
    """Measure the cells that are missing, each as a job of the executor."""
    with Rows(experiment.file).writing() as rows:
        if again:
            rows.keep(lambda row: False)
        done = [row.items() for row in rows]
        texts = [(cell, {column: str(value) for column, value in cell.items()}) for cell in experiment.cells]
        missing = [cell for cell, text in texts if not any(text.items() <= row for row in done)]
        for outcome in executor.each(measure, missing, partial(copy, experiment)):
            if outcome.error:
                print(experiment.name, dict(outcome.job), outcome.error, flush=True)
                continue
            rows.add(outcome.value.to_dict("records"))
            means = outcome.value.select_dtypes("number").mean().round(3)
            print(experiment.name, dict(outcome.job), *means.items(), flush=True)
        return rows.table()
