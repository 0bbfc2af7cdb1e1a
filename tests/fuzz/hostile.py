"""What strangers may bring: each function makes one hostile input in a folder, from a seeded generator."""

import io
import json
import os
import pickle
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

FORMULAS = ("=cmd|'/C touch {canary}'!A0", "+1+cmd|x", "-2+3", "@SUM(1)", "\t=1+1", "'=1", '=HYPERLINK("http://x")')
NAMES = (
    "<script>alert(1)<\\script>",
    "a\nb",
    "\x1b[31mred\x1b[0m",
    "caf\udce9",
    "‮gpj.exe",
    "$\\frac{x",
    '"q"',
    "a,b;c",
    " ",
    "%2e%2e%2f",
    "...",
    "ü" * 60,
    "{{7*7}}",
    "--help",
    "a" * 251,
    "$(touch canary)",
    "'",
)
PARTS = ("..", "../..", "/etc/passwd", "../in/x.png", "~/x", "C:\\x", "\0", "", ".", "a" * 300, "nan", "&#47;x")


def _pixels(g: Random, mode: str) -> Image.Image:
    """A small picture of any mode."""
    side = (g.choice((1, 2, 7, 16, 33)), g.choice((1, 3, 16, 31)))
    noise = np.frombuffer(g.randbytes(side[0] * side[1] * 4), np.uint8).reshape(*side, 4)
    image = Image.fromarray(noise, "RGBA")
    if mode in ("I;16", "I", "F"):
        return Image.fromarray(noise[..., 0].astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]))
    if mode == "PA":
        image = image.convert("RGB").convert("P")
        image.info["transparency"] = g.choice((0, 255, bytes(range(256)), b""))
        return image
    return image if mode == "RGBA" else image.convert("LA" if mode == "LA" else "RGB").convert(mode)


def _exif(g: Random) -> bytes:
    """EXIF data with an odd orientation, a loop of directories, or 60 kB of nothing."""
    value = g.choice((0, 3, 6, 9, 255, 65535))
    entry = struct.pack("<HHIHH", 0x0112, g.choice((3, 4, 7, 12, 99)), g.choice((1, 0, 2**31)), value, 0)
    loop = struct.pack("<HHII", 0x8769, 4, 1, g.choice((8, 0, 2**32 - 1)))
    tags = g.choice(([entry], [loop], [entry, loop], [entry] * 5000))
    head = b"II*\0" + struct.pack("<I", g.choice((8, 8, 8, 2**31))) + struct.pack("<H", len(tags) & 0xFFFF)
    return b"Exif\0\0" + (head + b"".join(tags) + struct.pack("<I", g.choice((0, 8))))[:65000]


def _profile(g: Random) -> bytes:
    """A colour profile that is cut, changed, or no profile."""
    from PIL import ImageCms

    whole = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for _ in range(g.choice((1, 20))):
        whole[g.randrange(len(whole))] = g.randrange(256)
    return g.choice((bytes(whole), bytes(whole[: g.randrange(len(whole))]), g.randbytes(500), b""))


