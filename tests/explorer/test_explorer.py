"""The explorer without a browser: every control set by its value, and what is shown checked against the library."""
import gc
import random
import resource
import threading
import time
import weakref
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import numpy as np
import pytest
import torch
from ipywidgets import Widget
from PIL import Image

from fmd_nb.evaluation.attribution import METHODS
from fmd_nb.explorer.compute import Stopped, Store, compute
from fmd_nb.explorer.render import command_line, picture_html, png, python_code
from fmd_nb.explorer.state import EDITS, VIEWS, Picture, Scenario, State, preset_values, settings
from fmd_nb.explorer.sweep import SweepExplorer
from fmd_nb.explorer.widgets import Explorer
from fmd_nb.images.budget import linf255
from fmd_nb.images.files import read, to_8bit
from fmd_nb.images.quality import quality
from fmd_nb.method.fmd import FMD
from fmd_nb.method.recipes import PRESETS
from fmd_nb.models.classifier import predict_logits
from fmd_nb.models.loading import load_model


def _net(seed: int):
    """A small classifier with random weights that belong to its seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3, 2, 1), torch.nn.ReLU(), torch.nn.Conv2d(8, 16, 3, 2, 1), torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(), torch.nn.Linear(64, 10))
    return load_model(net, mean=[0.5] * 3, std=[0.25] * 3, size=32, classes=list("abcdefghij"), name=f"net{seed}")


@pytest.fixture(scope="module")
def scenario():
    """Four small networks, and pictures of noise."""
    nets = {f"net{k}": _net(k) for k in range(4)}
    noise = [to_8bit(torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(k))) for k in range(3)]
    pictures = {f"noise {k}": Picture(f"noise {k}", lambda x=x: x, code=f"noise[{k}]") for k, x in enumerate(noise)}
    return Scenario("small", tuple(nets), pictures, nets.get, 32, "")


@pytest.fixture()
def explorer(scenario, tmp_path):
    made = Explorer({"small": scenario}, tmp_path)
    made.wait()
    yield made
    made.close()


def _by_hand(explorer, state):
    """What the library computes for a state, without the explorer's code."""
    scenario = explorer.store.scenario(state.scenario)
    x = scenario.pictures[state.picture].load()
    model = scenario.load(state.authorized)
    y = predict_logits(model, [x]).argmax(1)
    surrogates = [scenario.load(state.surrogate)] if state.surrogate else []
    result = FMD.preset(state.preset, model, surrogates=surrogates, **settings(state)).run(x[None], y, warn=False)
    return x, result.x_star[0], y.item()


MOVES = {
    "picture": "noise 2", "authorized": "net2", "preset": "paper", "layer": "2", "view": "none", "eps255": 5,
    "alpha255": 2.0, "steps": 3, "lam": 2.0, "seed": 7, "edit": "jpeg75", "method": "saliency", "gain": 30,
    "mask_floor": 0.2, "surrogate": "net1",
}


@pytest.mark.parametrize("name", MOVES)
def test_a_control_changes_the_frame_as_the_library_says(explorer, name):
    explorer.controls[name].value = MOVES[name]
    frame = explorer.wait()
    assert explorer.error == "" and frame.done
    assert getattr(frame.state, name) == MOVES[name]
    x, x_star, y = _by_hand(explorer, frame.state)
    assert torch.equal(frame.x, x) and torch.equal(frame.x_star, x_star)
    assert frame.quality == quality(x, x_star)
    assert linf255(x, frame.x_star) <= frame.state.eps255
    if frame.state.edit == "none":
        for result in frame.results:
            confidence = predict_logits(explorer.store.model("small", result.model), [x_star])[0].softmax(0)
            assert result.after.confidence == pytest.approx(confidence[y].item(), abs=1e-6)
    src = picture_html(x_star, "")
    assert src[src.index("base64") : src.index('" alt')] in explorer.shown["picture1"].value


def test_unauthorized_models_are_chosen(explorer):
    explorer.controls.checks["net3"].value = False
    frame = explorer.wait()
    assert [w.model for w in frame.results] == ["net0", "net1", "net2"]
    assert explorer.controls.checks["net0"].disabled  # the authorized model
    for check in explorer.controls.checks.values():
        check.value = False
    frame = explorer.wait()
    assert [w.model for w in frame.results] == ["net0"]
    assert "no unauthorized model was evaluated" in explorer.headline.value


