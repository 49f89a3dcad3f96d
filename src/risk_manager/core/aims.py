"""What actions come to: the positions and orders that they name at this moment."""

from collections.abc import Iterable

from risk_manager.core.actions import Action, Cancel, CancelAll, CancelSymbol, Close, CloseAll, Lock, Reduce, Resize
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.enforcements import Aims


def aims_of(actions: Iterable[Action], state: AccountState) -> Aims:
    """Name what is to be gone, or to become smaller, once these actions are done."""
    aims, closing = _read(actions, state)
    going = closing.union([key[0] for key, size in aims.positions.items() if size == 0]) if aims.positions else closing
    if going:
        aims.orders.update({one: 0 for one, order in state.working_orders.items() if order.contract_id in going})
    return aims


def wants_of(actions: Iterable[Action], state: AccountState) -> Aims:
    """Name what these actions are about: a close is about its position, though orders will go with it.

    So it covers the cancels of its contract, of orders that appear while it is under way too.
    """
    return _read(actions, state)[0]


def _read(actions: Iterable[Action], state: AccountState) -> tuple[Aims, set[str]]:
    """Read what actions are about, and which contracts they close with all their orders."""
    aims = Aims()
    closing: set[str] = set()
    closes_all = False
    cancelled: list[int] = []
    for action in actions:
        match action:
            case Lock():
                pass  # named first, as most plans bring one
            case Close(contract_id):
                closing.add(contract_id)
                _name_position(aims, state, contract_id, 0)
            case Reduce(contract_id, to):
                _name_position(aims, state, contract_id, to)
            case CloseAll():
                closes_all = True
                for contract_id in state.holdings:
                    _name_position(aims, state, contract_id, 0)
            case Resize(order_id, size):
                aims.orders[order_id] = min(size, aims.orders.get(order_id, size))
            case Cancel() | CancelSymbol() | CancelAll():
                cancelled += _cancelled_by(action, state)
            case _:
                pass
    if closes_all:  # which stands for every close beside it, as in the plan
        closing = set(state.holdings)
    aims.orders.update({one: 0 for one in cancelled if not _is_of(one, closing, state)})
    return aims, closing


def reached(aims: Aims, state: AccountState) -> Aims:
    """Tell which part of the aims is reached: positions and orders that are gone or small enough."""
    working = state.working_orders
    return Aims(
        {key: size for key, size in aims.positions.items() if _held(key, state) <= size},
        {one: size for one, size in aims.orders.items() if one not in working or working[one].size <= size},
    )


def _held(key: tuple[str, int], state: AccountState) -> int:
    """Tell how large a position is; 0 where it has made way for another."""
    holding = state.holdings.get(key[0])
    return holding.position.size if holding is not None and holding.incarnation == key[1] else 0


def _name_position(aims: Aims, state: AccountState, contract_id: str, size: int) -> None:
    holding = state.holdings.get(contract_id)
    if holding is not None:
        key = (contract_id, holding.incarnation)
        aims.positions[key] = min(size, aims.positions.get(key, size))


def _cancelled_by(action: Cancel | CancelSymbol | CancelAll, state: AccountState) -> Iterable[int]:
    match action:
        case Cancel(order_id):
            return (order_id,)
        case CancelSymbol(root):
            return _orders_of_root(state, root)
        case _:
            return tuple(state.working_orders)


def _is_of(order_id: int, contracts: set[str], state: AccountState) -> bool:
    order = state.working_orders.get(order_id)
    return order is not None and order.contract_id in contracts


def _orders_of_root(state: AccountState, root: str) -> list[int]:
    return [one for one, order in state.working_orders.items() if state.root(order.contract_id) == root]