FORMATS = {
    "PNG": ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("1", "L", "P", "PA", "RGB"),
    "TIFF": ("1", "L", "RGB", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr", "LAB"),
    "BMP": ("1", "L", "P", "RGB"),
    "AVIF": ("RGB", "RGBA"),
    "HEIF": ("RGB", "RGBA"),
    "ICNS": ("RGBA",),
    "EPS": ("RGB",),
    "PPM": ("RGB",),
}


def valid(g: Random, kind: str) -> bytes:
    """A valid file of a format, sometimes with several frames, a profile, or odd EXIF."""
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    image, data, more = _pixels(g, g.choice(FORMATS[kind])), io.BytesIO(), {}
    if kind in ("PNG", "JPEG", "WEBP", "TIFF") and g.random() < 0.6:
        more = {"icc_profile": _profile(g)}
    if kind in ("PNG", "JPEG", "WEBP") and g.random() < 0.6:
        more["exif"] = _exif(g)
    if kind in ("GIF", "PNG", "WEBP", "TIFF") and g.random() < 0.2:
        more |= {"save_all": True, "append_images": [image] * g.randrange(1, 4)}
    try:
        image.save(data, kind, **more)
    except Exception:  # the writer's own limits; a plain file instead
        data = io.BytesIO()
        image.convert("RGB").save(data, kind)
    return data.getvalue()


def damaged(g: Random, data: bytes) -> bytes:
    """A file cut, with bits flipped, with numbers set to extremes, or with a piece doubled."""
    data, how = bytearray(data), g.randrange(5)
    if how == 0:
        return bytes(data[: g.randrange(len(data) + 1)])
    for _ in range(g.choice((1, 3, 20))):
        at = g.randrange(min(len(data), g.choice((64, 64, 10**6))))
        if how == 1:
            data[at] ^= 1 << g.randrange(8)
        elif how == 2:
            data[at : at + 4] = g.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\xea\x60"))
        elif how == 3:
            data[at:at] = data[at : at + g.randrange(200)]
        else:
            data[at] = g.randrange(256)
    return _with_sums(bytes(data)) if data[:4] == b"\x89PNG" and g.random() < 0.7 else bytes(data)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, depth: int = 8, colour: int = 2, extra: bytes = b"", rows: int | None = None) -> bytes:
    """A PNG of zeros, whatever its header says."""
    line = 1 + (width * depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1) + 7) // 8
    packer, body = zlib.compressobj(1), b""
    for _ in range(min(height, 100_000) if rows is None else rows):
        body += packer.compress(bytes(min(line, 300_000)))
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + _chunk(b"IDAT", body + packer.flush()) + _chunk(b"IEND", b"")


def _with_sums(data: bytes) -> bytes:
    """A PNG whose checksums are right, so that what was changed in it is looked at."""
    made, at = data[:8], 8
    while at + 12 <= len(data):
        size = min(int.from_bytes(data[at : at + 4], "big"), len(data) - at - 12)
        made += _chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + size])
        at += 12 + size
    return made + data[at:]


def _text_bomb(g: Random) -> bytes:
    squeezed = zlib.compress(bytes(g.choice((2, 80)) * 10**6), 9)
    one = g.choice(
        (
            _chunk(b"zTXt", b"a\0\0" + squeezed),
            _chunk(b"iTXt", b"a\0\1\0\0\0" + squeezed),
            _chunk(b"iCCP", b"a\0\0" + squeezed),
        )
    )
    return png(4, 4, extra=one * g.choice((1, 100)))


def bomb(g: Random) -> bytes:
    """A small file that claims or holds a huge picture, or none."""
    tall = g.choice(
        ((60_000, 60_000), (2**31 - 1, 1), (1, 2**31 - 1), (0, 5), (5, 0), (2**32 - 1, 2**32 - 1), (9_400, 9_600))
    )
    bmp = b"BM" + struct.pack(
        "<IHHIIiiHHIIiiII",
        60,
        0,
        0,
        54,
        40,
        *g.choice(((60_000, -60_000), (-1, 5), (9, -(2**31)), (0, 0))),
        1,
        g.choice((1, 8, 24, 99)),
        g.choice((0, 1, 3)),
        0,
        0,
        0,
        0,
        0,
    )
    gif = (
        b"GIF89a"
        + struct.pack("<HHBBB", 65535, 65535, 0xF7, 0, 0)
        + bytes(768)
        + b","
        + struct.pack("<HHHHB", 0, 0, *g.choice(((65535, 65535), (0, 0), (65535, 1000))), 0)
        + b"\x08\x01\0\0;"
    )
    made = g.choice(
        (
            lambda: png(*tall, rows=3),
            lambda: bmp,
            lambda: gif,
            lambda: _text_bomb(g),
            lambda: png(20_000, 20_000, 1, 0),
            lambda: png(5, 5, depth=g.choice((0, 3, 16, 255)), colour=g.choice((0, 1, 3, 6, 9))),
        )
    )
    return made()


def large(g: Random, k: int) -> bytes:
    """A file just below the pixel limit: 8 or 16 bits, with transparency, grey, or a profile."""
    depth, colour = ((8, 2), (16, 0), (8, 6), (16, 6), (8, 4), (1, 0))[k % 6]
    return png(9_400, 9_500, depth, colour)


