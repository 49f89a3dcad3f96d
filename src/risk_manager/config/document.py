"""A YAML file as plain values with exact numbers, and the line on which each of them stands."""

import warnings
from collections.abc import Hashable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from risk_manager.config.files import expect_a_file
from risk_manager.config.problems import Path, Place, Problem

_LARGEST_FILE = 256 * 1024  # bytes; a configuration of a hundred accounts has a tenth of it
_MOST_VALUES = 20_000  # aliases can make a short file long
_DEEPEST = 20
_LARGEST_EXPONENT = 15  # numbers beyond a quadrillion, or finer than its inverse, are slips of the pen
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge")
)


@dataclass(slots=True)
class Document:
    """What a file says; `lines` count from 1. An absent or empty file has the body None."""

    file: str
    body: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path) -> Place:
        """Find the value at a path, or the nearest section around it."""
        while path and not self.holds(path):
            path = path[:-1]
        return Place(self.file, self.lines.get(path), path, self.value(path))

    def holds(self, path: Path) -> bool:
        """Tell whether something is written at a path; a body from elsewhere has no lines, only values."""
        return path in self.lines or (not self.lines and self.value(path) is not None)

    def value(self, path: Path) -> object:
        """Read the value at a path; None where there is none."""
        value = self.body
        for part in path:
            if isinstance(value, dict):
                value = next((inner for key, inner in value.items() if str(key) == part), None)
            elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            else:
                return None
        return value

    def reject(self, path: Path, allowed: str, line: int | None = None) -> None:
        """Note a problem at a path."""
        place = self.place(path)
        self.problems.append(Place(self.file, line or place.line, path, place.value).problem(allowed))


_STUMBLES = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What the parser raises of itself over text that is no YAML, a directive of another version for one."""


def read_document(path: FilePath, *, name: str) -> Document:
    """Read a file of the configuration; what is wrong with it stands in its `problems`."""
    document = Document(name)
    try:
        expect_a_file(path)
        with path.open("rb") as file:
            raw = file.read(_LARGEST_FILE + 1)
    except FileNotFoundError:
        document.reject((), "there is no such file; `risk-manager init` writes a commented sample")
        return document
    except OSError as error:
        document.reject((), f"cannot be read: {error.strerror or error}")
        return document
    if len(raw) > _LARGEST_FILE:
        document.reject((), f"larger than {_LARGEST_FILE // 1024} KiB; this is no configuration")
        return document
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        document.reject((), "not UTF-8; save the file as UTF-8", line)
        return document
    return parse_document(text, name=name)


def parse_document(text: str, *, name: str) -> Document:
    """Read YAML 1.2 text; numbers with a point become `Decimal` exactly as written."""
    document = Document(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ReusedAnchorWarning)  # nobody reads a warning of the parser's
            root = YAML(typ="safe", pure=True).compose(text)
        if root is not None:
            document.body = _Reading(document).value(root, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.reject((), _broken(error), mark.line + 1 if mark else None)
    except YAMLError as error:
        document.reject((), f"broken YAML: {' '.join(str(error).split())[:200]}")
    except RecursionError:
        document.reject((), "nested too deeply")
    except ReusedAnchorWarning:
        document.reject((), "broken YAML: the same &anchor is given twice")
    except _STUMBLES as error:
        document.reject((), f"broken YAML: cannot be understood ({type(error).__name__})")
    return document


def _broken(error: MarkedYAMLError) -> str:
    said = error.problem or error.context or "cannot be understood"
    hint = "; indent with spaces, never with tabs" if "\\t" in said else ""
    return f"broken YAML: {said}{hint}"


class _Reading:
    """One pass over the nodes of a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0

    def value(self, node: Node, path: Path) -> Any:
        """Turn a node into plain values, noting lines and problems on the way."""
        line = node.start_mark.line + 1
        self._document.lines.setdefault(path, line)
        self._count += 1
        if len(path) > _DEEPEST or self._count > _MOST_VALUES:
            raise RecursionError
        if node.tag not in _PLAIN_TAGS:
            self._document.reject(path, f"the tag {node.tag} is not known here", line)
            return None
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return [self.value(item, (*path, str(index))) for index, item in enumerate(node.value)]
            case ScalarNode():
                return self._scalar(node, path)
        return None

    def _mapping(self, node: MappingNode, path: Path) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._document.reject(path, "a key must be a single word", line)
                continue
            key = self._scalar(key_node, path)
            inner = (*path, str(key))
            if inner in self._document.lines:
                self._document.reject(inner, f"given twice; first on line {self._document.lines[inner]}", line)
                continue
            self._document.lines[inner] = line
            found[key] = self.value(value_node, inner)
        return found

    def _scalar(self, node: ScalarNode, path: Path) -> str | int | bool | Decimal | None:
        match _kind(node):
            case "null":
                return None
            case "bool":
                return bool(node.value.lower() == "true")
            case "int" | "float":
                return self._number(node, path)
        return self._text(str(node.value), node, path)

    def _text(self, text: str, node: ScalarNode, path: Path) -> str:
        """Refuse halves of characters, as an escape can write them: nothing could keep or send them."""
        try:
            text.encode()
        except UnicodeEncodeError:
            self._document.reject(path, "holds half a character (\\ud800 to \\udfff)", node.start_mark.line + 1)
            return "?"
        return text

    def _number(self, node: ScalarNode, path: Path) -> int | Decimal | str:
        text: str = node.value
        try:
            number = int(text, 0) if text.lower().startswith(("0x", "0o")) else Decimal(_spelled(text))
        except (InvalidOperation, ValueError):
            return text
        line = node.start_mark.line + 1
        if isinstance(number, Decimal) and not number.is_finite():
            self._document.reject(path, f"{text} is no number; write a finite one", line)
            return 0
        if number and abs(Decimal(number).adjusted()) > _LARGEST_EXPONENT:
            self._document.reject(path, f"{text[:30]} is beyond any sensible number", line)
            return 0
        return int(number) if _kind(node) == "int" else Decimal(number)


def _kind(node: ScalarNode) -> str:
    return str(node.tag).rpartition(":")[2]


def _spelled(text: str) -> str:
    """YAML writes `.inf` and `.nan`."""
    return text.lower().replace(".inf", "inf").replace(".nan", "nan")
