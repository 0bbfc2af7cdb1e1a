"""Give fmd_nb what strangers may bring, and count what comes of it.

python -m tests.fuzz --cases 10000 --seed 0 writes data/results/untrusted.csv: a row for each kind of input, with
the cases that were read, those that were refused with one line, and those that went wrong: a traceback, a write outside
the output folder, code that ran, more than 2 GB, more than 20 seconds, or a process that died. Each is printed with the
number that repeats it: --only KIND/TRIED/NUMBER.
"""

import argparse
import csv
import faulthandler
import io
import json
import multiprocessing
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import matplotlib.pyplot  # noqa: F401  makes its folders now, not in a case
import pandas as pd
import torch

from experiments.memory import peak_mb
from fmd_nb.support.errors import InputError
from fmd_nb.support.threads import release_memory
from tests.fuzz import hostile
from tests.support.paths import ROOT

OUT = ROOT / "data/results/untrusted.csv"
MOST_MB, MOST_SECONDS = 2000, 20
FRESH_MB = 350  # a process that has only loaded what cases need; what a test runner has beyond it is not counted
WRITES = {
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
    "os.chown",
}
RUNS = {
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "pty.spawn",
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
}


@dataclass
class Guard:
    """What a case may touch; sees every write, process and connection of Python by its audit events."""

    inside: tuple[str, ...] = ()
    on: bool = False
    seen: list[str] = field(default_factory=list)

    def __call__(self, event: str, args: tuple) -> None:
        if not self.on:
            return
        if event in RUNS:
            self.seen.append(f"{event} {args[:2]}")
        elif event in WRITES or (event == "open" and self._writes(args)):
            names = [p for p in args[:2] if isinstance(p, (str, bytes, os.PathLike))]
            folder = next((f"/proc/self/fd/{p}" for p in args[1:] if type(p) is int and p >= 0 and event != "open"), "")
            for name in names[:1] if event == "open" else names:
                path = os.path.realpath(os.path.join(folder, os.fsdecode(name)))
                if not path.startswith((*self.inside, "/dev/null")):
                    self.seen.append(f"{event} {path}")

    @staticmethod
    def _writes(args: tuple) -> bool:
        path, mode, flags = args
        return not isinstance(path, int) and bool(
            flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if isinstance(flags, int) else set(mode or "") & set("wax+")
        )

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Watch a block."""
        self.seen, self.on = [], True
        try:
            yield
        finally:
            self.on = False


GUARD = Guard()


@dataclass(frozen=True)
class Kind:
    """A kind of input: how a case is made, and what then uses it."""

    tried: dict[str, float]  # what is tried, and its share of all cases
    make: Callable  # (random, place, tried, number, shared) → what is used
    use: Callable  # (made, place, shared) → None, an InputError, or something that went wrong
    start: Callable = lambda place: None  # → shared
    stop: Callable = lambda shared: None


@dataclass(frozen=True)
class Case:
    """What came of a case."""

    kind: str
    tried: str
    number: int
    outcome: str  # read, refused, traceback, escape, died
    detail: str
    seconds: float
    peak_mb: float


def _forget_peak() -> None:
    release_memory()  # what an earlier case left is not this one's
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def _refusal(error: Exception) -> tuple[str, str]:
    """Whether an error is one printable line."""
    text = str(error)
    good = isinstance(error, InputError) and text.isprintable() and 10 < len(text) < 2000
    return ("refused", text) if good else ("traceback", "".join(traceback.format_exception(error))[-1500:])


def run_case(kind: Kind, name: str, tried: str, number: int, seed: int, root: Path, shared) -> Case:
    """Make a case in a new folder and use it under guard."""
    place = root / "case"
    shutil.rmtree(place, ignore_errors=True)
    for part in ("in", "out"):
        (place / part).mkdir(parents=True)
    canary, g = place / "canary", Random(f"{seed}/{name}/{tried}/{number}")
    made = kind.make(g, place, tried, number, shared)
    _forget_peak()
    not_ours = max(0, peak_mb(what="VmRSS") - FRESH_MB)
    start, outcome, detail = time.perf_counter(), "read", ""
    with warnings.catch_warnings(), GUARD.watch():
        warnings.simplefilter("ignore")
        try:
            kind.use(made, place, shared)
        except Exception as e:
            outcome, detail = _refusal(e)
    seconds, peak = time.perf_counter() - start, peak_mb() - not_ours
    ran = [f"the canary {p} is there" for p in (canary, Path("canary")) if p.exists()]
    if GUARD.seen or ran:
        outcome, detail = "escape", "; ".join([*GUARD.seen, *ran])[:500]
    return Case(name, tried, number, outcome, detail, seconds, peak)


def _work(name: str, jobs: list[tuple[str, int]], seed: int, pipe) -> None:
    """A process that runs the cases of a kind."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
        root = Path(folder).resolve()
        tempfile.tempdir = str(root / "tmp")
        (root / "tmp").mkdir()
        (root / "here").mkdir()
        os.chdir(root / "here")
        GUARD.inside = (f"{root}/case/out", f"{root}/tmp")
        sys.addaudithook(GUARD)
        kind = KINDS[name]
        shared = kind.start(root)
        for tried, number in jobs:
            faulthandler.dump_traceback_later(5 * MOST_SECONDS, exit=True)
            pipe.send(run_case(kind, name, tried, number, seed, root, shared))
        faulthandler.cancel_dump_traceback_later()
        kind.stop(shared)
    pipe.send(None)


