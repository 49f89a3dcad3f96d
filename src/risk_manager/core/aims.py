"""What actions come to: the positions and orders that they name at this moment."""

from collections.abc import Iterable

from risk_manager.core.actions import Action, Cancel, CancelAll, CancelSymbol, Close, CloseAll, Reduce, Resize
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.enforcements import Aims


def aims_of(actions: Iterable[Action], state: AccountState) -> Aims:
    """Name what is to be gone, or to become smaller, once these actions are done."""
    actions = tuple(actions)
    aims = wants_of(actions, state)
    reduced_away = {key[0] for key, size in aims.positions.items() if size == 0}
    for contract_id in reduced_away | _closing(actions, state):
        aims.orders.update(dict.fromkeys((order.order_id for order in state.memory.orders.of_contract(contract_id)), 0))
    return aims


def wants_of(actions: Iterable[Action], state: AccountState) -> Aims:
    """Name what these actions are about: a close is about its position, though orders will go with it.

    So it covers the cancels of its contract, of orders that appear while it is under way too.
    """
    actions = tuple(actions)
    aims = Aims()
    for action in actions:
        match action:
            case Close(contract_id):
                _name_position(aims, state, contract_id, 0)
            case Reduce(contract_id, to):
                _name_position(aims, state, contract_id, to)
            case CloseAll():
                for contract_id in state.holdings:
                    _name_position(aims, state, contract_id, 0)
            case Resize(order_id, size):
                aims.orders[order_id] = min(size, aims.orders.get(order_id, size))
            case _:
                pass
    closing = _closing(actions, state)
    cancelled = (one for action in actions for one in _cancelled_by(action, state))
    aims.orders.update({one: 0 for one in cancelled if not _is_of(one, closing, state)})
    return aims


def reached(aims: Aims, state: AccountState) -> Aims:
    """Tell which part of the aims is reached: positions and orders that are gone or small enough."""
    held = {(contract_id, one.incarnation): one.position.size for contract_id, one in state.holdings.items()}
    working = state.working_orders
    return Aims(
        {key: size for key, size in aims.positions.items() if held.get(key, 0) <= size},
        {one: size for one, size in aims.orders.items() if one not in working or working[one].size <= size},
    )


def _name_position(aims: Aims, state: AccountState, contract_id: str, size: int) -> None:
    holding = state.holdings.get(contract_id)
    if holding is not None:
        key = (contract_id, holding.incarnation)
        aims.positions[key] = min(size, aims.positions.get(key, size))


def _closing(actions: tuple[Action, ...], state: AccountState) -> set[str]:
    if CloseAll() in actions:
        return set(state.holdings)
    return {action.contract_id for action in actions if isinstance(action, Close)}


def _cancelled_by(action: Action, state: AccountState) -> Iterable[int]:
    match action:
        case Cancel(order_id):
            return (order_id,)
        case CancelSymbol(root):
            return _orders_of_root(state, root)
        case CancelAll():
            return tuple(state.working_orders)
        case _:
            return ()


def _is_of(order_id: int, contracts: set[str], state: AccountState) -> bool:
    order = state.working_orders.get(order_id)
    return order is not None and order.contract_id in contracts


def _orders_of_root(state: AccountState, root: str) -> list[int]:
    return [one for one, order in state.working_orders.items() if state.root(order.contract_id) == root]
