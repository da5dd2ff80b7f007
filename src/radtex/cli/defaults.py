"""The defaults that a command's help shows: those of the functions that the command calls."""

import ast
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from inspect import getsource, signature
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Annotated, Any, TypeVar, get_origin, get_type_hints

from cyclopts import Parameter

C = TypeVar("C", bound=Callable[..., None])


def shows_defaults_of(*called: str, **renamed: str) -> Callable[[C], C]:
    """Show, for each option of a command that is None, the default of what the command calls.

    They are read from the source: importing it would let a page of help wait for torch. What an
    option itself says of its default (`Parameter.show_default`) counts more.

    Args:
        called: functions and dataclasses, as "module:name"; the first that has the option counts.
        renamed: the option's name there, where it is another.
    """

    def decorate(command: C) -> C:
        hints = get_type_hints(command, include_extras=True)
        for option, parameter in signature(command).parameters.items():
            if parameter.default is None:
                shown = partial(_shown, called, renamed.get(option, option))
                hint, *kind = _parts(hints[option])
                command.__annotations__[option] = Annotated[
                    hint, Parameter(show_default=shown), *kind
                ]
        return command

    return decorate


def default_of(called: str, option: str) -> Any:
    """Return the default of an option of the function or dataclass "module:name", None if none."""
    node = _nodes(called).get(option)
    return None if node is None else _value(node)


def as_typed(value: object) -> str | None:
    """Return a default as a user would type it: a list's items side by side; None for nothing."""
    if value is None or value == ():
        return None
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def field_docs(options: type) -> dict[str, str]:
    """Return the text below each field of a dataclass that has one."""
    (node,) = ast.parse(dedent(getsource(options))).body
    assert isinstance(node, ast.ClassDef)
    return {
        field.target.id: " ".join(text.split())
        for field, below in pairwise(node.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(text := below.value.value, str)
    }


def _shown(called: tuple[str, ...], option: str, _: None) -> str | None:
    defaults = (default_of(each, option) for each in called)
    return as_typed(next((value for value in defaults if value is not None), None))


def _parts(hint: Any) -> tuple[Any, ...]:
    """Return a type, and what it is annotated with."""
    return (hint.__origin__, *hint.__metadata__) if get_origin(hint) is Annotated else (hint,)


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.Tuple(items):
            return tuple(map(_value, items))
        case ast.Call(func=ast.Name("Path"), args=[path]):
            return Path(_value(path))
    raise LookupError(f"{ast.unparse(node)} is no default that can be read without running it")


@cache
def _nodes(called: str) -> dict[str, ast.expr]:
    """Return the default of each parameter of a function, or field of a class, that has one."""
    module, _, name = called.partition(":")
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=found, args=given) if found == name:
                positional = [each.arg for each in (*given.posonlyargs, *given.args)]
                with_default = positional[len(positional) - len(given.defaults) :]
                pairs = [
                    *zip(with_default, given.defaults, strict=True),
                    *zip((each.arg for each in given.kwonlyargs), given.kw_defaults, strict=True),
                ]
                return {option: default for option, default in pairs if default is not None}
            case ast.ClassDef(name=found, body=body) if found == name:
                return {
                    field.target.id: field.value
                    for field in body
                    if isinstance(field, ast.AnnAssign)
                    and isinstance(field.target, ast.Name)
                    and field.value is not None
                }
    raise LookupError(f"{module} defines no {name}")