def run_kind(name: str, jobs: list[tuple[str, int]], seed: int) -> Iterator[Case]:
    """All cases of a kind; where the process dies, another goes on."""
    context = multiprocessing.get_context("fork")
    while jobs:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(name, jobs, seed, there))
        process.start()
        there.close()
        try:
            while (case := here.recv()) is not None:
                jobs = jobs[1:]
                yield case
        except EOFError:
            yield Case(name, *jobs[0], "died", "the process died", float("nan"), float("nan"))
            jobs = jobs[1:]
        process.join()


def plan(cases: int, kinds: list[str] | None = None) -> dict[str, list[tuple[str, int]]]:
    """How many cases of what: by their shares, each at least once."""
    chosen = {name: KINDS[name] for name in kinds or KINDS}
    whole = sum(sum(kind.tried.values()) for kind in chosen.values())
    return {
        name: [(tried, k) for tried, share in kind.tried.items() for k in range(max(1, round(cases * share / whole)))]
        for name, kind in chosen.items()
    }


def wrong(case: Case) -> bool:
    """Whether a case shows a defect."""
    return case.outcome not in ("read", "refused") or case.seconds > MOST_SECONDS or case.peak_mb > MOST_MB


def summary(cases: list[Case]) -> pd.DataFrame:
    """A row for each kind of input."""
    table = pd.DataFrame([vars(case) for case in cases])
    groups = table.groupby(["kind", "tried"], sort=False)
    counts = {
        name: groups.outcome.agg(lambda o, name=name: (o == name).sum())
        for name in ("read", "refused", "traceback", "escape", "died")
    }
    return pd.DataFrame(
        {
            "cases": groups.size(),
            **counts,
            "seconds": groups.seconds.max().round(2),
            "peak_mb": groups.peak_mb.max().round(0),
        }
    ).reset_index()


def fuzz(cases: int, seed: int = 0, kinds: list[str] | None = None, tell: Callable = print) -> list[Case]:
    """Run cases of all kinds, and tell of those that went wrong."""
    done = []
    for name, jobs in plan(cases, kinds).items():
        start = time.perf_counter()
        found = list(run_kind(name, jobs, seed))
        bad = [case for case in found if wrong(case)]
        for case in bad[:20]:
            tell(
                f"{case.outcome}: --only {name}/{case.tried}/{case.number} "
                f"({case.seconds:.1f} s, {case.peak_mb:.0f} MB)"
            )
            tell(case.detail)
        tell(f"{name}: {len(found)} cases, {len(bad)} wrong, {time.perf_counter() - start:.0f} s")
        done += found
    return done


# Photos


def _make_photo(g: Random, place: Path, tried: str, number: int, shared) -> Path:
    file = place / "in" / ("x" + g.choice((".png", ".jpg", ".gif", ".tif", "")))
    if tried in ("folder", "fifo", "link", "name", "content"):
        return hostile.special(g, place / "in", tried)
    if tried in ("bomb", "large"):
        file.write_bytes(hostile.bomb(g) if tried == "bomb" else hostile.large(g, number))
        return file
    form, _, how = tried.partition(" ")
    data = hostile.valid(g, form)
    file.write_bytes(hostile.damaged(g, data) if how else data)
    return file


