"""The API reference: every public name, and what the comments beside its parameters say of shape and range."""
import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from layout import ROOT, import_order

from fmd_nb.support.docs import parameter_comments

EMPTY = inspect.Parameter.empty


@dataclass
class Parameter:
    """One parameter, or one field of a dataclass."""

    name: str
    kind: str  # its type as written
    default: str  # as written; empty: required
    meaning: str


@dataclass
class Entry:
    """A public name: a function, a class with its methods, or a value."""

    name: str
    what: str  # function, class, method, property, data
    text: str
    parameters: list[Parameter] = field(default_factory=list)
    result: tuple[str, str] = ("", "")  # type and meaning
    members: list["Entry"] = field(default_factory=list)


def modules() -> list[str]:
    """List the public modules of the package in the order of their notebooks."""
    return sorted(import_order(), key=notebook_of)


def notebook_of(module: str) -> str:
    """Read from the module's header which notebook it is exported from, as a path below the root."""
    path = ROOT / f"fmd_nb/{module.replace('.', '/')}.py"
    return re.search(r"File to edit: (?:\.\./)+(\S+\.ipynb)", path.read_text(encoding="utf-8"))[1]


@cache
def source(module: str) -> tuple[ast.Module, list[str]]:
    text = Path(importlib.import_module(f"fmd_nb.{module}").__file__).read_text(encoding="utf-8")
    return ast.parse(text), text.splitlines()


def comment_of(module: str, name: str) -> tuple[str, str]:
    """Find a value's source, and the comment at its first or last line or above it."""
    tree, lines = source(module)
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        values = {t.id: node.value for t in targets if isinstance(t, ast.Name)}
        for several in (t for t in targets if isinstance(t, ast.Tuple) and isinstance(node.value, ast.Tuple)):
            values |= {t.id: value for t, value in zip(several.elts, node.value.elts, strict=True)}
        if name in values:
            around = (lines[node.lineno - 1], lines[node.end_lineno - 1], lines[node.lineno - 2])
            said = next((m[1] for line in around if (m := re.search(r"(?:^|\s)# (?!%%)(.+)$", line))), "")
            return ast.unparse(values[name]), said
    return "", ""


def _definition(function) -> ast.FunctionDef | ast.ClassDef:
    return ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]


def _written(node: ast.FunctionDef) -> dict[str, tuple[str, str]]:
    """Read type and default of each parameter from the source."""
    a = node.args
    plain, found = [*a.posonlyargs, *a.args], {}
    defaults = dict(zip([p.arg for p in plain[len(plain) - len(a.defaults):]], a.defaults, strict=True))
    defaults |= {p.arg: d for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True) if d is not None}
    for p in [*plain, *a.kwonlyargs, *filter(None, [a.vararg, a.kwarg])]:
        kind = ast.unparse(p.annotation).strip("'\"") if p.annotation else ""
        found[p.arg] = (kind, ast.unparse(defaults[p.arg]) if p.arg in defaults else "")
    return found


def _fields(cls: type) -> dict[str, tuple[str, str]]:
    """Read type and default of each field of a dataclass, those of its parents first."""
    found = {}
    for base in reversed(cls.__mro__):
        if "__dataclass_fields__" in vars(base):
            for node in _definition(base).body:
                if isinstance(node, ast.AnnAssign) and not ast.unparse(node.annotation).startswith("ClassVar"):
                    found[node.target.id] = (ast.unparse(node.annotation),
                                             ast.unparse(node.value) if node.value else "")
    return {name: found[name] for name in cls.__dataclass_fields__ if name in found}


def _option_help(function, name: str) -> str:
    """Return the help of a Typer option or argument, which explains a command's parameter."""
    said = getattr(inspect.signature(function).parameters[name].annotation, "__metadata__", ())
    return next((m.help for m in said if getattr(m, "help", None)), "")