def special(g: Random, place: Path, kind: str) -> Path:
    """Something in a folder that is no plain file, or has an odd name."""
    good, file = valid(g, "PNG"), place / "x.png"
    if kind == "folder":
        (file / "y.png").mkdir(parents=True)
    elif kind == "fifo":
        os.mkfifo(file)
    elif kind == "link":
        file.symlink_to(
            g.choice(("x.png", "/dev/zero", "/dev/stdin", "/etc/passwd", "..", "/nowhere", "/proc/self/mem"))
        )
    elif kind == "name":
        file = place / (g.choice((*NAMES, *FORMULAS)).replace("/", "_") + g.choice((".png", ".PNG", ".jpg", "")))
        file.write_bytes(good)
    else:
        file.write_bytes(g.choice((b"", b"\0", good[:20], g.randbytes(g.randrange(2000)), b"%!PS-Adobe\n", b"<svg/>")))
    return file


class _Runs:
    """Unpickled, it would run a command."""

    def __init__(self, how: str, canary: Path):
        self.how, self.canary = how, canary

    def __reduce__(self):
        text = f"open({str(self.canary)!r}, 'w').close()"
        return {
            "system": (os.system, (f"touch {self.canary}",)),
            "eval": (eval, (text,)),
            "exec": (exec, (text,)),
            "open": (open, (str(self.canary), "w")),
            "rmtree": (shutil.rmtree, (str(self.canary.parent / "in"),)),
            "bytearray": (bytearray, (3 * 10**9,)),
        }[self.how]


def _pickled(g: Random, canary: Path, file: Path, how: str) -> None:
    """A file that torch.load would read, with a callable in it."""
    value = g.choice((_Runs(how, canary), {"weight": _Runs(how, canary)}, [torch.ones(2), _Runs(how, canary)]))
    data = pickle.dumps(value, protocol=g.choice((2, 3, 4)))
    if g.random() < 0.3:
        file.write_bytes(data)
        return
    torch.save({"weight": torch.ones(2)}, file)
    with zipfile.ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(file, "w") as new:
        for name, content in parts.items():
            new.writestr(name, data if name.endswith("data.pkl") else content)


def _squeezed(file: Path) -> None:
    """A file of torch.save, compressed: zeros that grow a thousandfold."""
    big = file.with_suffix(".big")
    torch.save({"weight": torch.zeros(100_000_000)}, big)
    with zipfile.ZipFile(big) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            with old.open(name) as source, new.open(name, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 2**20)
    big.unlink()


PICKLES = ("system", "eval", "exec", "open", "rmtree", "bytearray")
VALUES = (
    None,
    0,
    1,
    [],
    {},
    "weights",
    {"state_dict": 5},
    {1: torch.ones(1)},
    {"weight": "x"},
    [torch.ones(2)],
    {"a": torch.ones(1).expand(10**6)},
    {"a": torch.ones(2, device="meta")},
)


def weights(g: Random, place: Path, tried: str, state: dict[str, torch.Tensor], canary: Path) -> Path:
    """A weights file: a pickle that runs code, a wrong value, wrong tensors, a damaged or compressed file."""
    file = place / f"w{g.choice(('.pt', '.pth', '.bin'))}"
    if tried == "pickle":
        _pickled(g, canary, file, g.choice(PICKLES))
    elif tried == "value":
        torch.save(g.choice(VALUES), file)
    elif tried == "compressed":
        _squeezed(file)
    elif tried == "damaged":
        torch.save(dict(list(state.items())[:3]), file)
        file.write_bytes(damaged(g, file.read_bytes()))
    else:
        return _safetensors(g, place, tried, state)
    return file


def _safetensors(g: Random, place: Path, tried: str, state: dict[str, torch.Tensor]) -> Path:
    """A safetensors file whose tensors, header or end are wrong."""
    file, name = place / "w.safetensors", g.choice(list(state))
    odd = {
        "shape": torch.ones(3, 1),
        "not finite": torch.full_like(state[name].float(), g.choice((float("nan"), float("inf")))),
        "dtype": torch.ones(
            state[name].shape, dtype=g.choice((torch.int8, torch.float64, torch.bool, torch.complex64))
        ),
    }
    save_file(state | ({name: odd[tried].contiguous()} if tried in odd else {}), file)
    if tried == "header":
        data = bytearray(file.read_bytes())
        data[:8] = struct.pack("<Q", g.choice((0, 1, 2**20, 2**40, 2**63, 2**64 - 1)))
        file.write_bytes(data)
    elif tried == "broken":
        file.write_bytes(damaged(g, file.read_bytes()))
    return file