def _use_photo(file: Path, place: Path, shared) -> None:
    from fmd_nb.images.files import header_size, photo_files, read

    header_size(file)
    try:
        photo_files(file.parent)
    except InputError as e:
        assert str(e).isprintable()
    x = read(file)
    assert x.dtype == torch.float32 and x.shape[0] == 3 and 0 <= x.min() and x.max() <= 1


_PHOTOS = {f"{form}{how}": share for form in hostile.FORMATS for how, share in (("", 0.008), (" damaged", 0.035))}


# The command


_FMD = ["--authorized", "small/resnet", "--surrogate", "none", "--preset", "strong", "--steps", "1"]


def _command(args: list[str]) -> str:
    """What the command prints as errors; each line must be one of its own."""
    from fmd_nb.folders.command import app

    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = app([str(a) for a in args], standalone_mode=False)
        except Exception as e:
            if hasattr(e, "format_message"):  # wrong usage, which the command line's library says in its own words
                raise InputError(f"usage: {e.format_message()}") from None
            raise
    lines = err.getvalue().splitlines()
    assert all(line.startswith("fmd: ") and line.isprintable() for line in lines), lines
    out.getvalue().encode("utf-8"), err.getvalue().encode("utf-8")
    if code == 2 and lines:
        raise InputError(lines[0])
    return out.getvalue()


def _make_folder(g: Random, place: Path, tried: str, number: int, shared) -> list:
    folder = place / "in"
    for k in range(3):
        name = g.choice((f"{k}", *hostile.NAMES, *hostile.FORMULAS)).replace("/", "_") if tried == "names" else f"{k}"
        data = hostile.valid(g, g.choice(("PNG", "JPEG", "GIF", "WEBP", "TIFF")))
        damage = g.random() < (0.7 if tried == "photos" else 0.1)
        (folder / f"{name}.png").write_bytes(hostile.damaged(g, data) if damage else data)
    if tried == "specials":
        for kind in ("folder", "fifo", "link", "content"):
            (folder / kind).mkdir()
            hostile.special(g, folder / kind, kind)
    return ["protect", folder, "-o", place / "out", "--format", g.choice(("png", "jpeg", "webp")), *_FMD]


