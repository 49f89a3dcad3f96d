"""The ways in which a module is broken: one small change of its code at a time."""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from types import ModuleType
from typing import Any

_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_OTHER_NAME = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
_FOR_PEOPLE = {"title", "protects", "examples"}
"""What carries words for people: the documents and their tests look after those."""
_HEADED = (ast.If, ast.For, ast.While, ast.With, ast.FunctionDef, ast.ClassDef, ast.Try, ast.Match)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: where, the statement before and after, and the module's whole code with it."""

    line: int
    where: str
    was: str
    becomes: str
    code: str

    def __str__(self) -> str:
        return f"line {self.line}, in {self.where}\n  - {self.was}\n  + {self.becomes}"


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in the tree that holds a node."""

    parent: ast.AST
    field: str
    index: int | None

    @property
    def node(self) -> Any:
        held = getattr(self.parent, self.field)
        return held if self.index is None else held[self.index]

    def put(self, node: Any) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutations(code: str, module: ModuleType) -> Iterator[Mutation]:
    """List every mutation of a module, in the order of its lines; `module` tells what its names mean."""
    tree = ast.parse(code)
    for statement, where, slot in _slots(tree):
        original, was = slot.node, _shown(statement)
        for changed in _variants(slot, module):
            slot.put(changed)
            # a statement that is itself replaced is no longer the one that its place holds
            becomes = _shown(changed if original is statement else statement)
            text = ast.unparse(ast.fix_missing_locations(tree))
            slot.put(original)
            if becomes != was:
                yield Mutation(statement.lineno, where, was, becomes, text)


def _slots(tree: ast.Module) -> Iterator[tuple[ast.stmt, str, _Slot]]:
    """Walk through what may be changed: not the words for people, nor the types that are only checked."""
    for number, statement in enumerate(tree.body):
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield from _below(statement, "the module", _Slot(tree, "body", number))


def _below(statement: ast.stmt, where: str, slot: _Slot) -> Iterator[tuple[ast.stmt, str, _Slot]]:
    node = slot.node
    if _is_left_alone(node, slot.parent):
        return
    yield statement, where, slot
    if isinstance(node, ast.Raise):
        return
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        where = node.name if where == "the module" else f"{where}.{node.name}"
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list", "bases"} and not _constrains(value):
            continue
        children = enumerate(value) if isinstance(value, list) else ((None, value),)
        for index, child in children:
            if isinstance(child, ast.AST):
                inner = child if isinstance(child, ast.stmt) else statement
                yield from _below(inner, where, _Slot(node, field, index))


def _is_left_alone(node: ast.AST, parent: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())) | ast.Delete() | ast.Pass():
            return True
        case ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"))):
            return True
        case ast.AnnAssign(target=ast.Name(id=name)):
            return name in _FOR_PEOPLE
        case ast.keyword(arg=name):
            return name in _FOR_PEOPLE
        case ast.Constant(value=str()):
            return isinstance(parent, ast.Call) and ast.unparse(parent.func) == "cast"
        case _:
            return False


def _works(metadata: ast.expr) -> bool:
    """Tell what pydantic enforces or strictness asks from what is only shown to people."""
    match metadata:
        case ast.Call(args=[], keywords=[ast.keyword(arg=name)]):
            return name not in _FOR_PEOPLE
        case _:
            return True


def _constrains(annotation: object) -> bool:
    """Tell a type that pydantic enforces from one that only mypy reads."""
    return isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Annotated"


def _shown(statement: ast.AST) -> str:
    """Write a statement on one line; of one that has a body, its head."""
    text = ast.unparse(ast.fix_missing_locations(statement))
    lines = text.splitlines()
    if isinstance(statement, ast.Match):
        lines = [line for line in lines if line.startswith(("match ", "    case "))]
    elif isinstance(statement, _HEADED):
        lines = [line for line in lines if not line.startswith(("@", " "))][:1]
    return " ".join(line.strip() for line in lines)


def _variants(slot: _Slot, module: ModuleType) -> Iterator[ast.AST]:
    yield from _values(slot)
    yield from _operators(slot.node)
    yield from _expressions(slot.node, module)
    yield from _statements(slot.node)


def _values(slot: _Slot) -> Iterator[ast.AST]:
    match slot.node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str(value)) if not isinstance(slot.parent, ast.JoinedStr):
            yield ast.Constant(value + "!")
        case ast.JoinedStr():
            yield ast.Constant("")
        case ast.Tuple(elts=elements, ctx=ast.Load()) if not isinstance(slot.parent, ast.Subscript):
            yield from (ast.Tuple(rest, ast.Load()) for rest in _with_one_less(elements))
        case ast.List(elts=elements, ctx=ast.Load()):
            yield from (ast.List(rest, ast.Load()) for rest in _with_one_less(elements))
        case ast.Set(elts=elements) if len(elements) > 1:
            yield from (ast.Set(rest) for rest in _with_one_less(elements))
        case ast.Subscript(value=ast.Name(id="Annotated") as name, slice=ast.Tuple(elts=[kind, *metadata])):
            less = zip(metadata, _with_one_less(metadata), strict=True)
            for rest in (rest for one, rest in less if _works(one)):
                yield ast.Subscript(name, ast.Tuple([kind, *rest], ast.Load()), ast.Load()) if rest else kind
        case _:
            return


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            for number, operator in enumerate(ops):
                swapped = [*ops[:number], _SWAPPED[type(operator)](), *ops[number + 1 :]]
                yield ast.Compare(left, swapped, others)  # type: ignore[arg-type]  # the table keeps the kinds apart
        case ast.BoolOp(op=operator, values=values):
            yield ast.BoolOp(_SWAPPED[type(operator)](), values)  # type: ignore[arg-type]  # the table keeps the kinds apart
            yield from (_joined(operator, rest) for rest in _with_one_less(values))
        case ast.BinOp(op=ast.BitOr(), right=ast.Constant(value=None)):  # a type
            return
        case ast.BinOp(left=left, op=operator, right=right):
            yield ast.BinOp(left, _SWAPPED[type(operator)](), right)  # type: ignore[arg-type]  # the table keeps the kinds apart
            yield left
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case _:
            return


def _expressions(node: ast.AST, module: ModuleType) -> Iterator[ast.AST]:
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            for keyword, rest in zip(keywords, _with_one_less(keywords), strict=True):
                if keyword.arg not in _FOR_PEOPLE:
                    yield ast.Call(function, arguments, rest)
        case ast.Name(id=name, ctx=ast.Load()) if name in _OTHER_NAME and hasattr(builtins, name):
            yield ast.Name(_OTHER_NAME[name], ast.Load())
        case ast.Attribute(value=ast.Name(id=owner) as name, attr=member, ctx=ast.Load()):
            yield from (ast.Attribute(name, other, ast.Load()) for other in _other_members(module, owner, member))
        case ast.comprehension(target=target, iter=source, ifs=conditions, is_async=kind):
            for rest in _with_one_less(conditions):
                yield ast.comprehension(target, source, rest, kind)
        case _:
            return


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.If(body=body, orelse=orelse):
            yield from (ast.If(ast.Constant(value), body, orelse) for value in (True, False))
        case ast.Match(subject=subject, cases=cases):
            yield from (ast.Match(subject, rest) for rest in _with_one_less(cases) if rest)
        case ast.Return(value=None | ast.Constant() | ast.Tuple(elts=[])):  # mypy holds nothing and None apart
            return
        case ast.Return(value=value):
            yield ast.Return(ast.Constant(None))
            if isinstance(value, (ast.Compare, ast.BoolOp)):
                yield from (ast.Return(ast.Constant(answer)) for answer in (True, False))
        case ast.Continue() | ast.Break() as jump:
            yield ast.Break() if isinstance(jump, ast.Continue) else ast.Continue()
        case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.Raise():
            yield ast.Pass()
        case _:
            return


def _with_one_less(nodes: list[Any]) -> Iterator[list[Any]]:
    return ([*nodes[:number], *nodes[number + 1 :]] for number in range(len(nodes)))


def _joined(operator: ast.boolop, values: list[ast.expr]) -> ast.expr:
    return values[0] if len(values) == 1 else ast.BoolOp(operator, values)


def _other_members(module: ModuleType, owner: str, member: str) -> Iterator[str]:
    """Name the other members of an enum."""
    kind = getattr(module, owner, None)
    if isinstance(kind, type) and issubclass(kind, Enum) and member in kind.__members__:
        yield from (other for other in kind.__members__ if other != member)
