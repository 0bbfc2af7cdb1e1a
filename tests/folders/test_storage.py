"""The same files in an S3 store as on this machine, whatever fails on the way: moto's server, with errors injected."""
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from fmd_nb import evaluate, load_model, protect
from fmd_nb.folders.command import app
from fmd_nb.images.files import save
from fmd_nb.support import storage
from fmd_nb.support.errors import InputError
from fmd_nb.support.executors import ray as on_ray
from tests.support.paths import ROOT

needed = [name for name in ("s3fs", "moto", "flask") if not importlib.util.find_spec(name)]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(needed), reason=f"needs {', '.join(needed)}")]
COUNT = int(os.environ.get("FMD_STORAGE_PHOTOS", 24))
MODEL = "faces/identity/resnet"
QUICK = {"authorized": MODEL, "preset": "paper", "steps": 12, "progress": False, "batch_size": 2, "surrogates": []}
SETTINGS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true", "RAY_USAGE_STATS_ENABLED": "0"}


@pytest.fixture(scope="module")
def server():
    """Address of an S3 server that fails when it is told to."""
    program = [sys.executable, str(ROOT / "tests/support/flaky_s3.py")]
    pages = os.environ | {"MOTO_S3_DEFAULT_MAX_KEYS": "16"}  # a listing takes several requests
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=pages)
    address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (SETTINGS | {"AWS_ENDPOINT_URL": address}).items():
            patch.setenv(name, value)
        storage._store.cache_clear()
        for bucket in ("photos", "readonly"):
            store, path = storage._locate(f"s3://{bucket}")
            store.mkdir(path)
        yield address
    storage._store.cache_clear()
    process.kill()
    process.wait()


def flaky(server: str, share: float | None = None) -> list[tuple[str, str, str]]:
    """Set the share of requests that fail; all requests so far: method, path, how it failed."""
    with urlopen(f"{server}/_flaky" + ("" if share is None else f"?share={share}")) as answer:
        return json.load(answer)