def _spreadsheet_safe(cell: str) -> bool:
    """Whether a spreadsheet takes a cell as text or as a number."""
    return not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or bool(re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", cell))


def _use_folder(args: list, place: Path, shared) -> None:
    from fmd_nb.folders.manifest import read_manifest

    try:
        _command(args)
    finally:
        manifest = place / "out/manifest.csv"
        if manifest.exists():
            rows = list(csv.DictReader(io.StringIO(manifest.read_bytes().decode("utf-8"), newline="")))
            assert all(_spreadsheet_safe(cell) for row in rows for cell in row.values()), rows
            table = read_manifest(place / "out")
            assert all(os.path.lexists(source) for source in table.source), list(table.source)
            done = table[table.ok.astype(str) == "True"]
            assert all((place / "out" / name).is_file() for name in done.output), list(done.output)
            before = {f: f.stat().st_mtime_ns for f in (place / "out").rglob("*.*") if f != manifest}
            _again(args)
            assert before == {f: f.stat().st_mtime_ns for f in (place / "out").rglob("*.*") if f != manifest}


def _again(args: list) -> None:
    try:
        _command(args)
    except InputError:
        pass


def _make_lab(g: Random, place: Path, tried: str, number: int, shared) -> list:
    to = g.choice((place / "out" / "../out", place / "out" / ("a" * 300), place / "out/file", place / "out\1"))
    (place / "out/file").write_text("")
    return ["lab", g.choice(("1", "7", *hostile.PARTS, *hostile.ODD_NUMBERS)), "--to", to]


# Weights


def _small(place: Path):
    from fmd_nb.models.loading import SMALL, load_model

    net = SMALL["small/resnet"](3)
    good = {
        "architecture": "small/resnet",
        "classes": ["a", "b", "c"],
        "input": {"mean": [0.5] * 3, "std": [0.2] * 3, "size": 32, "interpolation": "bilinear", "crop_pct": 1.0},
    }
    load_model("small/resnet")
    return net.state_dict(), good


def _make_weights(g: Random, place: Path, tried: str, number: int, shared):
    state, good = shared
    if tried == "card":
        return str(hostile.card(g, place / "in", state, good)), {}
    file = hostile.weights(g, place / "in", tried, state, place / "canary")
    if file.suffix == ".safetensors" and g.random() < 0.5:
        file.with_suffix(".json").write_text(json.dumps(good))
        return str(file), {}
    return f"small/resnet@{file}", {"classes": ["a", "b", "c"]}


def _use_weights(made, place: Path, shared) -> None:
    from fmd_nb.models.classifier import predict_logits
    from fmd_nb.models.loading import load_model

    name, more = made
    logits = predict_logits(load_model(name, **more), torch.full((1, 3, 8, 8), 0.5))
    assert logits.isfinite().all() and logits.shape[1] == 3


# Tables


def _make_labels(g: Random, place: Path, tried: str, number: int, shared):
    folder, cells = place / "in", lambda c: [*map(str, range(9))]
    columns = {
        "labels": g.choice((["file", "label"], ["ImageId", "TrueLabel"])),
        "images.csv": ["ImageId", "TrueLabel"],
        "CelebA-HQ": ["idx", "orig_idx", "orig_file"],
        "AffectNet": ["file", *"abcde", "1", "2", "3"],
    }[tried]
    data = hostile.table(g, columns, cells)
    (folder / "images").mkdir()
    (folder / "images/1.png").write_bytes(hostile.png(4, 4))
    if tried == "CelebA-HQ":
        (folder / "images").rename(folder / "CelebA-HQ-img")
        (folder / "CelebA-HQ-to-CelebA-mapping.txt").write_bytes(data.replace(b",", b" "))
        (folder / "identity_CelebA.txt").write_bytes(hostile.table(g, ["a", "b"], cells).replace(b",", b" "))
        (folder / "list_attr_celeba.txt").write_bytes(hostile.table(g, ["Male", "b"], cells).replace(b",", b" "))
    elif tried == "AffectNet":
        (folder / "images").rename(folder / "Manually_Annotated_Images")
        (folder / "training.csv").write_bytes(data)
    (folder / "images.csv").write_bytes(data)
    return tried, g.choice(("identity", "Male"))


def _use_labels(made, place: Path, shared) -> None:
    from fmd_nb.images.datasets import read_labels
    from fmd_nb.images.published import affectnet, celeba_hq, nips2017

    tried, task = made
    {
        "labels": lambda: read_labels(place / "in/images.csv", list("abcdefghij")),
        "images.csv": lambda: nips2017(place / "in"),
        "CelebA-HQ": lambda: celeba_hq(place / "in", task, 1),
        "AffectNet": lambda: affectnet(place / "in"),
    }[tried]()


def _manifest(place: Path):
    """A run over two photos, whose manifest is then changed."""
    from fmd_nb.folders.photos import protect

    (place / "photos").mkdir()
    for k in range(2):
        (place / f"photos/{k}.png").write_bytes(hostile.png(12 + k, 16))
    work = partial(
        protect, place / "photos", authorized="small/resnet", surrogates=[], preset="strong", progress=False, steps=1
    )
    work(place / "whole")
    return place / "whole", work


def _make_manifest(g: Random, place: Path, tried: str, number: int, shared):
    shutil.copytree(shared[0], place / "out", dirs_exist_ok=True)
    file = place / "out/manifest.csv"
    if tried == "manifest damaged":
        file.write_bytes(hostile.damaged(g, file.read_bytes()))
    else:
        rows = list(csv.reader(io.StringIO(file.read_text())))
        values = (
            *hostile.FORMULAS,
            *hostile.NAMES,
            *hostile.PARTS,
            "x" * 10**6,
            "{}",
            '{"surrogates": 5}',
            "[" * 10**5,
            "",
        )
        for _ in range(g.choice((1, 3))):
            row = g.choice(rows)
            row[g.randrange(len(row))] = g.choice(values)
        rows *= g.choice((1, 1, 1, 5))
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        file.write_bytes(text.getvalue().encode("utf-8", "surrogateescape"))
    return tried


def _use_manifest(made, place: Path, shared) -> None:
    from fmd_nb.folders.manifest import read_manifest, used_surrogates
    from fmd_nb.folders.report import report_folder

    used_surrogates(read_manifest(place / "out"))
    shared[1](place / "out")
    if made == "manifest paths":
        report_folder(place / "out", [], after=())


# The explorer and the report


def _controls(place: Path):
    from fmd_nb.explorer.compute import Store
    from fmd_nb.explorer.controls import Controls

    errors = []
    controls = Controls(Store(), failed=errors.append)
    return controls, errors


def _make_upload(g: Random, place: Path, tried: str, number: int, shared):
    def one() -> dict:
        data = hostile.valid(g, g.choice(list(hostile.FORMATS)))
        data = {
            "damaged": lambda: hostile.damaged(g, data),
            "no image": lambda: g.randbytes(g.choice((0, 9, 10**4))),
            "50 MB": lambda: data + bytes(g.choice((50, 60)) * 10**6),
            "bomb": lambda: hostile.bomb(g),
        }.get(tried, lambda: data)()
        return {
            "name": g.choice((*hostile.NAMES, *hostile.PARTS)),
            "type": g.choice(("image/png", "text/html", "")),
            "size": len(data),
            "content": memoryview(data),
            "last_modified": None,
        }

    return tuple(one() for _ in range(2 if tried == "two" else 1))


def _use_upload(files: tuple, place: Path, shared) -> None:
    controls, errors = shared
    errors.clear()
    controls._moved("upload", files)
    for name in [p for p in controls.store.scenarios[controls["scenario"].value].pictures if "upload" in p][-1:]:
        assert controls.store.scenarios[controls["scenario"].value].pictures[name].load().shape[0] == 3
    if errors:
        raise errors[0]


def _make_report(g: Random, place: Path, tried: str, number: int, shared):
    from fmd_nb import load_model

    texts = [g.choice([t for t in (*hostile.NAMES, *hostile.FORMULAS) if t.isprintable()]) for _ in range(5)]
    texts += [g.choice((*hostile.NAMES, *hostile.FORMULAS)) for _ in range(2)]  # of files; a card's are printable
    models = []
    for k in range(2):
        net = torch.nn.Sequential(
            torch.nn.Conv2d(3, 4, 3, 2, 1), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(4, 3)
        )
        models.append(load_model(net, mean=[0.5] * 3, std=[0.2] * 3, size=16, classes=texts[:3], name=texts[3 + k]))
    return models, texts[5:7], torch.rand(3, 20, 20, generator=torch.Generator().manual_seed(number))


def _use_report(made, place: Path, shared) -> None:
    from fmd_nb.folders.report import report

    models, names, x = made
    page = report([x, x], [1 - x, x], models[0], models[1], place / "out/page.html", [0, 1], after=(), names=names)
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<script|<[^>]+\son\w+\s*=|javascript:", text, re.I), re.findall(r"<script[^>]*>", text)
    assert all(src.startswith("data:") for src in re.findall(r'(?:src|href)="([^"]*)', text))


# The explorer's server


@dataclass
class Server:
    """`fmd explore` as a process, with files beside it that nobody may read."""

    process: subprocess.Popen
    port: int
    secret: bytes
    peak_mb: float = 0


def _serve(place: Path) -> Server:
    from fmd_nb.explorer.serve import free_port

    port, secret = free_port(9300 + os.getpid() % 500), os.urandom(8).hex()
    for name in ("secret.png", "secret.ipynb", "secret.svg"):
        (place / "here" / name).write_text(secret)
    code = f"from fmd_nb.explorer import explore; explore({port}, False, token='known')"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=place / "here", **quiet)
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    return Server(process, port, secret.encode())


