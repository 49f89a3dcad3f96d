"""A lockout at work: what a lock in force wants of the account as it is now."""

from collections.abc import Iterable
from datetime import datetime

from risk_manager.core.actions import Action, Cancel, Close, CloseAll, LockMode, Reduce, Resize
from risk_manager.core.model.order import Order
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.lockouts import Lockout

LOCKOUT = "lockout"
"""The name under which standing orders decide."""


def wanted_by(locks: Iterable[Lockout], state: AccountState) -> list[Action]:
    """List what the locks want closed, reduced, cancelled and resized; not yet settled."""
    present = {state.root(contract_id) for contract_id in state.holdings}
    present |= {state.root(order.contract_id) for order in state.working_orders.values()}
    actions: list[Action] = []
    for lock in locks:
        if not present or (lock.root is not None and lock.root not in present):
            continue
        if lock.mode is LockMode.FLAT:
            actions += _flat(lock, state)
        else:
            actions += _no_new_risk(lock, state)
    return actions


def ceilings_now(state: AccountState, plan: Iterable[Action], since: datetime | None = None) -> dict[str, int]:
    """Tell how much of each contract a lock that begins now leaves: what is held, less what the plan takes.

    Where a trade set the lock (at `since`, where it may have been learned late), what is held is the size that all
    fills up to that trade make, although its position report may be still to come.
    """
    positions, pictured_at = state.memory.positions, state.news.pictured_at
    if since is not None and pictured_at is not None:
        ceilings = {one: state.ceilings.at(since, pictured_at, one) for one in positions.contracts()}
    else:
        upto = max((trade.at for trade in state.news.trades), default=None)
        ceilings = {one: positions.expected_net(one, upto) for one in positions.contracts()}
    for action in plan:
        match action:
            case CloseAll():
                return {}
            case Close(contract_id):
                ceilings.pop(contract_id, None)
            case Reduce(contract_id, to) if abs(ceilings.get(contract_id, 0)) > to:
                ceilings[contract_id] = to if ceilings[contract_id] > 0 else -to
            case _:
                pass
    return {contract_id: size for contract_id, size in ceilings.items() if size}


def _flat(lock: Lockout, state: AccountState) -> list[Action]:
    actions: list[Action] = [Close(one) for one in state.holdings if lock.covers(state.root(one))]
    actions += [
        Cancel(order.order_id) for order in state.working_orders.values() if lock.covers(state.root(order.contract_id))
    ]
    return actions


def _no_new_risk(lock: Lockout, state: AccountState) -> list[Action]:
    actions: list[Action] = []
    for contract_id, holding in state.holdings.items():
        if not lock.covers(state.root(contract_id)):
            continue
        net_size = _surely_held(state, contract_id, holding.position.net_size)
        ceiling = lock.ceilings.get(contract_id, 0)
        if net_size == 0 or _is_within(state.memory.positions.expected_net(contract_id), ceiling):
            continue
        if ceiling * net_size <= 0:
            actions.append(Close(contract_id))
        elif abs(net_size) > abs(ceiling):
            actions.append(Reduce(contract_id, abs(ceiling)))
    for order in state.working_orders.values():
        if lock.covers(state.root(order.contract_id)):
            actions += _judge_order(order, state)
    return actions


def _is_within(expected: int, ceiling: int) -> bool:
    """Tell whether fills have made it no more than may stay, on the same side, though a report may still be to come."""
    return expected * ceiling > 0 and abs(expected) <= abs(ceiling)


def _surely_held(state: AccountState, contract_id: str, shown: int) -> int:
    """Tell what is held for certain: a fill that takes from it may be known before the position report is."""
    expected = state.memory.positions.expected_net(contract_id)
    if expected * shown <= 0:
        return shown if expected * shown < 0 else 0
    return min(shown, expected, key=abs)


def _judge_order(order: Order, state: AccountState) -> list[Action]:
    """Leave an order alone that can only reduce what is held; make one as large as that; cancel any other."""
    positions = state.memory.positions
    net_size = positions.expected_net(order.contract_id)
    if net_size * order.side.sign >= 0:
        return [Cancel(order.order_id)]
    if order.remaining > abs(net_size) and not positions.is_half_seen(order.contract_id):
        return [Resize(order.order_id, order.filled_size + abs(net_size))]
    return []
