"""The closes and reductions of an earlier life, out of its journaled plans: their orders may appear only now."""

from collections.abc import Iterable, Iterator
from typing import Any

from risk_manager.core.model.order import OrderSide
from risk_manager.daemon.enforcement.own_orders import Call
from risk_manager.store.journal import Entry


def stored_exits(entries: Iterable[Entry]) -> Iterator[tuple[int, Call]]:
    """Read which market orders plans had the venue make, by account."""
    for entry in entries:
        if entry.kind != "plan" or entry.account_id is None or entry.body.get("shadow"):
            continue
        strangers = frozenset[int](entry.body.get("strangers") or ())
        held: dict[str, int] = entry.body.get("positions") or {}
        for contract_id, left in targets(entry.body.get("actions") or (), held):
            net = held.get(contract_id, 0)
            if abs(net) > left:
                side = OrderSide.SELL if net > 0 else OrderSide.BUY
                yield entry.account_id, Call(contract_id, side, abs(net) - left, entry.at, strangers=strangers)


def targets(actions: Iterable[dict[str, Any]], held: Iterable[str]) -> Iterator[tuple[str, int]]:
    """List the contracts that stored actions close or reduce, with what was to be left of them."""
    for action in actions:
        match action.get("do"):
            case "close":
                yield action["contract_id"], 0
            case "reduce":
                yield action["contract_id"], action["to"]
            case "close_all":
                yield from ((contract_id, 0) for contract_id in held)
            case _:
                continue