def test_a_surrogate_is_no_victim(explorer):
    explorer.controls["surrogate"].value = "net1"
    frame = explorer.wait()
    assert [w.role for w in frame.results] == ["authorized", "surrogate", "unauthorized", "unauthorized"]
    assert explorer.controls.checks["net1"].disabled and not explorer.controls.checks["net2"].disabled
    explorer.controls["authorized"].value = "net1"  # a model is not its own surrogate
    assert explorer.wait().state.surrogate == ""


def test_scrubber_walks_through_the_iterates(explorer):
    explorer.controls["steps"].value = 4
    kept = explorer.wait()
    model = explorer.store.model("small", "net0")
    y = predict_logits(model, [kept.x]).argmax(1)
    result = FMD.preset("strong", model, **settings(kept.state)).run(kept.x[None], y, snapshots=range(5), warn=False)
    for step in range(5):
        explorer.controls["step"].value = step
        frame = explorer.wait()
        assert frame.step == step and torch.equal(frame.x_star, result.snapshots[step][0])
    assert len({images[0].numpy().tobytes() for images in result.snapshots.values()}) == 5  # all of them differ
    explorer.buttons["keep"].click()
    assert torch.equal(explorer.wait().x_star, kept.x_star)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_mean_what_they_say(explorer, preset):
    explorer.controls["preset"].value = preset
    explorer.controls["steps"].value = min(6, explorer.controls["steps"].value)
    frame = explorer.wait()
    fixed = {"steps": frame.state.steps, "layer": None}
    y = predict_logits(explorer.store.model("small", "net0"), [frame.x]).argmax(1)
    result = FMD.preset(preset, explorer.store.model("small", "net0"), **fixed).run(frame.x[None], y, warn=False)
    assert torch.equal(frame.x_star, result.x_star[0])


def test_presets_with_the_same_sliders_are_different_runs(explorer):
    strong = explorer.wait()
    explorer.controls["preset"].value = "robust"
    for name, value in preset_values("strong").items():
        explorer.controls[name].value = value
    frame = explorer.wait()
    assert frame.state == replace(strong.state, preset="robust")
    assert torch.equal(frame.x_star, _by_hand(explorer, frame.state)[1])
    assert not torch.equal(frame.x_star, strong.x_star)


def test_every_choice_of_every_list_works(explorer):
    explorer.controls["steps"].value = 1
    for name, choices in {"view": VIEWS, "edit": EDITS, "method": [*METHODS, "none"]}.items():
        for choice in choices:
            explorer.controls[name].value = choice
            assert explorer.wait().done, explorer.error
    layers = [layer for _, layer in explorer.controls["layer"].options]
    assert layers[0] == "" and len(layers) > 3
    for layer in layers:
        explorer.controls["layer"].value = layer
        frame = explorer.wait()
        assert frame.done and frame.state.layer == layer, explorer.error


def _upload(explorer, name, content):
    """What the browser's file dialog does."""
    file = {"name": name, "type": "", "size": len(content), "content": memoryview(content)}
    explorer.controls["upload"].set_trait("value", (file | {"last_modified": datetime.now()},))


def test_upload_save_and_reset(explorer, tmp_path):
    file = BytesIO()
    Image.effect_noise((40, 50), 60).convert("RGB").save(file, "PNG")
    _upload(explorer, "mine.png", file.getvalue())
    frame = explorer.wait()
    assert frame.state.picture == "mine.png (upload 1)" and frame.x.shape == (3, 32, 32)
    saved = explorer.save()
    assert linf255(read(saved), frame.x) <= frame.state.eps255
    assert saved.with_suffix(".json").exists()
    explorer.result = replace(frame, ok=False)
    explorer.buttons["save"].click()
    assert "No iterate preserved" in explorer.error  # and not that the run is still to be awaited
    explorer.buttons["reset"].click()
    assert explorer.wait().state == explorer.controls.start


