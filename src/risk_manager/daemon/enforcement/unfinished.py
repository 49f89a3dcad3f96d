"""What an earlier life had begun and no rule will decide again: the orders around an exit that has filled meanwhile.

A close cancels the orders of its contract, a reduction makes them fit. When the process dies between the exit and
these, the position no longer breaches anything, and a stop would be left that opens a position of its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from risk_manager.core.actions import Action, Cancel, Resize
from risk_manager.core.decisions import Decision, Plan
from risk_manager.core.model.order import Order, OrderType
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.enforcement.stored_exits import targets
from risk_manager.store.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """An exit of a stored plan: the contracts held then and wanted, and the orders that were known to be working."""

    rule: str
    code: str
    contract_id: str
    net_size: int
    to: int
    orders: frozenset[int]
    at: datetime


def unfinished_exits(entries: Iterable[Entry]) -> Iterator[tuple[int, Unfinished]]:
    """Read the exits of plans, by account; whether they were finished is for the venue's orders to tell."""
    for entry in entries:
        if entry.kind != "plan" or entry.account_id is None or entry.body.get("shadow"):
            continue
        held: dict[str, int] = entry.body.get("positions") or {}
        reason = (entry.body.get("decisions") or [{}])[0]
        for contract_id, to in targets(entry.body.get("actions") or (), held):
            if abs(held.get(contract_id, 0)) > to:
                yield (
                    entry.account_id,
                    Unfinished(
                        rule=reason.get("rule", ""),
                        code=reason.get("code", ""),
                        contract_id=contract_id,
                        net_size=held[contract_id],
                        to=to,
                        orders=frozenset(entry.body.get("orders") or ()),
                        at=entry.at,
                    ),
                )


def plan_for(exits: Iterable[Unfinished], state: AccountState, at: datetime) -> Plan | None:
    """Plan what is left to do around exits that have filled; None when nothing is."""
    decisions = tuple(
        Decision(rule=one.rule, code=one.code, actions=actions, subject=one.contract_id, breach=False)
        for one in exits
        if (actions := tuple(_leftovers(one, state)))
    )
    actions = tuple(dict.fromkeys(action for decision in decisions for action in decision.actions))
    if not actions:
        return None
    return Plan(at=at, account_id=state.account_id, decisions=decisions, actions=actions)


def _leftovers(one: Unfinished, state: AccountState) -> Iterator[Action]:
    position = state.positions.get(one.contract_id)
    net = 0 if position is None else position.net_size
    if abs(net) > one.to or net * one.net_size < 0:
        return  # what is held is for the rules to judge
    for order in state.working_orders.values():
        if order.contract_id != one.contract_id or order.type is OrderType.MARKET or not _was_there(order, one):
            continue
        if one.to == 0:
            yield Cancel(order.order_id)
        elif position is not None and order.side is position.closing_side and order.remaining > one.to:
            yield Resize(order.order_id, order.filled_size + one.to)


def _was_there(order: Order, one: Unfinished) -> bool:
    """Tell whether an order was at the venue when the exit was decided, although the stream may not have told of it."""
    return order.order_id in one.orders or (order.created_at is not None and order.created_at <= one.at)
