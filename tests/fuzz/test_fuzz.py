"""A few of each kind of hostile input, and a fuzzer that sees what it is there to see.

`python -m tests.fuzz` runs 10,000 cases; data/results/untrusted.csv is its table.
"""
import csv
import os
import pickle

import pandas as pd
import pytest
import torch

from tests.fuzz import fuzz, hostile

TRIED = [(name, cases) for name, cases in (("photo", 60), ("weights", 30), ("table", 20), ("lab", 4), ("protect", 6),
                                           ("manifest", 8), ("upload", 10), ("report", 1))]


@pytest.mark.parametrize(("kind", "cases"), TRIED, ids=[name for name, _ in TRIED])
def test_hostile_input_is_read_or_refused_in_one_line(kind, cases):
    jobs = fuzz.plan(cases, [kind])[kind]
    found = list(fuzz.run_kind(kind, jobs, seed=7))
    assert len(found) == len(jobs) and {case.tried for case in found} == set(fuzz.KINDS[kind].tried)
    assert not [(case.tried, case.number, case.outcome, case.detail) for case in found if fuzz.wrong(case)]



@pytest.mark.slow
def test_the_explorers_server_gives_nothing_to_strangers():
    counts = {"paths": len(hostile.PATHS), "host": len(hostile.HOSTS), "origin": 3, "token": 9, "body": 3, "garbage": 3}
    jobs = [(tried, k) for tried, count in counts.items() for k in range(count)]
    found = list(fuzz.run_kind("server", jobs, seed=7))
    assert len(found) == len(jobs) and set(counts) == set(fuzz.KINDS["server"].tried)
    assert not [(case.tried, case.number, case.outcome, case.detail) for case in found if fuzz.wrong(case)]



def test_the_fuzzer_sees_code_that_runs(tmp_path, monkeypatch):
    """The same pickles, loaded without a guard, leave their mark: canary, audit events."""
    def use(made, place, shared):
        torch.load(made[0].partition("@")[2], weights_only=False)

    kind = fuzz.KINDS["weights"]
    monkeypatch.setitem(fuzz.KINDS, "weights", fuzz.Kind({"pickle": 1}, kind.make, use, kind.start))
    found = list(fuzz.run_kind("weights", [("pickle", k) for k in range(8)], seed=7))
    ran = [case for case in found if case.outcome == "escape"]
    assert len(ran) >= 4 and any("canary" in case.detail for case in ran), [case.outcome for case in found]



def test_the_fuzzer_sees_writes_outside_and_processes(monkeypatch):
    def use(made, place, shared):
        (place / "out/fine").write_text("")
        (place / "in/outside").write_text("") if made == "write" else os.system("true")

    monkeypatch.setitem(fuzz.KINDS, "lab", fuzz.Kind({}, lambda g, place, tried, *_: tried, use))
    found = list(fuzz.run_kind("lab", [("write", 0), ("run", 0)], seed=0))
    assert [case.outcome for case in found] == ["escape"] * 2
    assert found[0].detail.count("open") == 1 and "in/outside" in found[0].detail and "os.system" in found[1].detail



def test_the_fuzzer_counts_a_cases_memory_and_not_the_test_runners(tmp_path):
    def use(made, place, shared):
        return len(b"x" * made * 2**20)

    before = b"x" * (2 * 2**30)  # as a worker that has run many notebooks
    kind = fuzz.Kind({}, lambda g, place, tried, *_: int(tried), use)
    small, large = (fuzz.run_case(kind, "memory", mb, 0, 0, tmp_path, None) for mb in ("10", "1800"))
    del before
    assert not fuzz.wrong(small) and fuzz.wrong(large) and 1750 < large.peak_mb - small.peak_mb < 1850



def test_the_table_is_whole():
    """The stored run: 10,000 cases of every kind that there is now, and nothing went wrong."""
    table = pd.read_csv(fuzz.OUT, keep_default_na=False)
    kinds = [(name, tried) for name, kind in fuzz.KINDS.items() for tried in kind.tried]
    assert list(zip(table.kind, table.tried, strict=True)) == kinds
    assert table.cases.sum() >= 10_000 and (table.read + table.refused == table.cases).all()
    assert table.seconds.max() <= fuzz.MOST_SECONDS and table.peak_mb.max() <= fuzz.MOST_MB



def test_the_parts_of_the_fuzzer_bite(tmp_path):
    """Formulas are formulas to a naive writer, and the pickles name what they would run."""
    naive = "\n".join(f'"{name}"' for name in hostile.FORMULAS if '"' not in name)
    assert sum(not fuzz._spreadsheet_safe(row[0]) for row in csv.reader(naive.splitlines())) >= 5
    assert b"system" in pickle.dumps(hostile._Runs("system", tmp_path / "canary"))
