"""RULE-011, naively: look for blocked roots among all that is there."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from risk_manager.core.actions import Action, Cancel, Close, Lock, LockMode, Reduce, Unlock
from risk_manager.core.events import Event, OrderUpdated, PositionUpdated
from risk_manager.core.rules.symbol_blocks import SymbolBlocks
from tests.models.court import STRICT, Standing, Wanted
from tests.models.history import History, root

NAME = "symbol_blocks"


class SymbolBlocksModel:
    """Blocked roots."""

    def __init__(self, settings: SymbolBlocks) -> None:
        self.settings = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, PositionUpdated | OrderUpdated)

    def instants(self, history: History) -> Iterable[datetime]:
        del history
        return ()

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        for of_root in {one.root for one in locks if one.rule == NAME and one.code != STRICT}:
            if of_root not in self.settings.blocked_symbols:
                yield Wanted(NAME, "SYMBOL_ALLOWED_AGAIN", (Unlock(rule=NAME, root=of_root),), breach=False)
        for of_root in self.settings.blocked_symbols:
            positions = [contract for contract in history.positions if root(contract) == of_root]
            if not self.settings.close_existing:
                touched = {one.contract_id for one in history.trades}
                touched |= {one.contract_id for one in history.orders.values()}
                opened = (one for one in sorted(touched - history.positions.keys()) if root(one) == of_root)
                positions += [one for one in opened if history.unseen_fills(one)]
            orders = [key for key, one in history.working.items() if root(one.contract_id) == of_root]
            if not positions and not orders:
                continue
            code = "SYMBOL_BLOCKED"
            if self.settings.close_existing:
                lock = Lock(rule=NAME, code=code, mode=LockMode.FLAT, until=None, root=of_root)
                actions: list[Action] = [*map(Close, positions), *map(Cancel, orders)]
            else:
                lock = Lock(rule=NAME, code=code, mode=LockMode.NO_NEW_RISK, until=None, root=of_root)
                actions = list(self.unwanted(history, locks, of_root, positions, orders))
            severity = sum(map(history.surely_held, positions)) + len(orders)
            yield Wanted(NAME, code, (*actions, lock), of_root, severity=severity, breach=bool(actions))

    def unwanted(
        self, history: History, locks: Sequence[Standing], of_root: str, positions: list[str], orders: list[int]
    ) -> Iterator[Action]:
        """List what was not there when the block began, and orders that can do more than reduce what was."""
        begun = block_began(history, of_root)
        since = {contract: held.since for contract, held in history.positions.items()}
        own = [one for one in locks if one.rule == NAME and one.root == of_root and one.mode is LockMode.NO_NEW_RISK]
        if own:
            kept = [one for one in positions if all(lock.ceilings.get(one) for lock in own)]
        elif begun == len(history.events) - 1 and not isinstance(history.last, PositionUpdated | OrderUpdated):
            kept = positions  # a reload or a picture began the block: what is there was there, by reports or by fills
        else:
            kept = [one for one in positions if one in since and since[one] <= begun]
        yield from (Close(one) for one in positions if one not in kept)
        if not own:
            for contract in [one for one in kept if one in since]:
                stays = history.smallest_since(contract, history.events[begun].at)
                if history.surely_held(contract) > stays:
                    yield Reduce(contract, stays)
        for order_id in orders:
            order = history.working[order_id]
            held = history.positions.get(order.contract_id)
            if held is None or order.contract_id not in kept or order.side.sign == held.sign:
                yield Cancel(order_id)


def block_began(history: History, of_root: str) -> int:
    """Tell the event with which a root was blocked; the first event is the picture of the start."""
    begun = 0
    for stage in history.stages():
        rule = next((one for one in stage.policy.rules if isinstance(one, SymbolBlocks)), None)
        if rule is None or of_root not in rule.blocked_symbols:
            break
        begun = len(stage.events) - 1
    return begun
