"""RULE-011: some products are not to be traded at all."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from risk_manager.core.actions import Action, Cancel, Close, Lock, LockMode, Unlock
from risk_manager.core.decisions import Decision
from risk_manager.core.events import Event, OrderUpdated, PolicyChanged, PositionUpdated, Reconciled
from risk_manager.core.model.order import Order
from risk_manager.core.rule import Root, Rule
from risk_manager.core.state.account import AccountState
from risk_manager.core.strictness import WHEN_OFF, when_taken_off


class SymbolBlocks(Rule):
    """Close and cancel what appears in a blocked product, and lock that product without an end."""

    name: ClassVar[str] = "symbol_blocks"
    triggers: ClassVar[tuple[type[Event], ...]] = (PositionUpdated, OrderUpdated)
    codes: ClassVar[tuple[str, ...]] = ("SYMBOL_BLOCKED", "SYMBOL_ALLOWED_AGAIN")
    locks_until_condition: ClassVar[bool] = True

    blocked_symbols: Annotated[tuple[Root, ...], when_taken_off()]
    close_existing: Annotated[bool, WHEN_OFF] = True
    """Without it, positions that are there when the block begins stay, with the orders that can only reduce them."""

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: a position or a working order in a blocked root, in any month."""
        decisions = []
        for root in sorted(set(self.blocked_symbols)):
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
            Cancel(order.order_id)
            for order in orders
            if order.contract_id not in kept or not _can_only_reduce(order, state)
        ]
        mode = LockMode.FLAT if self.close_existing else LockMode.NO_NEW_RISK
        lock = Lock(rule=self.name, code=self.codes[0], mode=mode, until=None, root=root)
        severity = len(held) + len(orders)
        return Decision(rule=self.name, code=self.codes[0], subject=root, severity=severity, actions=(*actions, lock))

    def _filled_unshown(self, state: AccountState, root: str) -> list[str]:
        """Find what an order has opened that no position report shows yet: it too was not there before."""
        positions = state.memory.positions
        return [
            contract_id
            for contract_id in sorted(positions.contracts() - state.holdings.keys())
            if state.root(contract_id) == root and positions.expected_net(contract_id)
        ]

    def _kept(self, state: AccountState, event: Event, root: str, held: Sequence[str]) -> set[str]:
        """Find the positions that were there when the block began."""
        if self.close_existing:
            return set()
        locks = [one for one in state.lockouts.of_rule(self.name, root) if one.mode is LockMode.NO_NEW_RISK]
        if locks:
            return {contract_id for contract_id in held if any(contract_id in lock.ceilings for lock in locks)}
        if isinstance(event, PolicyChanged) or state.news.is_first_picture:
            return set(held)
        if not isinstance(event, Reconciled):
            return set()
        holdings = state.holdings
        return {one for one in held if one in holdings and holdings[one].since < event.at}


def _can_only_reduce(order: Order, state: AccountState) -> bool:
    """Tell whether an order is against what is held, or has filled and is not shown yet."""
    positions = state.memory.positions
    net_size = positions.net_size(order.contract_id) or positions.expected_net(order.contract_id)
    return order.side.sign * net_size < 0