ODD_NUMBERS = ("²", "-1", "0", "1e9", "９", "9" * 5000)
ODD = (
    None,
    True,
    -1,
    0,
    1e308,
    float("nan"),
    10**30,
    "",
    "x",
    "../x",
    [],
    {},
    [[]],
    [None],
    [1, 2],
    ["a", "a"],
    [0.5] * 3,
    ["=1+1", "<b>"],
    {"a": 1},
    "hf-hub:x/y",
    "os.system",
    "__import__('os')",
    "w.safetensors",
    "../w.safetensors",
    "small/nothing",
    "nan",
    [10**9] * 3,
    list(range(10)),
)


def card(g: Random, place: Path, state: dict[str, torch.Tensor], good: dict) -> Path:
    """Weights with a card of which one value is odd, or that is no card."""
    file = place / "w.safetensors"
    save_file(state, file)
    made = json.loads(json.dumps(good))
    where = g.choice((made, made["input"]))
    key = g.choice((*where, "new", "fit", "name", "net"))
    where[key] = g.choice(ODD)
    text = json.dumps(made)
    if g.random() < 0.25:
        text = g.choice(
            ("", "null", "[]", "5", '"x"', "[" * 100_000, "{" * 9, text[: g.randrange(len(text))], "\ufeff" + text)
        )
    file.with_suffix(".json").write_text(text, encoding=g.choice(("utf-8", "utf-8", "utf-16")))
    return file


def table(g: Random, columns: list[str], cells: Callable[[str], list], rows: int = 4) -> bytes:
    """A CSV file with odd cells, columns, quotes and bytes."""
    names = [g.choice((*columns, "x", "")) if g.random() < 0.05 else c for c in columns]
    odd = (*FORMULAS, *NAMES, *PARTS, "1e999", "9" * 5000, "²", "--5", "nan", "-1", '"', "\r", "x" * 200_000, "\ufeff")
    lines = [names]
    for _ in range(rows):
        lines.append([g.choice(odd) if g.random() < 0.15 else g.choice(cells(c)) for c in columns])
        if g.random() < 0.1:
            lines[-1] = lines[-1][: g.randrange(len(columns))] + ["x"] * g.randrange(3)
    quoted = [
        ",".join('"' + str(v).replace('"', '""') + '"' if g.random() < 0.9 else str(v) for v in line) for line in lines
    ]
    data = ("\n".join(quoted) + g.choice(("\n", "", "\r\n"))).encode("utf-8", "surrogateescape")
    return (
        damaged(g, data)
        if g.random() < 0.2
        else g.choice((data, data, data, b"", data.decode("latin-1").encode("utf-16")))
    )


KERNEL = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
PATHS = (
    "/",
    "/?template=../../x",
    "/secret.png",
    "/voila/files/secret.png",
    "/voila/files/secret.ipynb",
    "/voila/files/explorer.ipynb",
    "/voila/files/../../../etc/passwd",
    "/voila/files/..%2f..%2f..%2fetc/passwd",
    "/files/../../etc/passwd",
    "/voila/static/..%2f..%2f..%2f..%2fetc/passwd",
    "/voila/static//etc/passwd",
    "/voila/static/../../../../../../../../etc/passwd",
    "/voila/templates/../../etc/passwd",
    "/voila/templates/fmd/static/..%2f..%2fx",
    "/voila/labextensions/..%2f..%2f..%2fetc/passwd",
    "/voila/api/themes/..%2f..%2fetc/passwd",
    "/voila/render/explorer.ipynb",
    "/voila/tree",
    "/voila/api/contents",
    "/api/contents",
    "/api/kernels",
    f"/api/kernels/{KERNEL}",
    f"/api/kernels/{KERNEL}/channels",
    f"/voila/api/shutdown/{KERNEL}",
    "/api/terminals",
    "/terminals/1",
    "/api/sessions",
    "/lab",
    "/tree",
    "/login?next=//evil.example",
    "/logout",
    "/%00",
    "/%ff%fe",
    "/" + "a" * 9000,
    "//evil.example/",
    "http://evil.example/",
    "/..;/etc/passwd",
)
HOSTS = (
    "evil.example",
    "evil.example:PORT",
    "127.0.0.1.evil.example:PORT",
    "http://evil.example",
    "localhost.evil.example",
    "0.0.0.0.nip.io",
    "10.0.0.1:PORT",
    "",
    "null",
    "localhost:PORT@evil.example",
    "[::ffff:8.8.8.8]",
    "a" * 3000,
    "..",
)
