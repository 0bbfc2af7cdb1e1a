"""Write the command's reference from Typer: every command with its arguments and options."""
import inspect
import re
from pathlib import Path
from typing import get_args

import typer

from fmd_nb.folders.command import app

WORDS = {Path: "path", str: "text", int: "whole number", float: "number"}


def _kind(command, name: str) -> str:
    """Say in words what a value is, from the annotation of the function behind the command."""
    annotation = inspect.signature(command.callback).parameters[name].annotation.__origin__
    plain = next((a for a in (annotation, *get_args(annotation)) if a in WORDS), None)
    inner = next((a for outer in (annotation, *get_args(annotation)) for a in get_args(outer) if a in WORDS), None)
    return WORDS.get(plain or inner, "")


def _names(parameter) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.name.upper()}`"
    return ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])


def _default(parameter) -> str:
    value = parameter.default
    none = parameter.required or value is None or value is False or value == () or callable(value)
    return "" if none else f" Default: `{value}`"


def _help(text: str) -> str:
    text = re.sub(r"\s+", " ", text or "").strip()
    return re.sub(r"([<*_\[\]])", r"\\\1", text)


def _parameter(command, parameter) -> str:
    kind = _kind(command, parameter.name)
    kind = f" *{kind.capitalize()}.*" if kind else ""
    need = " Required." if parameter.required else ""
    return f"{_names(parameter)}\n: {_help(parameter.help)}{kind}{need}{_default(parameter)}\n"


def page() -> str:
    """Write the reference in MyST."""
    group = typer.main.get_command(app)
    context = typer.Context(group, info_name="fmd")
    parts = ["# The command", f"\n{_help(group.help)}\n",
             "`fmd COMMAND --help` prints the same. If an input is wrong, the command prints one line: what was "
             "given, what was expected, and what to do. Its exit code is then 2.\n"]
    for name, command in group.commands.items():
        sub = typer.Context(command, parent=context, info_name=name)
        usage = command.get_usage(sub).removeprefix("Usage: ")
        parts += [f"(fmd-{name})=\n## fmd {name}\n", f"{_help(command.help)}\n", f"```sh\n{usage}\n```\n"]
        for parameter in command.params:
            if parameter.name != "help" and not getattr(parameter, "hidden", False):
                parts.append(_parameter(command, parameter))
    return "\n".join(parts)
