"""Build the files for PyPI, check them, try them in a clean environment, and say how to upload them."""
import hashlib
import shutil
import subprocess
import sys
import tempfile
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
DIST, TOOLS, CLEAN = ROOT / "dist", ROOT / "build/tools", ROOT / "build/clean"
LIMIT = 15_000_000  # bytes of the wheel
CHECKERS = ("twine", "check-wheel-contents", "cffconvert")


def run(*args: object, folder: Path = ROOT) -> None:
    """Run a program and show what it prints; a failure ends the release."""
    print("+", *(Path(a).name if isinstance(a, Path) else a for a in args), flush=True)
    if code := subprocess.run([str(a) for a in args], cwd=folder).returncode:
        sys.exit(f"release: {args[0]} failed with {code}")


def version() -> str:
    """Read the version from settings.ini."""
    config = ConfigParser(delimiters=["="])
    config.read(ROOT / "settings.ini", encoding="utf-8")
    return config["DEFAULT"]["version"]


def environment(place: Path, *packages: object) -> Path:
    """Make a new environment with packages; return the folder of its programs."""
    run(BIN / "uv", "venv", "--quiet", "--clear", "--python", sys.executable, place)
    run(BIN / "uv", "pip", "install", "--quiet", "--python", place, *packages)
    return place / "bin"


def build() -> tuple[Path, Path]:
    """Build the source distribution, and the wheel from it."""
    for folder in (DIST, ROOT / "build/lib"):  # a file that is gone from the sources must not be in the wheel
        shutil.rmtree(folder, ignore_errors=True)
    run(BIN / "python", "-m", "build", "--outdir", DIST, ROOT)
    (sdist,), (wheel,) = DIST.glob("*.tar.gz"), DIST.glob("*.whl")
    return sdist, wheel


def check(sdist: Path, wheel: Path) -> None:
    """Check metadata, contents, size and citation."""
    tools = environment(TOOLS, *CHECKERS)
    run(tools / "twine", "check", "--strict", sdist, wheel)
    run(tools / "check-wheel-contents", wheel)
    run(tools / "cffconvert", "--validate", "--infile", ROOT / "CITATION.cff")
    assert wheel.stat().st_size < LIMIT, f"{wheel.name} has {wheel.stat().st_size:,} bytes, {LIMIT:,} are allowed"
    assert f"-{version()}" in sdist.name and f"-{version()}-" in wheel.name, (sdist.name, wheel.name)


def main() -> None:
    sdist, wheel = build()
    check(sdist, wheel)
    programs = environment(CLEAN, wheel)
    with tempfile.TemporaryDirectory() as folder:
        run(programs / "python", shutil.copy(ROOT / "scripts/smoke.py", folder), folder=Path(folder))
    shutil.rmtree(CLEAN)
    print("\nTo upload:")
    for file in (sdist, wheel):
        content = file.read_bytes()
        print(f"  dist/{file.name}  {len(content) / 1e6:.1f} MB  sha256 {hashlib.sha256(content).hexdigest()}")
    print(f"by the workflow:  git tag v{version()} && git push origin v{version()}\n"
          f"or by hand:       {TOOLS.relative_to(ROOT)}/bin/twine upload dist/*")


if __name__ == "__main__":
    main()
