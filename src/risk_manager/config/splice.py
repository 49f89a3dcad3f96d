"""Single values of a YAML text changed where they stand: everything around them stays, to the character.

A round trip through a YAML writer keeps comments, but not every space and line break that people have made. So
only the characters of the value are replaced; then both texts are read, and the new one must say exactly what the
old one said but for this value. Where that is not so (an alias, a merge), nothing is changed.
"""

import copy
import json
import re
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from risk_manager.config.document import parse_document
from risk_manager.config.problems import Path, path_text

_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_STEP = "  "


class EditRefusedError(Exception):
    """A value that cannot be changed without touching anything else; the message says what to do."""


def set_value(text: str, path: Path, value: str) -> str:
    """Write a value (a scalar, or a list or section in one line of YAML) at a path, which is made where it is missing.

    Raises `EditRefusedError`.
    """
    meant = parse_document(value, name="value")
    if meant.problems or "\n" in value.strip() or not value.strip():
        raise EditRefusedError(f"{value!r} cannot be read as a value; write it as it would stand in the file")
    refusal = EditRefusedError(f"{path_text(path)} cannot be changed here; edit the file by hand")
    attempts = [value.strip(), *([json.dumps(meant.body, ensure_ascii=False)] if isinstance(meant.body, str) else [])]
    for attempt in attempts:
        fresh = _with_value(text, path, attempt)
        if fresh is not None and _says(fresh, _changed(_body(text), path, meant.body)):
            return fresh
    raise refusal


def append_section(text: str, path: Path, section: Sequence[tuple[str, str]]) -> str:
    """Add a section of keys and values to the end of the list at a path, which is made where it is missing.

    Raises `EditRefusedError`.
    """
    meant = {key: parse_document(value, name="value").body for key, value in section}
    flow = "{" + ", ".join(f"{key}: {value}" for key, value in section) + "}"
    listed = _value(_body(text), path)
    node = _find(text, path)
    if isinstance(node, SequenceNode) and node.value:
        fresh: str | None = _with_item(text, node, section, flow)
        index = len(node.value)
        wanted = _changed(_body(text), (*path, str(index)), meant)
    else:
        fresh = _with_value(text, path, f"[{flow}]") if not listed else None
        wanted = _changed(_body(text), path, [meant])
    if fresh is None or not _says(fresh, wanted):
        raise EditRefusedError(f"nothing can be added to {path_text(path)} here; edit the file by hand")
    return fresh


def remove(text: str, path: Path) -> str:
    """Take a key or an item of a list away, with what stands under it; raise `EditRefusedError`."""
    node = _find(text, path[:-1])
    body = copy.deepcopy(_body(text))
    span = None
    if isinstance(node, (MappingNode, SequenceNode)):
        parts = _parts(node)
        index = next((at for at, (key, _, _) in enumerate(parts) if key == path[-1]), None)
        span = None if index is None else _span(text, node, parts, index)
    if span is None:
        raise EditRefusedError(f"{path_text(path)} is not there")
    parent = _value(body, path[:-1])
    if isinstance(parent, list):
        del parent[int(path[-1])]
    elif isinstance(parent, dict):
        del parent[next(key for key in parent if str(key) == path[-1])]
    fresh = text[: span[0]] + text[span[1] :]
    if not (_says(fresh, body) or _says(fresh, _emptied(body, path[:-1]))):
        raise EditRefusedError(f"{path_text(path)} cannot be taken away here; edit the file by hand")
    return fresh


def written(value: str) -> str:
    """Write words as YAML means them as words, whatever is in them."""
    is_plain = _PLAIN_WORD.fullmatch(value) and parse_document(value, name="value").body == value
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _with_value(text: str, path: Path, value: str) -> str | None:
    """Put characters where they belong; None where no place can be found."""
    root = _compose(text)
    if root is None:
        return text + ("" if not text or text.endswith("\n") else "\n") + _nested(path, value, "", "\n")
    node: Node = root
    for depth, part in enumerate(path):
        if not isinstance(node, (MappingNode, SequenceNode)):
            return None
        head, child = next(((head, inner) for key, head, inner in _parts(node) if key == part), (None, None))
        if head is None or child is None:
            return _inserted(text, node, path[depth:], value) if isinstance(node, MappingNode) else None
        if isinstance(child, ScalarNode) and not child.value and str(child.tag).endswith(":null"):
            return _under_a_heading(text, node, head, path[depth + 1 :], value)
        node = child
    start, end = node.start_mark.index, _end(node)
    return text[:start] + value + text[end:]


