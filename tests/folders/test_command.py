"""The command as a process: killed and resumed, and on a large photo."""
import hashlib
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

pytestmark = pytest.mark.slow

FMD = Path(sys.executable).parent / "fmd"


@pytest.fixture
def folder(tmp_path):
    """Six small photos."""
    (tmp_path / "in").mkdir()
    for i in range(6):
        Image.fromarray(data.cat()[i * 10 : i * 10 + 160, i * 20 : i * 20 + 200]).save(tmp_path / f"in/{i}.png")
    return tmp_path


def command(folder: Path, out: str) -> list[str]:
    return [str(FMD), "protect", str(folder / "in"), "-o", str(folder / out), "--preset", "strong", "--steps", "4"]


def hashes(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.glob("*.png"))}


def test_a_killed_run_resumes_to_the_same_files(folder, monkeypatch):
    subprocess.run(command(folder, "whole"), check=True, capture_output=True)
    for i in range(6):  # sizes differ, so that each photo is a batch and a save of its own
        with Image.open(folder / f"in/{i}.png") as im:
            im.load()
            im.crop((0, 0, 200 - i, 160)).save(folder / f"in/{i}.png")
    subprocess.run([*command(folder, "whole"), "--overwrite"], check=True, capture_output=True)
    killed = subprocess.Popen(command(folder, "killed"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.time() + 120
    while not list((folder / "killed").glob("*.png")) and time.time() < deadline:
        time.sleep(0.05)
    killed.send_signal(signal.SIGSTOP)  # it holds the folder as long as it lives
    second = subprocess.run(command(folder, "killed"), capture_output=True, text=True)
    assert (second.returncode, second.stderr.count("\n")) == (2, 1) and "another run is writing" in second.stderr
    killed.kill()
    killed.wait()
    assert 0 < len(hashes(folder / "killed")) < 6
    for name in (".5.abcd1234.part", ".manifest.abcd1234.part", ".mine.part"):
        (folder / "killed" / name).touch()  # as if it had been killed while it wrote
    subprocess.run(command(folder, "killed"), check=True, capture_output=True)
    assert hashes(folder / "killed") == hashes(folder / "whole")
    assert [f.name for f in (folder / "killed").glob(".*")] == [".mine.part"]


def test_a_twelve_megapixel_photo_needs_less_than_4_gib(tmp_path):
    g = np.random.default_rng(0)
    small = Image.fromarray(data.cat()).resize((4000, 3000), Image.Resampling.BICUBIC)
    noisy = np.asarray(small) + g.normal(0, 3, (3000, 4000, 3))
    Image.fromarray(noisy.round().clip(0, 255).astype(np.uint8)).save(tmp_path / "large.jpg", quality=95)
    out = tmp_path / "out"
    args = [str(FMD), "protect", str(tmp_path / "large.jpg"), "-o", str(out), "--steps", "1"]
    for preset in ("paper", "robust"):
        subprocess.run([*args, "--preset", preset, "--overwrite"], check=True, capture_output=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        print(f"{preset}: {peak:.2f} GiB")
        assert peak < 4
    with Image.open(out / "large.png") as im:
        assert im.size == (4000, 3000) and im.info == {}
