"""Which mutations change nothing but one function's body: those need no loading anew, only other code in its place."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType

from tools.mutants.mutations import Mutation

_PLAIN = {"property", "staticmethod", "classmethod", "override"}
"""Decorators that keep the function that they are given, and nothing that it once answered."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A function that lives already, and the code that it gets."""

    name: str
    """Its qualified name: what its own tests run."""
    function: FunctionType
    code: CodeType

    def put(self) -> None:
        """Break the function, wherever it is known."""
        self.function.__code__ = self.code


def replacement(mutation: Mutation, original: str, module: str) -> Replacement | None:
    """Find what a mutation changes; nothing when it is more than the body of one function of a loaded module."""
    before, after = _functions(ast.parse(original)), _functions(ast.parse(mutation.code))
    names = [name for name in before if f"{mutation.where}.".startswith(f"{name}.")]
    if len(names) != 1 or (name := names[0]) not in after or _head(before[name]) != _head(after[name]):
        return None
    function = _living(module, name)
    if function is None:
        return None
    every = _codes(compile(mutation.code, function.__code__.co_filename, "exec"))
    (code,) = (one for one in every if one.co_qualname == name)
    return Replacement(name, function, code) if code.co_freevars == function.__code__.co_freevars else None


def outermost(code: CodeType) -> str:
    """Name the function that a piece of code belongs to."""
    return code.co_qualname.partition(".<locals>")[0]


def _functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    found = list(_below(tree.body, ""))
    names = [name for name, _ in found]
    return {
        name: function
        for name, function in found
        if names.count(name) == 1 and all(ast.unparse(one) in _PLAIN for one in function.decorator_list)
    }


def _below(body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name):
                yield f"{prefix}{name}", statement
            case ast.ClassDef(name=name):
                yield from _below(statement.body, f"{prefix}{name}.")
            case _:
                continue


def _head(function: ast.FunctionDef) -> str:
    return ast.dump(function.args) + "".join(map(ast.dump, function.decorator_list))


def _living(module: str, name: str) -> FunctionType | None:
    found: object = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    match found:
        case FunctionType():
            return found
        case property(fget=FunctionType() as function):
            return function
        case classmethod(__func__=FunctionType() as function) | staticmethod(__func__=FunctionType() as function):
            return function
        case _:
            return None


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
