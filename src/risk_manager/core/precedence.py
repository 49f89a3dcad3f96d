"""Many decisions, one plan: the stronger action wins, whatever the order of the rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar, cast

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
from risk_manager.core.decisions import Decision
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.lockouts import LockKey, key_of

_Kind = TypeVar("_Kind", bound=Action)
_ByKind = Mapping[type, Sequence[Action]]

_OF_ORDERS = frozenset({Cancel, CancelSymbol, Resize})
_OF_STOPS = frozenset({PlaceStop, MoveStop})
_WORDS = frozenset({Unlock, Warn})


def settle(decisions: Iterable[Decision], state: AccountState) -> tuple[Action, ...]:
    """Settle what decisions want of positions and orders; locks are settled by `settle_locks`."""
    return settle_actions([action for decision in decisions for action in decision.actions], state)


def settle_actions(wanted: Iterable[Action], state: AccountState) -> tuple[Action, ...]:
    """Settle actions with each other, whoever wants them."""
    actions = _by_kind(wanted)
    closed, reductions = _settle_positions(actions, state)
    settled: list[Action] = []
    if CloseAll in actions:
        settled.append(CloseAll())
    else:
        settled += [Close(one) for one in sorted(closed)]
        settled += [Reduce(one, to) for one, to in sorted(reductions.items())]
    settled += _settle_orders(actions, state, closed=closed, reduced=set(reductions))
    settled += _settle_stops(actions, state, closed=closed, reduced=set(reductions))
    if not actions.keys() & _WORDS:
        return tuple(settled)
    unlocks = sorted(set(_only(actions, Unlock)), key=lambda unlock: (unlock.rule, unlock.root or ""))
    warnings = sorted(set(_only(actions, Warn)), key=lambda warn: warn.code)
    return (*settled, *unlocks, *warnings)


def settle_locks(decisions: Iterable[Decision], state: AccountState) -> list[tuple[Lock, Decision]]:
    """Keep every lock that begins or lengthens one, once, with the later end, beside the decision that wanted it.

    Of several fills that want the same one, the earliest is its `since`.
    """
    kept: dict[LockKey, tuple[Lock, Decision]] = {}
    for decision in decisions:
        for lock in decision.actions:
            if not isinstance(lock, Lock) or not state.lockouts.would_change(lock, state.now):
                continue
            rival = kept.get(key_of(lock))
            if rival is None:
                kept[key_of(lock)] = (lock, decision)
                continue
            later = (lock, decision) if _is_later(lock, rival[0]) else rival
            kept[key_of(lock)] = (later[0], replace(later[1], since=_earlier(decision.since, rival[1].since)))
    return sorted(kept.values(), key=lambda one: (one[0].rule, one[0].root or "", one[0].code))


def _by_kind(actions: Iterable[Action]) -> _ByKind:
    """Sort actions by what they ask for: most kinds are absent from most plans."""
    by_kind: dict[type, list[Action]] = {}
    for action in actions:
        by_kind.setdefault(type(action), []).append(action)
    return by_kind


def _only(actions: _ByKind, kind: type[_Kind]) -> Sequence[_Kind]:
    return cast("Sequence[_Kind]", actions.get(kind, ()))


def _earlier(*instants: datetime | None) -> datetime | None:
    return min((one for one in instants if one is not None), default=None)


def _is_later(lock: Lock, rival: Lock) -> bool:
    if rival.until is None:
        return False
    return lock.until is None or lock.until > rival.until


def _settle_positions(actions: _ByKind, state: AccountState) -> tuple[set[str], dict[str, int]]:
    """Tell which contracts are closed and which reduced, to the lowest target."""
    closed = {close.contract_id for close in _only(actions, Close)}
    if CloseAll in actions:
        closed.update(state.holdings)
    reductions: dict[str, int] = {}
    if Reduce not in actions:
        return closed, reductions
    reduces = _only(actions, Reduce)
    closed |= {reduce.contract_id for reduce in reduces if reduce.to == 0}
    for reduce in reduces:
        if reduce.contract_id not in closed:
            reductions[reduce.contract_id] = min(reduce.to, reductions.get(reduce.contract_id, reduce.to))
    return closed, reductions


def _settle_orders(actions: _ByKind, state: AccountState, *, closed: set[str], reduced: set[str]) -> list[Action]:
    if CancelAll in actions:
        return [CancelAll()]
    if not actions.keys() & _OF_ORDERS:
        return []
    roots = {cancel.root for cancel in _only(actions, CancelSymbol)}
    cancelled = {cancel.order_id for cancel in _only(actions, Cancel)}
    sizes: dict[int, int] = {}
    for resize in _only(actions, Resize):
        if resize.order_id not in cancelled:
            sizes[resize.order_id] = min(resize.size, sizes.get(resize.order_id, resize.size))

    def is_covered(order_id: int, by_contracts: set[str]) -> bool:
        order = state.working_orders.get(order_id)
        return order is not None and (order.contract_id in by_contracts or state.root(order.contract_id) in roots)

    settled: list[Action] = [CancelSymbol(root) for root in sorted(roots)]
    settled += [Cancel(one) for one in sorted(cancelled) if not is_covered(one, closed)]
    settled += [Resize(one, sizes[one]) for one in sorted(sizes) if not is_covered(one, closed | reduced)]
    return settled


def _settle_stops(actions: _ByKind, state: AccountState, *, closed: set[str], reduced: set[str]) -> list[Action]:
    """Keep stops to be placed or moved, except on contracts that are being closed.

    On one that is being reduced none is placed or enlarged: it would be larger than what remains, and could flip it.
    """
    if not actions.keys() & _OF_STOPS:
        return []
    placed = [place for place in _only(actions, PlaceStop) if place.contract_id not in closed | reduced]
    moved = []
    for move in _only(actions, MoveStop):
        order = state.working_orders.get(move.order_id)
        enlarged = order is not None and move.size is not None and move.size > order.size
        if order is None or order.contract_id not in (closed | reduced if enlarged else closed):
            moved.append(move)
    return [*sorted(placed, key=repr), *sorted(moved, key=lambda move: move.order_id)]
