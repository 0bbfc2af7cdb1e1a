"""Networks of other families, which are only queried: ImageNet classifiers as TensorFlow Lite files.

They have no gradients, so nothing can be tuned on them by mistake. --nets names their folder; the runtime is a package
of its own (`pip install ai-edge-litert`), which fmd_nb does not need.
"""
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from torch import Tensor

from fmd_nb.evaluation.protocol import wilson
from fmd_nb.images.files import to_pil
from fmd_nb.method.edits import apply_edit

FAMILIES = {r"mnv(\d)|mobilenet_?v(\d)": "mobilenet_v", r"squeezenet": "squeezenet", r"edgetpu": "efficientnet_edgetpu"}


class Network:
    """A classifier in a TensorFlow Lite file, with its own resize."""

    def __init__(self, file: Path):
        from ai_edge_litert.interpreter import Interpreter  # here: needed only for a folder of networks

        self.name, self.net = file.stem, Interpreter(str(file), num_threads=1)
        self.net.allocate_tensors()
        (self.input,), (self.output,) = self.net.get_input_details(), self.net.get_output_details()
        self.size = int(self.input["shape"][1])
        self.background = int(self.output["shape"][-1]) - 1000  # some networks have a class of their own for nothing

    @property
    def family(self) -> str:
        """Tell the line of architectures from the file's name."""
        for pattern, family in FAMILIES.items():
            if found := re.search(pattern, self.name):
                return family + "".join(g for g in found.groups() if g)
        return self.name

    def predict(self, x: Tensor) -> int:
        """Predict the class of an image (3,H,W) in [0,1]."""
        pixels = np.asarray(to_pil(x).resize((self.size, self.size), Image.Resampling.BILINEAR))
        if self.input["dtype"] == np.float32:
            pixels = (pixels / 127.5 - 1).astype(np.float32)
        elif self.input["dtype"] == np.int8:
            pixels = (pixels.astype(np.int16) - 128).astype(np.int8)
        self.net.set_tensor(self.input["index"], pixels[None])
        self.net.invoke()
        return int(self.net.get_tensor(self.output["index"])[0].argmax()) - self.background


@lru_cache(1)
def networks(folder: str) -> tuple[Network, ...]:
    """Load all networks of a folder; none without one."""
    return tuple(map(Network, sorted(Path(folder).glob("*.tflite")))) if folder else ()


def _row(network: Network, edit: str, xs: Sequence[Tensor], stars: Sequence[Tensor], y: Sequence[int]) -> dict:
    """Measure the accuracy of one network after one edit, in the columns of `fmd_nb.evaluate`."""
    views = [[network.predict(apply_edit(x, edit, network.size)) for x in group] for group in (xs, stars)]
    before, now = (np.array(predicted) == np.array(y) for predicted in views)
    row = {"model": network.name, "role": "unauthorized", "after": edit, "n": len(y), "family": network.family}
    for name, correct in (("original", before), ("protected", now), ("relative", now[before])):
        low, high = wilson(correct.sum(), len(correct))
        row |= {name: correct.mean(), f"{name}_low": low, f"{name}_high": high}
    return row | {"n_relative": int(before.sum())}


def ask(folder: str, xs: Sequence[Tensor], stars: Sequence[Tensor], y: Sequence[int],
        after: Iterable[str]) -> pd.DataFrame:
    """Query every network of a folder on originals and protected photos; empty without a folder."""
    return pd.DataFrame([_row(n, edit, xs, stars, y) for n in networks(folder) for edit in after])