def _from_docstring(thing, name: str) -> str:
    """Return the docstring if it explains the parameter."""
    return _doc(thing) if f"`{name}`" in _doc(thing) else ""


def _parameters(thing, written: dict[str, tuple[str, str]], skip: int = 0) -> list[Parameter]:
    said, found = parameter_comments(thing), []
    for name, (kind, default) in list(written.items())[skip:]:
        meaning = said.get(name, "")
        if not meaning and inspect.isfunction(thing):
            meaning = _option_help(thing, name) or _from_docstring(thing, name)
        annotation = inspect.signature(thing).parameters[name].annotation if inspect.isfunction(thing) else None
        if hasattr(annotation, "__metadata__"):  # a parameter of a command: the value's type is inside
            kind = inspect.formatannotation(annotation.__origin__)
        found.append(Parameter(name, kind, default, " ".join((meaning or "").split())))
    return found


def _doc(thing) -> str:
    """Return the docstring, without the comments that `fmd_nb` appends to it for `help()`."""
    text = inspect.cleandoc(thing.__doc__ or "")
    return re.split(r"(?:^|\n\n)(?:Parameters|Returns):\n", text)[0]


def function_entry(name: str, function, what: str = "function", skip: int = 0) -> Entry:
    node = _definition(function)
    result = ("" if node.returns is None else ast.unparse(node.returns).strip("'\""),
              parameter_comments(function).get("return", ""))
    return Entry(name, what, _doc(function), _parameters(function, _written(node), skip), result)


def _members(cls: type) -> Iterator[Entry]:
    for name, member in vars(cls).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield function_entry(name, member.fget, "property", 1)
        elif isinstance(member, (classmethod, staticmethod)):
            what = "classmethod" if isinstance(member, classmethod) else "staticmethod"
            yield function_entry(name, member.__func__, what, what == "classmethod")
        elif inspect.isfunction(member):
            yield _inherit(function_entry(name, member, "method", 1), cls)


def _inherit(method: Entry, cls: type) -> Entry:
    """Take over what an overridden method says about parameters that the method itself does not explain."""
    for base in cls.__mro__[1:]:
        if method.name in vars(base) and base.__module__.startswith("fmd_nb."):
            parent = function_entry(method.name, vars(base)[method.name], "method", 1)
            pairs = zip(method.parameters, parent.parameters, strict=True)
            method.parameters = [own if own.meaning else other for own, other in pairs]
            method.result = method.result if any(method.result) else parent.result
    return method


def class_entry(name: str, cls: type) -> Entry:
    if "__dataclass_fields__" in vars(cls):
        parameters = _parameters(cls, _fields(cls))
    elif hasattr(cls, "_fields"):  # a named tuple
        node = _definition(cls)
        written = {n.target.id: (ast.unparse(n.annotation), ast.unparse(n.value) if n.value else "")
                   for n in node.body if isinstance(n, ast.AnnAssign)}
        parameters = [Parameter(n, *written[n], _line_comment(cls, n)) for n in cls._fields]
    elif "__init__" in vars(cls):
        parameters = _parameters(cls.__init__, _written(_definition(cls.__init__)), 1)
    else:
        parameters = []
    return Entry(name, "class", _doc(cls), parameters, members=list(_members(cls)))


def _line_comment(thing, name: str) -> str:
    """Find the comment at the line of a field of a named tuple."""
    found = re.search(rf"^\s+{name}\b[^#\n]*# (.+)$", inspect.getsource(thing), re.M)
    return found[1] if found else ""


def entry(module: str, name: str) -> Entry:
    """Collect what the reference says about one public name."""
    thing = getattr(importlib.import_module(f"fmd_nb.{module}"), name)
    if inspect.isclass(thing):
        return class_entry(name, thing)
    if inspect.isfunction(inspect.unwrap(thing)) and not isinstance(thing, partial):
        return function_entry(name, inspect.unwrap(thing))
    value, text = comment_of(module, name)
    return Entry(name, "data", text, result=(value, ""))


