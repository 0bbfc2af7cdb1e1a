"""The same files on Ray's workers as in one process, whatever is killed on the way."""
import importlib.util
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch

from fmd_nb import protect
from fmd_nb.evaluation.protocol import evaluate
from fmd_nb.evaluation.sweeps import sweep
from fmd_nb.faces.tasks import train
from fmd_nb.images.files import read, save
from fmd_nb.models.classifier import predict_logits
from fmd_nb.models.loading import load_model
from fmd_nb.support.errors import InputError
from fmd_nb.support.executors import here
from fmd_nb.support.executors import ray as on_ray

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="needs Ray")]
MODEL = "faces/identity/resnet"
QUICK = {"authorized": MODEL, "preset": "paper", "steps": 12, "progress": False, "batch_size": 2, "surrogates": []}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Photos of two sizes, one that is none, and what one process makes of them."""
    home = tmp_path_factory.mktemp("cluster")
    rng = torch.Generator().manual_seed(0)
    (home / "in").mkdir()
    for k in range(24):
        coarse = torch.rand(1, 3, 6, 6, generator=rng)
        photo = torch.nn.functional.interpolate(coarse, (96, 96 + 16 * (k // 4 % 2)), mode="bicubic").clamp(0, 1)
        save(photo[0], home / f"in/{k:02}.png")
    (home / "in/text.png").write_text("no picture")
    protect(home / "in", home / "alone", **QUICK)
    return home


def assert_same(folder: Path, name: str, undisturbed: str = "alone") -> None:
    """The same files with the same bytes as without Ray, the manifest among them."""
    one, other = ({f.name: f.read_bytes() for f in (folder / n).iterdir()} for n in (undisturbed, name))
    assert not one.keys() ^ other.keys()
    assert not [n for n in one if one[n] != other[n]]


@pytest.fixture
def four_cpus():
    """A Ray that offers four CPUs, however many there are."""
    import ray

    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()


def test_files_do_not_depend_on_four_workers(folder, four_cpus):
    protect(folder / "in", folder / "workers4", **QUICK, executor=on_ray("local", workers=4))
    assert_same(folder, "workers4")


@pytest.mark.parametrize("workers", [1, 2])
def test_files_do_not_depend_on_workers(folder, workers):
    protect(folder / "in", folder / f"workers{workers}", **QUICK, executor=on_ray("local", workers=workers))
    assert_same(folder, f"workers{workers}")


def test_evaluation_does_not_depend_on_workers(folder):
    models = [load_model(name) for name in (MODEL, "faces/identity/vgg")]
    tables = [evaluate(folder / "in", folder / "alone", *models, after=["none", "jpeg75"], executor=executor)
              for executor in (here, on_ray("local", workers=1), on_ray("local", workers=2))]
    assert tables[0].n.tolist() == [24] * 4 and tables[0].protected.iloc[0] == 1
    assert len({table.to_csv() for table in tables}) == 1


def test_a_sweep_does_not_depend_on_workers(folder):
    xs = [read(folder / f"in/{k:02}.png") for k in range(4)]
    models, grid = [load_model(MODEL), load_model("faces/identity/vgg")], {"eps255": (4, 8, 16), "steps": (9, 3)}
    y, files = predict_logits(models[0], xs).argmax(1).tolist(), [folder / f"sweep{k}.csv" for k in range(2)]
    for file, executor in zip(files, (here, on_ray("local", workers=2)), strict=True):
        *_, table = sweep(xs, y, models[0], models[1:], grid, file=file, executor=executor)
        assert len(table) == 6 * 4 * 2
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.fixture
def one_thread():
    """As Ray's workers have."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_networks_are_trained_the_same(folder, one_thread):
    made = [folder / f"models{k}" for k in range(2)]
    for out, executor in zip(made, (here, on_ray("local", workers=2)), strict=True):
        train("faces", models="small/resnet,small/vgg", out=out, epochs=1, images=60, progress=False,
              executor=executor)
    names = sorted(f.relative_to(made[0]) for f in made[0].rglob("*.safetensors"))
    assert len(names) == 2
    assert all((made[0] / name).read_bytes() == (made[1] / name).read_bytes() for name in names)


def ray_workers() -> list[int]:
    """Processes of our actors on this machine."""
    found = subprocess.run(["pgrep", "-f", "ray::Worker"], capture_output=True, text=True).stdout
    return [int(line) for line in found.split()]


def kill_now_and_then(stop: threading.Event, rng: random.Random, killed: list[int]) -> None:
    """Kill -9 a worker at random moments."""
    while not stop.wait(rng.uniform(1, 4)) and len(killed) < 5:
        if workers := ray_workers():
            killed.append(rng.choice(workers))
            os.kill(killed[-1], signal.SIGKILL)


def test_killed_workers_cost_nothing(folder):
    stop, killed = threading.Event(), []
    killer = threading.Thread(target=kill_now_and_then, args=(stop, random.Random(1), killed))
    killer.start()
    slow = QUICK | {"steps": 200}
    executor = on_ray("local", workers=2, crashes=6)  # chance may hit a photo three times
    protect(folder / "in", folder / "killed", **slow, executor=executor)
    stop.set()
    killer.join()
    assert len(killed) >= 2
    protect(folder / "in", folder / "undisturbed", **slow)
    assert_same(folder, "killed", "undisturbed")


def test_a_killed_driver_goes_on(folder):
    out = folder / "driver"
    call = f"protect({str(folder / 'in')!r}, {str(out)!r}, **{QUICK!r}, executor=ray(workers=2))"
    code = f"from fmd_nb import protect\nfrom fmd_nb.support.executors import ray\n{call}"
    driver = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(out.glob("*.png")):
        time.sleep(0.05)
        assert driver.poll() is None
    driver.kill()
    driver.wait()
    made = {f.name: f.stat().st_mtime_ns for f in out.glob("*.png")}
    table = protect(folder / "in", out, **QUICK, executor=on_ray("local", workers=2))
    assert_same(folder, "driver")
    kept = sum(f.stat().st_mtime_ns == made.get(f.name) for f in out.glob("*.png"))
    assert table.attrs["finished_before"] <= kept + 1  # what the manifest knew was not done again


def work(state, job: int) -> int:
    """Wait, and give the job back."""
    time.sleep(0.2)
    return job


def test_a_node_may_leave():
    import ray
    from ray.cluster_utils import Cluster

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # nodes do not have this file
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    node = cluster.add_node(num_cpus=1)
    ray.init(cluster.address, log_to_driver=False, logging_level="ERROR")
    try:
        done = []
        for outcome in on_ray(cluster.address).each(work, range(40)):
            done.append(outcome.value)
            if len(done) == 10:
                cluster.remove_node(node)
        assert sorted(done) == list(range(40))
    finally:
        ray.shutdown()
        cluster.shutdown()


def test_too_many_workers_are_refused():
    import ray

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with pytest.raises(InputError, match=r"expected 1\.\.\d+"):
        list(on_ray("local", workers=1000).each(work, range(2)))
