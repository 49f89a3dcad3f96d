"""Plans as a story writes them: plain values that can be printed, and compared."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from risk_manager.core.actions import (
    Action,
    Cancel,
    CancelAll,
    CancelSymbol,
    Close,
    CloseAll,
    Lock,
    MoveStop,
    PlaceStop,
    Reduce,
    Resize,
    Unlock,
    Warn,
)
from risk_manager.core.decisions import Decision, Plan
from risk_manager.replay.story import Story, StoryUnreadableError, contract_id, instant

Written = dict[str, Any]
"""Plain values, ready for JSON."""


def write_plan(plan: Plan) -> Written:
    """Write a plan down, with reason codes and mode; instants in UTC."""
    return {
        "at": _instant(plan.at),
        "account": plan.account_id,
        "decisions": sorted({decision.rule for decision in plan.decisions}),
        "do": [write_action(action) for action in plan.actions],
        "reasons": [_reason(decision) for decision in plan.decisions],
        "mode": "shadow" if plan.shadow else "enforce",
    }


def write_action(action: Action) -> Written:  # noqa: C901, PLR0911 - one line an action
    """Write one action down."""
    match action:
        case Close(contract):
            return {"do": "close", "contract": contract}
        case Reduce(contract, to):
            return {"do": "reduce", "contract": contract, "to": to}
        case CloseAll():
            return {"do": "close_all"}
        case CancelAll():
            return {"do": "cancel_all"}
        case Cancel(order):
            return {"do": "cancel", "order": order}
        case CancelSymbol(root):
            return {"do": "cancel_symbol", "root": root}
        case Resize(order, size):
            return {"do": "resize", "order": order, "size": size}
        case Lock():
            until = None if action.until is None else _instant(action.until)
            return {"do": "lock", "rule": action.rule, "mode": action.mode.value, "until": until} | _root(action.root)
        case Unlock():
            return {"do": "unlock", "rule": action.rule} | _root(action.root)
        case PlaceStop():
            written = {"do": "place_stop", "contract": action.contract_id, "side": action.side.value}
            return written | {"size": action.size, "stop": str(action.stop)}
        case MoveStop():
            moved: Written = {"do": "move_stop", "order": action.order_id, "stop": str(action.stop)}
            return moved if action.size is None else moved | {"size": action.size}
        case Warn(code):
            return {"do": "warn", "code": code}


def comparable(plans: Iterable[Plan]) -> list[Written]:
    """Bring plans into the form of `expected`: what a story never lists (shadow, warnings) is left out."""
    found = []
    for plan in plans:
        decisions = {one.rule for one in plan.decisions if not _only_warns(one)}
        if plan.shadow or not decisions:
            continue
        actions = [write_action(one) for one in plan.actions if not isinstance(one, Warn)]
        found.append(_comparable(plan.at, plan.account_id, decisions, actions))
    return found


def expected(story: Story) -> list[Written]:
    """Bring what a story expects into a form that can be compared."""
    found = []
    for raw in story.expect or ():
        actions = [_expected_action(story, one) for one in raw.get("do") or ()]
        at = instant(raw.get("at"), story.start, story.path)
        found.append(_comparable(at, int(raw.get("account", 1)), set(raw["decisions"]), actions))
    return found


def _comparable(at: datetime, account_id: int, decisions: set[str], actions: list[Written]) -> Written:
    ordered = sorted(actions, key=lambda one: sorted((key, str(value)) for key, value in one.items()))
    for action in ordered:
        if "stop" in action:
            action["stop"] = f"{float(action['stop']):.10g}"
    return {"at": _instant(at), "account": account_id, "decisions": sorted(decisions), "do": ordered}


def _expected_action(story: Story, raw: Mapping[str, Any]) -> Written:
    if not isinstance(raw, dict) or "do" not in raw:
        raise StoryUnreadableError(f"{story.path}: {raw!r} is no action")
    action = {key: value for key, value in raw.items() if value is not None or key == "until"}
    if "contract" in action:
        action["contract"] = contract_id(action["contract"])
    if action.get("until") is not None:
        action["until"] = _instant(instant(action["until"], story.start, story.path))
    return action


def _reason(decision: Decision) -> Written:
    evidence = {"measured": decision.measured, "limit": decision.limit}
    known = {key: str(value) for key, value in evidence.items() if value is not None}
    return {"rule": decision.rule, "code": decision.code, **known}


def _only_warns(decision: Decision) -> bool:
    return all(isinstance(action, Warn) for action in decision.actions)


def _root(root: str | None) -> Written:
    return {} if root is None else {"root": root}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