def _end(server: Server) -> None:
    server.process.terminate()
    server.process.wait(20)


def _make_request(g: Random, place: Path, tried: str, number: int, server: Server) -> bytes:
    path = hostile.PATHS[number % len(hostile.PATHS)]
    host, more, body = f"127.0.0.1:{server.port}", [], b""
    first = number < len(hostile.HOSTS if tried == "host" else hostile.PATHS)  # by GET, and with the token in "host"
    if tried == "host":
        host = hostile.HOSTS[number % len(hostile.HOSTS)].replace("PORT", str(server.port))
        path = "/?token=known" if first else path
    elif tried == "origin":
        more = [
            f"Origin: {g.choice(hostile.HOSTS)}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
    elif tried == "token":
        path = f"/?token={g.choice(('', 'x', 'know', 'KNOWN', 'known%00x', '*', 'a' * 5000))}"
        more = [
            f"Authorization: {g.choice(('token x', 'Bearer', 'token ', 'Basic a25vd24='))}",
            "Cookie: username=x; _xsrf=1",
        ]
    elif tried == "body":
        body = g.randbytes(100) + bytes(g.choice((0, 10**6, 50 * 10**6)))
    elif tried == "garbage":
        return g.choice((g.randbytes(300), b"GET / HTTP/9\r\n\r\n", b"GET " + b"a" * 10**5 + b"\r\n\r\n", b"\r\n" * 50))
    others = ("POST", "PUT") if body else ("GET", "GET", "GET", "HEAD", "OPTIONS", "DELETE", "PATCH")
    method = "GET" if first and not body else g.choice(others)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", f"Content-Length: {len(body)}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _use_request(request: bytes, place: Path, server: Server) -> None:
    GUARD.on = False  # the connection is the case's own
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), 10) as link:
        link.settimeout(1)
        try:
            link.sendall(request)
            while part := link.recv(10**6):
                answer += part
        except (TimeoutError, ConnectionError):
            pass
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    assert not children, "a kernel was started"
    assert server.process.poll() is None, "the server died"
    assert peak_mb(server.process.pid) < MOST_MB, "the server needs too much memory"
    for mark in (server.secret, b"root:", b"kernelId", b'"nbformat"', b"101 Switching"):
        assert mark not in answer, f"the answer holds {mark!r}"
    if not answer.startswith(b"HTTP/1.1 200"):
        raise InputError(f"answer {answer[9:12].decode('latin-1')!r}; the request was refused")