def test_code_makes_the_same_picture(explorer, scenario, tmp_path, monkeypatch):
    explorer.controls["eps255"].value = 9
    explorer.controls["layer"].value = "2"
    frame = explorer.wait()
    monkeypatch.chdir(tmp_path)
    names = {"noise": [p.load() for p in scenario.pictures.values()], "load_model": scenario.load}
    exec(python_code(frame.state, explorer.store), names)
    assert torch.equal(read("protected.png"), frame.x_star)
    assert "--eps 9" in command_line(frame.state, explorer.store)
    explorer.buttons["python"].click()
    assert "FMD.preset" in explorer.shown["code"].value
    explorer.buttons["python"].click()
    assert explorer.shown["code"].value == ""


def test_an_error_is_shown_and_the_next_move_works(explorer):
    explorer.controls["layer"].options = [("gone", "gone")]
    assert explorer.wait() is None
    assert "unknown layer" in explorer.headline.value and "role=\"alert\"" in explorer.headline.value
    with pytest.raises(ValueError, match="not an image"):
        explorer.controls.add_picture("notes.txt", b"hello")
    _upload(explorer, "notes.txt", b"hello")
    assert "notes.txt: not an image" in explorer.headline.value
    explorer.controls.reset()
    assert explorer.wait().done


def test_run_stops(explorer):
    explorer.controls["steps"].value = 100
    explorer.controls["preset"].value = "paper"
    assert explorer.running
    explorer.run_button.click()  # it says Stop now
    assert explorer.worker.wait(2) and not explorer.running
    assert "stopped" in explorer.status.value
    label = predict_logits(explorer.store.model("small", "net0"), [explorer.result.x])[0].argmax().item()
    assert ("run", *explorer.state.run_key, label) not in explorer.store  # it did not go on to its end
    explorer.run_button.click()
    assert len(explorer.wait().curve) == 101
    assert ("run", *explorer.state.run_key, label) in explorer.store


def test_stop_is_asked_in_every_step(scenario, monkeypatch):
    # no iterate is shown, so that no prediction asks either
    monkeypatch.setattr("fmd_nb.explorer.compute._Recorder.show_iterate", lambda *args: None)
    state, store, calls = State("small", "noise 0", "net0", (), steps=50, method="none"), Store({"small": scenario}), []
    with pytest.raises(Stopped):
        compute(state, store, stop=lambda: calls.append(1) or len(calls) > 20)
    assert len(calls) == 21
    label = predict_logits(store.model("small", "net0"), [store.original(state)])[0].argmax().item()
    assert ("run", *state.run_key, label) not in store


def test_the_first_frame_comes_before_the_last(explorer):
    seen = []
    draw = explorer.draw
    explorer.draw = lambda result: (seen.append(result[0]), draw(result))
    explorer.controls["steps"].value = 60
    deadline = time.monotonic() + 20
    while explorer.worker.busy or not seen or not seen[-1].done:
        explorer.mail.empty()
        time.sleep(0.001)
        assert time.monotonic() < deadline
    assert len(seen) >= 3 and not seen[0].done
    steps = [v.step for v in seen if v.step is not None and not v.done and v.ok is None]
    assert steps == sorted(steps)


def test_the_original_is_shown_before_the_models_are_loaded(scenario):
    store, seen = Store({"small": scenario}), []
    state = State("small", "noise 0", "net2", ("net0", "net1"), steps=1, method="none")
    order = ("net2", "net0", "net1")
    compute(state, store, lambda frame: seen.append((frame, [store.is_loaded("small", name) for name in order])))
    early = [(frame, loaded) for frame, loaded in seen if frame.loading]
    assert [frame.loading for frame, _ in early] == [f"loading {name} ({k} of 3)" for k, name in enumerate(order, 1)]
    assert [loaded for _, loaded in early] == [[False] * 3, [True, False, False], [True, True, False]]
    original = scenario.pictures["noise 0"].load()
    assert all(torch.equal(frame.x_star, original) and not frame.results for frame, _ in early)
    assert len(seen) > 4 and all(not frame.loading and all(loaded) and frame.results for frame, loaded in seen[3:])