def puts(server: str, out: str) -> list[str]:
    """The protected photos that were written below a URL, as often as the store said so."""
    ours = [path for method, path, kind in flaky(server) if method == "PUT" and not kind and path.endswith(".png")]
    return [path for path in ours if path.startswith(out.removeprefix("s3:/") + "/")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, server):
    """Photos of two sizes, one that is none, here and in the store, and what one process makes of them here."""
    home, rng = tmp_path_factory.mktemp("storage"), torch.Generator().manual_seed(0)
    (home / "in/sub").mkdir(parents=True)
    for k in range(COUNT):
        coarse = torch.rand(1, 3, 6, 6, generator=rng)
        photo = torch.nn.functional.interpolate(coarse, (64, 64 + 16 * (k // 4 % 2)), mode="bicubic").clamp(0, 1)
        save(photo[0], home / "in" / ("sub" if k % 5 == 0 else "") / f"{k:03}.png")
    (home / "in/text.jpg").write_text("no picture")
    for name in storage.names(home / "in"):
        storage.upload(home / "in" / name, f"s3://photos/in/{name}")
    protect(home / "in", home / "alone", **QUICK)
    return home


def assert_same(folder: Path, out: str) -> None:
    """The same names and bytes as on this machine; the manifest names other originals and is the same otherwise."""
    assert sorted(storage.names(out)) == sorted(storage.names(folder / "alone"))
    for name in set(storage.names(folder / "alone")) - {"manifest.csv"}:
        assert storage.read_bytes(f"{out}/{name}") == (folder / "alone" / name).read_bytes(), name
    here = (folder / "alone/manifest.csv").read_text().replace(str(folder / "in"), "s3://photos/in")
    assert storage.read_bytes(f"{out}/manifest.csv").decode() == here


def test_a_killed_driver_and_failing_requests_cost_nothing(folder, server, tmp_path, monkeypatch):
    out = f"s3://photos/killed{COUNT}"
    code = f"from fmd_nb import protect\nprotect('s3://photos/in', {out!r}, **{QUICK!r})"
    first = len(flaky(server, 0.05))
    driver = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while len(puts(server, out)) < COUNT // 3:
        time.sleep(0.05)
        assert driver.poll() is None, driver.stderr.read().decode()
    driver.kill()
    driver.wait()
    before = puts(server, out)
    assert len(before) < COUNT and list(storage.names(f"{out}/manifest.parts"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # as on another machine
    protect("s3://photos/in", out, **QUICK)
    requests = flaky(server, 0)[first:]
    failed = pd.Series([kind for *_, kind in requests if kind]).value_counts()
    print(f"\n{COUNT} photos, killed after {len(before)}; {len(requests)} requests, of which failed {failed.to_dict()}")
    assert_same(folder, out)
    assert failed.sum() > 0.02 * len(requests)
    twice = len(puts(server, out)) - COUNT
    assert 0 <= twice + sum(kind.startswith("dropped ") for *_, kind in requests) and twice <= QUICK["batch_size"]
    assert protect("s3://photos/in", out, **QUICK).attrs["finished_before"] == COUNT + 1
    assert len(puts(server, out)) == COUNT + twice
    assert not list(tmp_path.iterdir())
    model = load_model(MODEL)
    tables = [evaluate(a, b, model) for a, b in (("s3://photos/in", out), (folder / "in", folder / "alone"))]
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="needs Ray")
def test_rays_workers_read_and_write_themselves(folder, server):
    flaky(server, 0.05)
    protect("s3://photos/in", "s3://photos/workers", **QUICK, executor=on_ray("local", workers=1))
    flaky(server, 0)
    assert_same(folder, "s3://photos/workers")


def command(*args) -> tuple[int, str, float]:
    """Exit code, output and seconds of `fmd`."""
    start = time.monotonic()
    result = CliRunner().invoke(app, [*map(str, args), "--authorized", MODEL, "--preset", "paper", "--steps", "2"])
    return result.exit_code, result.output, time.monotonic() - start


@pytest.mark.parametrize("source,out,said", [
    ("s3://photos/in", "foo://bucket/x", "foo://bucket: Protocol not known"),
    ("s3://nobody/in", "s3://photos/x", "s3://nobody/in: not found (The specified bucket does not exist)"),
    ("s3://photos/in", "s3://nobody/x", "s3://nobody/x/manifest.parts: not found"),
    ("s3://forbidden/in", "s3://photos/x", "s3://forbidden/in: no permission"),
    ("s3://photos/in", "s3://readonly/x", "s3://readonly/x/manifest.csv: cannot be written to (no permission (Access"),
    ("s3://photos/none", "s3://photos/x", "s3://photos/none: no such file or folder"),
    ("s3://photos/in", "s3://photos/in/x", "lies inside the input"),
])
def test_what_does_not_pass_is_one_line(folder, server, source, out, said):
    flaky(server, 0)
    code, text, seconds = command("protect", source, "-o", out)
    assert (code, len(text.strip().splitlines())) == (2, 1), text
    assert said in text
    assert seconds < 10


@pytest.mark.parametrize("name", ["support.rows.atomic_write", "folders.photos.read_bytes"])
def test_a_store_that_is_down_stops_the_run_and_loses_nothing(folder, server, monkeypatch, name):
    monkeypatch.setattr(storage, "_TRIES", 2)
    monkeypatch.setitem(storage._OPTIONS["s3"]["config_kwargs"], "retries", {"total_max_attempts": 1})
    storage._store.cache_clear()
    module, _, function = name.rpartition(".")
    calls, real = [], getattr(storage, function)

    def failing(*args):
        calls.append(args)
        flaky(server, int(len(calls) >= 6))
        try:
            return real(*args)
        finally:
            flaky(server, 0) if function == "read_bytes" else None  # back soon, yet no photo is passed over

    with monkeypatch.context() as patch:
        patch.setattr(f"fmd_nb.{name}", failing)
        with pytest.raises(OSError, match="failed 2 times") as raised:
            protect("s3://photos/in", f"s3://photos/{name}", **QUICK)
    assert not isinstance(raised.value, InputError)
    flaky(server, 0)
    table = protect("s3://photos/in", f"s3://photos/{name}", **QUICK)
    assert 0 < table.attrs["finished_before"] < COUNT
    assert_same(folder, f"s3://photos/{name}")
    storage._store.cache_clear()


def test_a_slow_answer_is_given_up_and_asked_for_again(server, monkeypatch):
    monkeypatch.setitem(storage._OPTIONS["s3"]["config_kwargs"], "read_timeout", 0.1)
    storage._store.cache_clear()
    flaky(server, 0)
    with storage.atomic_write("s3://photos/slow.txt") as file:
        file.write(b"slow")
    first = len(flaky(server, 0.3))  # three of ten requests fail, three of ten take 0.3 s
    for _ in range(6):
        assert storage.read_bytes("s3://photos/slow.txt") == b"slow"
    assert len(flaky(server, 0)) - first > 6
    storage._store.cache_clear()
