"""The form of a story: which words stand where; a slip of the pen is told with its line, and never passed over."""

from collections.abc import Iterator, Mapping
from typing import Any

from risk_manager.config.document import Document
from risk_manager.config.problems import Path

_STORY = frozenset({"about", "start", "config", "holidays", "accounts", "events", "expect"})
_ACCOUNT = frozenset({"id", "can_trade", "balance"})
_PLAN = frozenset({"at", "account", "decisions", "do"})
_POSITION = frozenset({"contract", "side", "size", "price", "id", "opened"})
_ORDER = frozenset(
    {"id", "contract", "type", "side", "size", "limit", "stop", "filled", "status", "tag", "parent", "updated", "ours"}
)
_TRADE = frozenset(
    {"id", "order", "contract", "side", "size", "price", "pnl", "fees", "commissions", "voided", "time", "ours"}
)
_PICTURE = {"positions": _POSITION, "orders": _ORDER, "trades": _TRADE}
_EVENTS = {
    "position": _POSITION,
    "order": _ORDER,
    "trade": _TRADE,
    "quote": frozenset({"contract", "last", "bid", "ask"}),
    "account": _ACCOUNT | {"missing"},
    "admin": frozenset({"clear", "root", "lock_now"}),
    "clock": frozenset[str](),
    "feed": frozenset({"user", "market"}),
    "enforced": frozenset({"contract", "ok"}),
    "restart": frozenset[str](),
    "reconciled": frozenset(_PICTURE),
}
_NOT_OURS = frozenset({"reload"})
"""Events whose fields the configuration checks."""

_ACTIONS = {
    "close": frozenset({"contract"}),
    "reduce": frozenset({"contract", "to"}),
    "close_all": frozenset[str](),
    "cancel_all": frozenset[str](),
    "cancel": frozenset({"order"}),
    "cancel_symbol": frozenset({"root"}),
    "lock": frozenset({"rule", "mode", "until", "root"}),
    "resize": frozenset({"order", "size"}),
    "unlock": frozenset({"rule", "root"}),
    "place_stop": frozenset({"contract", "side", "size", "stop"}),
    "move_stop": frozenset({"order", "stop", "size"}),
}


def faults_of(document: Document) -> list[str]:
    """Name everything in a story that has no place there, each with its line and what may stand there."""
    return [f"{document.file}:{document.place(path).line}: {text}" for path, text in _faults(document)]


def _faults(document: Document) -> Iterator[tuple[Path, str]]:
    body = document.body
    if not isinstance(body, dict):
        yield (), "a story is a section with about, start, config, events and expect"
        return
    yield from _odd((), body, _STORY, "a story")
    yield from _listed(("accounts",), body, _ACCOUNT, "an account")
    for path, event in _sections(("events",), body):
        yield from _event(path, event)
    yield from _listed(("expect",), body, _PLAN, "a plan")
    for path, plan in _sections(("expect",), body):
        if not isinstance(plan.get("decisions"), list):
            yield path, "decisions: is missing; a plan names the rules that led to it: decisions: [max_contracts]"
        for place, action in _sections((*path, "do"), plan):
            yield from _action(place, action)
        yield from _no_sections((*path, "do"), plan, "an action is a section like {do: close_all}")
    yield from _no_sections(("events",), body, "an event is a section like {at: +1s, clock: {}}")


def _event(path: Path, event: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    kinds = [str(key) for key in event if key not in {"at", "account"}]
    # `account` is the number of an account, and also the name of an event about one
    if isinstance(event.get("account"), dict):
        kinds.append("account")
    if len(kinds) != 1:
        yield path, f"an event tells of one thing, this one of {len(kinds)}: {kinds}"
        return
    (kind,) = kinds
    fields = event[kind]
    if kind in _NOT_OURS:
        return
    if kind not in _EVENTS:
        yield (*path, kind), f"{kind}: there is no such event; there are {', '.join(sorted({*_EVENTS, *_NOT_OURS}))}"
    elif fields is not None and not isinstance(fields, dict):
        yield (*path, kind), f"{kind}: {fields!r} is no section; write {{}} or its fields"
    elif fields:
        yield from _odd((*path, kind), fields, _EVENTS[kind], kind)
        yield from _inside((*path, kind), kind, fields)


def _inside(path: Path, kind: str, fields: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    if kind == "reconciled":
        for name, words in _PICTURE.items():
            yield from _listed((*path, name), fields, words, f"one of the {name}")
    if kind == "admin" and isinstance(lock := fields.get("lock_now"), dict):
        yield from _odd((*path, "lock_now"), lock, frozenset({"until"}), "lock_now")


def _action(path: Path, action: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    name = str(action.get("do"))
    if name not in _ACTIONS:
        yield path, f"{dict(action)!r} is no action; there are {', '.join(sorted(_ACTIONS))}"
    else:
        yield from _odd(path, action, _ACTIONS[name] | {"do"}, name)


def _listed(path: Path, body: Mapping[str, Any], words: frozenset[str], what: str) -> Iterator[tuple[Path, str]]:
    for place, section in _sections(path, body):
        yield from _odd(place, section, words, what)
    yield from _no_sections(path, body, f"{what} is a section with {', '.join(sorted(words))}")


def _sections(path: Path, body: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    listed = body.get(path[-1])
    for index, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict):
            yield (*path, str(index)), one


def _no_sections(path: Path, body: Mapping[str, Any], form: str) -> Iterator[tuple[Path, str]]:
    listed = body.get(path[-1])
    if listed is not None and not isinstance(listed, list):
        yield path, f"{path[-1]}: {listed!r} is no list; {form}"
    for index, one in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(one, dict):
            yield (*path, str(index)), f"{one!r}: {form}"


def _odd(path: Path, section: Mapping[str, Any], words: frozenset[str], what: str) -> Iterator[tuple[Path, str]]:
    for key in section:
        if str(key) not in words:
            known = f"has only {', '.join(sorted(words))}" if words else "has no fields"
            yield (*path, str(key)), f"{key}: {what} {known}; mend the word or take it out"
