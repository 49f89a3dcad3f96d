"""RULE-011: some products are not to be traded at all."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from risk_manager.core.actions import Action, Cancel, Close, Lock, LockMode, Reduce, Unlock
from risk_manager.core.decisions import Decision
from risk_manager.core.events import Event, OrderUpdated, PolicyChanged, PositionUpdated
from risk_manager.core.model.order import Order, OrderSide
from risk_manager.core.rule import Root, Rule
from risk_manager.core.state.account import AccountState
from risk_manager.core.strictness import WHEN_OFF, when_taken_off


class SymbolBlocks(Rule):
    """Close and cancel what appears in a blocked product, and lock that product without an end."""

    name: ClassVar[str] = "symbol_blocks"
    title: ClassVar[str] = "Blocked symbols"
    protects: ClassVar[str] = "From instruments that you do not want to trade."
    triggers: ClassVar[tuple[type[Event], ...]] = (PositionUpdated, OrderUpdated)
    codes: ClassVar[tuple[str, ...]] = ("SYMBOL_BLOCKED", "SYMBOL_ALLOWED_AGAIN")
    locks_until_condition: ClassVar[bool] = True

    blocked_symbols: Annotated[tuple[Root, ...], when_taken_off(), Field(examples=["[MBT, MET]"])]
    """The instruments that are closed at once, and kept out."""
    close_existing: Annotated[bool, WHEN_OFF] = True
    """Whether what is held of them is closed too; else it stays, with the orders that can only reduce it."""

    def conditions(self, state: AccountState) -> Sequence[str]:
        """Time each block, so that it is known what was there before, after a restart and a cleared lock too."""
        del state
        return self.blocked_symbols

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: a position or a working order in a blocked root, in any month."""
        decisions = []
        present = {state.root(contract_id) for contract_id in state.memory.positions.contracts()}
        present.update([state.root(order.contract_id) for order in state.working_orders.values()])
        for root in sorted(present.intersection(self.blocked_symbols)):
            decision = self._judge(state, event, root)
            if decision is not None:
                decisions.append(decision)
        decisions += [
            Decision(
                rule=self.name,
                code=self.codes[1],
                subject=lock.root,
                actions=(Unlock(rule=self.name, root=lock.root),),
                breach=False,
            )
            for lock in state.lockouts.of_rule(self.name)
            if lock.root is not None and lock.root not in self.blocked_symbols
        ]
        return decisions

    def _judge(self, state: AccountState, event: Event, root: str) -> Decision | None:
        held = [contract_id for contract_id in state.holdings if state.root(contract_id) == root]
        if not self.close_existing:
            held += self._filled_unshown(state, root)
        orders = [order for order in state.working_orders.values() if state.root(order.contract_id) == root]
        if not held and not orders:
            return None
        kept = self._kept(state, event, root, held)
        actions: list[Action] = [Close(contract_id) for contract_id in held if contract_id not in kept]
        actions += [
            Reduce(contract_id, size) for contract_id, size in kept.items() if _surely_held(state, contract_id) > size
        ]
        actions += [
            Cancel(order.order_id)
            for order in orders
            if order.contract_id not in kept or not _can_only_reduce(order, state)
        ]
        mode = LockMode.FLAT if self.close_existing else LockMode.NO_NEW_RISK
        lock = Lock(rule=self.name, code=self.codes[0], mode=mode, until=None, root=root)
        severity = sum(_surely_held(state, contract_id) for contract_id in held) + len(orders)
        return Decision(
            rule=self.name,
            code=self.codes[0],
            subject=root,
            severity=severity,
            actions=(*actions, lock),
            breach=bool(actions),  # what may stay is none
        )

    def _filled_unshown(self, state: AccountState, root: str) -> list[str]:
        """Find what an order has opened that no position report shows yet: it too was not there before."""
        positions = state.memory.positions
        return [
            contract_id
            for contract_id in sorted(positions.contracts() - state.holdings.keys())
            if state.root(contract_id) == root and positions.expected_net(contract_id)
        ]

    def _kept(self, state: AccountState, event: Event, root: str, held: Sequence[str]) -> Mapping[str, int]:
        """Tell how much may stay of what was there when the block began; a lock in force sees to that."""
        if self.close_existing:
            return {}
        locks = state.lockouts.of_rule(self.name, root)
        in_force = next((one for one in locks if one.mode is LockMode.NO_NEW_RISK), None)
        there = {one: _surely_held(state, one) for one in held}
        if in_force is not None:
            return {one: size for one, size in there.items() if one in in_force.ceilings}
        began = state.memory.clocks.of_rule(self.name).get(root, state.now)
        if began == state.now and (isinstance(event, PolicyChanged) or state.news.is_first_picture):
            return there
        older = {one: state.holdings[one] for one in held if one in state.holdings}
        return {
            one: holding.smallest_since(began)
            for one, holding in older.items()
            if holding.since <= began and holding.since < state.now
        }


def _surely_held(state: AccountState, contract_id: str) -> int:
    """Tell the size, unsigned, less what has filled against it; of what no report shows yet, what has filled."""
    positions = state.memory.positions
    shown, expected = abs(positions.net_size(contract_id)), abs(positions.expected_net(contract_id))
    return min(shown, expected) if shown else expected


def _can_only_reduce(order: Order, state: AccountState) -> bool:
    """Tell whether an order is against what is held, or has filled and is not shown yet."""
    positions = state.memory.positions
    net_size = positions.net_size(order.contract_id) or positions.expected_net(order.contract_id)
    return (order.side is OrderSide.SELL) == (net_size > 0)
