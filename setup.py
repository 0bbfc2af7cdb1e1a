"""Build fmd_nb from the metadata in settings.ini."""
from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup

here = Path(__file__).parent
config = ConfigParser(delimiters=["="])
config.read(here / "settings.ini", encoding="utf-8")
cfg = config["DEFAULT"]
EXTRAS = ("lab", "course", "cluster", "heif", "s3", "gs", "book", "dev")


def lines(key: str) -> list[str]:
    """The non-empty lines of a multi-line setting."""
    return [line.strip() for line in cfg[key].splitlines() if line.strip()]


setup(
    name=cfg["name"],
    version=cfg["version"],
    description=cfg["description"],
    long_description=(here / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author=cfg["author"],
    license=cfg["license"],
    url=cfg["url"],
    license_files=["LICENSE"],
    keywords=cfg["keywords"],
    python_requires=f">={cfg['min_python']}",
    install_requires=lines("requirements"),
    extras_require={extra: lines(f"{extra}_requirements") for extra in EXTRAS},
    entry_points={"console_scripts": lines("console_scripts")},
    packages=[*find_packages(include=["fmd_nb", "fmd_nb.*"]), "fmd_nb.data"],
    package_dir={"fmd_nb": "fmd_nb", "fmd_nb.data": "data"},
    package_data={"fmd_nb": ["py.typed"], "fmd_nb.data": ["*", "**/*"]},
)