@cache
def entries(module: str) -> list[Entry]:
    names = importlib.import_module(f"fmd_nb.{module}").__all__
    return [entry(module, name) for name in names]


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _signature(e: Entry) -> str:
    if e.what in ("data", "property"):
        return e.name
    shown = [f"{p.name}={p.default}" if p.default else p.name for p in e.parameters]
    return f"{e.name}({', '.join(shown)})"


def _fence(level: int) -> str:
    return ":" * (3 + 2 * level)


def render(e: Entry, level: int = 1) -> Iterator[str]:
    """Render one entry in MyST: a directive of Sphinx's Python domain, so that links and the search find it."""
    signature = _signature(e).replace("\\", "\\\\")
    special = e.what in ("classmethod", "staticmethod")
    yield f"{_fence(level)}{{py:{'method' if special else e.what}}} {signature}"
    if special:
        yield f":{e.what}:"
    yield ""
    yield (sentence(e.text) if e.what == "data" else e.text) + "\n"
    if e.what == "data" and e.result[0]:
        shown = e.result[0] if len(e.result[0]) < 300 else e.result[0][:300] + " …"
        yield f"Value: {_code(shown)}\n"
    for p in e.parameters:
        kind = f"{_code(p.kind)}. " if p.kind else ""
        default = f" Default {_code(p.default)}." if p.default else ""
        yield f":param {p.name}: {kind}{sentence(p.meaning)}{default}"
    if e.what not in ("class", "data") and any(e.result) and e.result[0] != "None":
        yield f":returns: {_code(e.result[0])}. {sentence(e.result[1])}"
    yield ""
    for member in e.members:
        yield from render(member, level - 1)
    yield _fence(level) + "\n"


def sentence(text: str) -> str:
    """Turn a comment into a sentence: a capital if it begins with a word, and a full stop."""
    text = re.sub(r"^[a-z](?=[a-z]* )", lambda m: m[0].upper(), text.strip())
    text = re.sub(r"([<*_\[\]])(?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)", r"\\\1", text)
    return text if not text or text[-1] in ".!?" else text + "."


def page(module: str) -> str:
    """Write the page of one module."""
    notebook = notebook_of(module)
    text = _doc(importlib.import_module(f"fmd_nb.{module}"))
    up = "../" * 2
    parts = [f"# fmd_nb.{module}\n", f"```{{py:module}} fmd_nb.{module}\n```\n",
             f"{text} Explained in [{notebook}]({up}{notebook}).\n"]
    for e in sorted(entries(module), key=lambda e: e.what == "data"):  # values last
        parts += render(e)
    return "\n".join(parts) + "\n"


def index() -> str:
    """Write the first page: what most people need, and all modules."""
    package = importlib.import_module("fmd_nb")
    rows = [f"| [{m}]({m}.md) | {_doc(importlib.import_module(f'fmd_nb.{m}')).splitlines()[0]} |" for m in modules()]
    places = [f"- {{py:obj}}`fmd_nb.{n} <fmd_nb.{package._PLACES[n]}.{n}>`: "
              f"{_doc(getattr(package, n)).splitlines()[0]}" for n in package.__all__]
    return "\n".join([
        "# Python reference\n",
        "Every public name of the package, with the meaning, shape and range of each parameter. The text comes from "
        "the comment beside each parameter in the notebooks.\n",
        "`x` and `x_star` are images, `(B,3,H,W)` RGB in [0,1]; `y` are labels, `(B,)` int64; `eps` and `alpha` are "
        "fractions of 1, written `16/255`. Names that end in 255 count steps of 1/255.\n",
        "## Public names of `fmd_nb`\n", *places, "\n## All modules\n", "| module | what it is |", "|---|---|", *rows,
        "",
        "```{toctree}\n:hidden:\n", *modules(), "```\n"])