KINDS: dict[str, Kind] = {
    "photo": Kind(
        _PHOTOS
        | {"bomb": 0.06, "large": 0.0006, "folder": 0.002, "fifo": 0.002, "link": 0.01, "name": 0.02, "content": 0.04},
        _make_photo,
        _use_photo,
    ),
    "protect": Kind({"photos": 0.015, "names": 0.015, "specials": 0.006}, _make_folder, _use_folder),
    "lab": Kind({"arguments": 0.006}, _make_lab, lambda args, place, shared: _command(args)),
    "weights": Kind(
        {
            "pickle": 0.03,
            "value": 0.02,
            "damaged": 0.02,
            "compressed": 0.0001,
            "shape": 0.008,
            "not finite": 0.01,
            "dtype": 0.01,
            "header": 0.01,
            "broken": 0.02,
            "card": 0.06,
        },
        _make_weights,
        _use_weights,
        _small,
    ),
    "table": Kind(
        {"labels": 0.06, "images.csv": 0.03, "CelebA-HQ": 0.02, "AffectNet": 0.02}, _make_labels, _use_labels
    ),
    "manifest": Kind(
        {"manifest damaged": 0.012, "manifest cells": 0.012, "manifest paths": 0.004},
        _make_manifest,
        _use_manifest,
        _manifest,
    ),
    "upload": Kind(
        {"damaged": 0.02, "no image": 0.005, "50 MB": 0.002, "two": 0.005, "bomb": 0.004},
        _make_upload,
        _use_upload,
        _controls,
    ),
    "report": Kind({"names": 0.003}, _make_report, _use_report),
    "server": Kind(
        {"paths": 0.01, "host": 0.01, "origin": 0.005, "token": 0.005, "body": 0.003, "garbage": 0.003},
        _make_request,
        _use_request,
        _serve,
        _end,
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", help="such as photo,weights, whose rows are then made anew; default: all")
    parser.add_argument("--only", help="one case, KIND/TRIED/NUMBER")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    if args.only:
        kind, rest = args.only.split("/", 1)
        tried, number = rest.rsplit("/", 1)
        for case in run_kind(kind, [(tried, int(number))], args.seed):
            print(case.outcome, case.detail, f"{case.seconds:.2f} s, {case.peak_mb:.0f} MB", sep="\n")
        return 0
    cases = fuzz(args.cases, args.seed, args.kinds and args.kinds.split(","))
    table = summary(cases)
    print(table.to_string(index=False))
    if args.kinds and args.out.exists():  # other kinds stay as they were
        before = pd.read_csv(args.out)
        table = pd.concat([before[~before.kind.isin(table.kind)], table])
        table = table.sort_values("kind", key=lambda kinds: kinds.map(list(KINDS).index), kind="stable")
    table.to_csv(args.out, index=False)
    return int(any(map(wrong, cases)))

