"""The memory of a process, as Linux counts it."""
import re
from pathlib import Path


def peak_mb(pid: int | str = "self", what: str = "VmHWM") -> float:
    """Read a process's largest memory since it began, or since its peak was reset; VmRSS: its memory now."""
    try:
        return int(re.search(rf"{what}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024
    except (OSError, TypeError):
        return float("nan")
