"""Let mypy see the methods that `@patch` of fastcore adds to a class of the same module, as if they stood in it."""
from collections.abc import Callable

from mypy.nodes import CallExpr, ClassDef, Decorator, Expression, FuncDef, MypyFile, NameExpr, PassStmt
from mypy.plugin import ClassDefContext, Plugin
from mypy.types import AnyType, CallableType, TypeOfAny, UnboundType

BUILTIN = {"as_prop": "property", "cls_method": "classmethod", "static_method": "staticmethod"}


def patch_call(decorator: Expression) -> list[str] | None:
    """Read the options of `@patch` or `@patch(option=True)`; None if it is another decorator."""
    name, options = (decorator.callee, decorator.arg_names) if isinstance(decorator, CallExpr) else (decorator, [])
    return [o for o in options if o] if isinstance(name, NameExpr) and name.name == "patch" else None


def owner(node: Decorator) -> str | None:
    """Return the class that the first parameter is annotated with."""
    signature = node.func.unanalyzed_type
    first = next(iter(getattr(signature, "arg_types", [])), None)
    if isinstance(first, UnboundType) and first.name in ("type", "Type") and first.args:
        first = first.args[0]
    return first.name if isinstance(first, UnboundType) else None


def as_method(node: Decorator, options: list[str]) -> Decorator | FuncDef:
    """Write the function as it would stand in its class, where the type of self or cls is inferred."""
    for signature in (node.func.type, node.func.unanalyzed_type):
        if isinstance(signature, CallableType):
            signature.arg_types[0] = AnyType(TypeOfAny.unannotated)
    builtins = [NameExpr(BUILTIN[option]) for option in options]
    for name in builtins:
        name.set_line(node)
    node.decorators = [*builtins, *node.original_decorators[1:]]
    node.original_decorators = [*node.decorators]
    node.func.is_decorated = bool(node.decorators)
    return node if node.decorators else node.func


def move_patches(context: ClassDefContext) -> None:
    """Move the module's patches of this class into its body."""
    cls: ClassDef = context.cls
    module: MypyFile = context.api.cur_mod_node
    for i, node in enumerate(module.defs):
        if not isinstance(node, Decorator) or owner(node) != cls.name:
            continue
        options = patch_call(node.original_decorators[0])
        if options is not None:
            cls.defs.body.append(as_method(node, options))
            module.defs[i] = PassStmt()


class PatchPlugin(Plugin):
    """Tell mypy of the plugin."""

    def get_customize_class_mro_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        return move_patches if fullname.startswith("fmd_nb.") else None


def plugin(version: str) -> type[Plugin]:
    return PatchPlugin