def test_the_page_tells_what_is_loaded(scenario, tmp_path):
    gate = threading.Event()
    slow = replace(scenario, load=lambda name: gate.wait(20) and scenario.load(name))
    explorer = Explorer({"small": slow}, tmp_path)
    deadline = time.monotonic() + 10
    while explorer.result is None:
        explorer.mail.empty()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert "loading net0 (1 of 4)" in explorer.status.value and explorer.running
    assert [value for _, value in explorer.controls["layer"].options] == [""]  # the layers are not known yet
    source = picture_html(scenario.pictures["noise 0"].load(), "")
    assert source[source.index("base64") : source.index('" alt')] in explorer.shown["picture0"].value
    gate.set()
    assert explorer.wait().done and len(explorer.controls["layer"].options) > 3
    explorer.close()


def test_names_cannot_add_markup(scenario, tmp_path):
    net = _net(0)
    net.classes = [f"<s>{name}</s>" for name in net.classes]
    pictures = {"<s>": replace(scenario.pictures["noise 0"], name="<s>")}
    explorer = Explorer({"small": Scenario("small", ("<s>net",), pictures, {"<s>net": net}.get, 32)}, tmp_path)
    assert explorer.wait().done
    for button in ("python", "command"):
        explorer.buttons[button].click()
        assert "&lt;s&gt;" in explorer.shown["code"].value
        parts = explorer.shown | {"headline": explorer.headline, "status": explorer.status}
        assert [name for name, part in parts.items() if "<s>" in part.value] == []
    assert all("&lt;s&gt;" in parts[name].value for name in ("headline", "predictions", "heats"))
    explorer.close()


@pytest.mark.parametrize("make", [Explorer, SweepExplorer])
def test_ten_renewals_leave_nothing_behind(scenario, tmp_path, make):
    def counts() -> tuple[int, int]:
        """Threads of explorers, and open widgets."""
        threads = [t for t in threading.enumerate() if t.name == "explorer"]
        return len(threads), len(Widget.get_manager_state()["state"])

    before, models = counts(), []
    own = replace(scenario, load=lambda name: models.append(weakref.ref(found := _net(int(name[-1])))) or found)
    for k in range(10):
        made = make({"small": own}, tmp_path / str(k))  # a folder of its own, or a sweep would find its rows again
        if make is SweepExplorer:
            made.controls["steps"].value = made.controls["images"].value = 1
            made.controls["values1"].value = "8"
            made.run()
        assert k % 2 == 0 or made.wait() is not None  # every second one is closed while it runs
        made.close()
        made.close()  # a second time does no harm
        assert counts() == before
        with pytest.raises(RuntimeError, match="closed"):
            made.run()
    gc.collect()
    assert len(models) >= 5 and not any(model() for model in models)  # although the last explorer is still referred to


def test_the_cache_is_bounded(scenario):
    store = Store({"small": scenario}, limit=1000)
    made = [store.recall((k,), lambda k=k: torch.full((400,), k, dtype=torch.uint8)) for k in (0, 1, 0, 2, 0, 3)]
    assert [int(x[0]) for x in made] == [0, 1, 0, 2, 0, 3]
    assert [(k,) in store for k in range(4)] == [True, False, False, True]  # the least recently used went
    large = [store.recall(("large",), lambda: torch.zeros(2000, dtype=torch.uint8)) for _ in range(2)]
    assert large[0].numel() == 2000 and ("large",) not in store and (0,) in store


def test_two_hundred_moves_end_in_the_last(explorer):
    rng = random.Random(0)
    explorer.controls["steps"].value = 10
    explorer.wait()

    def fire(n: int) -> None:
        for _ in range(n):
            name = rng.choice(["eps255", "alpha255", "steps", "lam", "seed", "picture", "gain", "edit"])
            control = explorer.controls[name]
            if hasattr(control, "options"):
                control.index = rng.randrange(len(control.options))
            else:
                control.value = rng.randint(int(control.min), int(min(control.max, 50)))
            time.sleep(rng.random() * 0.01)

    fire(40)  # fills caches and allocators
    explorer.wait()
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fire(200)
    frame = explorer.wait()
    assert explorer.error == "" and frame.done
    assert replace(frame.state, step=None) == replace(explorer.state, step=None)
    _, x_star, _ = _by_hand(explorer, frame.state)
    assert torch.equal(frame.x_star, x_star)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 100


def test_png_is_exact():
    x = to_8bit(torch.rand(3, 9, 7))
    assert linf255(x, torch.from_numpy(np.array(Image.open(BytesIO(png(x))))).permute(2, 0, 1) / 255) == 0