def _under_a_heading(text: str, section: MappingNode | SequenceNode, head: Node, path: Path, value: str) -> str | None:
    """Give a key its first value."""
    if isinstance(section, SequenceNode):
        return None
    at = text.index(":", _end(head)) + 1
    if section.flow_style or not path:
        return f"{text[:at]} {_flow(path, value)}{text[at:]}"
    at, newline = _line_end(text, at), _newline(text)
    lines = _nested(path, value, " " * section.start_mark.column + _STEP, newline)
    return text[:at] + newline + lines[: -len(newline)] + text[at:]


def _inserted(text: str, node: MappingNode, path: Path, value: str) -> str:
    """Add a key to a section, after its last one."""
    last = max((_end(part) for pair in node.value for part in pair), default=node.start_mark.index + 1)
    if node.flow_style:
        glue = ", " if node.value else ""
        return f"{text[:last]}{glue}{_flow(path, value)[1:-1]}{text[last:]}"
    at, newline = _line_end(text, last), _newline(text)
    return (
        text[:at] + newline + _nested(path, value, " " * node.start_mark.column, newline)[: -len(newline)] + text[at:]
    )


def _with_item(text: str, node: SequenceNode, section: Sequence[tuple[str, str]], flow: str) -> str:
    last = _end(node.value[-1])
    if node.flow_style:
        return f"{text[:last]}, {flow}{text[last:]}"
    first = node.value[0].start_mark.index
    line = text.rfind("\n", 0, first) + 1
    indent = " " * (text.rfind("-", line, first) - line)
    at, newline = _line_end(text, last), _newline(text)
    lines = [f"{indent}{'- ' if not place else '  '}{key}: {value}" for place, (key, value) in enumerate(section)]
    return text[:at] + newline + newline.join(lines) + text[at:]


def _span(
    text: str, node: MappingNode | SequenceNode, parts: list[tuple[str, Node, Node]], index: int
) -> tuple[int, int]:
    """Find the characters of one entry: whole lines, or what stands between two commas."""
    _, head, value = parts[index]
    start, end = head.start_mark.index, max(_end(head), _end(value))
    if not node.flow_style:
        return text.rfind("\n", 0, start) + 1, min(_line_end(text, end) + len(_newline(text)), len(text))
    if index > 0:
        return max(_end(parts[index - 1][1]), _end(parts[index - 1][2])), end
    return start, parts[1][1].start_mark.index if len(parts) > 1 else end


def _parts(node: MappingNode | SequenceNode) -> list[tuple[str, Node, Node]]:
    """List the entries of a node by name or number: where each begins, and its value."""
    if isinstance(node, MappingNode):
        return [(str(key.value), key, value) for key, value in node.value]
    return [(str(index), item, item) for index, item in enumerate(node.value)]


def _end(node: Node) -> int:
    """Tell where the characters of a node end; for a block that is before the comments that follow it."""
    if isinstance(node, (MappingNode, SequenceNode)) and not node.flow_style and node.value:
        _, head, value = _parts(node)[-1]
        return max(_end(head), _end(value))
    return int(node.end_mark.index)


def _find(text: str, path: Path) -> Node | None:
    node = _compose(text)
    for part in path:
        if not isinstance(node, (MappingNode, SequenceNode)):
            return None
        node = next((value for key, _, value in _parts(node) if key == part), None)
    return node


def _compose(text: str) -> Node | None:
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, RecursionError):
        raise EditRefusedError("the file is broken; `risk-manager check` tells where") from None
    return root


def _nested(path: Path, value: str, indent: str, newline: str) -> str:
    lines = [f"{indent}{_STEP * depth}{part}:" for depth, part in enumerate(path)]
    return newline.join(lines) + f" {value}{newline}"


def _flow(path: Path, value: str) -> str:
    for part in reversed(path):
        value = f"{{{part}: {value}}}"
    return value


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1] == "\r" else end


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _body(text: str) -> Any:
    return parse_document(text, name="text").body


def _says(text: str, body: object) -> bool:
    fresh = parse_document(text, name="text")
    return not fresh.problems and fresh.body == body


def _value(body: Any, path: Path) -> Any:
    for part in path:
        if isinstance(body, dict):
            body = next((value for key, value in body.items() if str(key) == part), None)
        elif isinstance(body, list) and part.isdigit() and int(part) < len(body):
            body = body[int(part)]
        else:
            return None
    return body


def _changed(body: Any, path: Path, value: object) -> Any:
    """Work out what the file is to say."""
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(body, list) and part.isdigit():
        items = [*body, None] if int(part) == len(body) else list(body)
        items[int(part)] = _changed(items[int(part)], rest, value)
        return items
    section = dict(body or {}) if isinstance(body, dict) or body is None else {}
    key = next((one for one in section if str(one) == part), int(part) if part.isdigit() else part)
    section[key] = _changed(section.get(key), rest, value)
    return section


def _emptied(body: Any, path: Path) -> Any:
    """A section of which only the heading is left says nothing."""
    return _changed(body, path, None)
