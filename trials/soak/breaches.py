"""What the rules forbid, at one moment of the books: read from the law once more, without a line of the daemon's."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from trials.soak.ledger import BUY, OPEN, PROTECTING, SELL, SUSPENDED, Account, Fill, Order, price_pnl, root_of
from trials.soak.limits import Limits

FREQUENCY_WINDOW = 60.0


class Breach(NamedTuple):
    """A limit that is exceeded: by which account, and where (a contract, a root, or empty for the account)."""

    rule: str
    account: int
    where: str = ""
    priced: bool = False
    """It hangs on a price."""

    def covers(self, contract: str) -> bool:
        """Tell whether it concerns a contract."""
        return self.where in ("", contract, root_of(contract))


@dataclass(slots=True)
class Pause:
    """A time in which no risk may be added: after too many trades, or a big loss."""

    rule: str
    begins: float
    until: float
    is_certain: bool = True
    """No earlier pause may have swallowed it."""
    known_for: float = 0.0
    """Seconds that counted since it began: the daemon must know of it after enough of them."""
    ceilings: dict[tuple[str, int], int] = field(default_factory=dict)
    """The most that was held while it may not have been known, by contract and sign."""


def breaches(account: Account, limits: Limits, last: dict[str, Decimal], at: datetime) -> Iterator[Breach]:
    """List what is exceeded by what is held and working now, but for what time alone brings about."""
    held = account.held()
    if sum(map(abs, held.values())) > limits.contracts:
        yield Breach("max_contracts", account.id)
    by_root: dict[str, int] = defaultdict(int)
    for contract, net in held.items():
        by_root[root_of(contract)] += abs(net)
        yield from _by_price(account, contract, net, limits, last)
    yield from (
        Breach("max_contracts_per_instrument", account.id, root)
        for root, size in by_root.items()
        if size > limits.per_root.get(root, size)
    )
    exposed = set(by_root) | {root_of(order.contract) for order in account.working.values()}
    yield from (Breach("symbol_blocks", account.id, root) for root in exposed & limits.blocked)
    if limits.session_root in exposed and at >= limits.session_end:
        yield Breach("session_block_outside", account.id, limits.session_root)
    if not exposed:
        return
    if not account.can_trade:
        yield Breach("auth_loss_guard", account.id)
    if account.realized <= -limits.day_loss:
        yield Breach("daily_realized_loss", account.id)
    if account.realized >= limits.day_profit:
        yield Breach("daily_realized_profit", account.id)


def _by_price(account: Account, contract: str, net: int, limits: Limits, last: dict[str, Decimal]) -> Iterator[Breach]:
    mark, average = last.get(contract), account.average.get(contract)
    if mark is None or average is None:
        return
    pnl = price_pnl(contract, average=average, mark=mark, net=net)
    if pnl <= -limits.open_loss:
        yield Breach("daily_unrealized_loss", account.id, contract, priced=True)
    if pnl >= limits.open_profit:
        yield Breach("max_unrealized_profit", account.id, contract, priced=True)


def is_protected(account: Account, contract: str) -> bool:
    """Tell whether working stops on the other side cover the whole position."""
    net = account.net[contract]
    against = SELL if net > 0 else BUY
    covered = sum(
        _protects(account, order)
        for order in account.working.values()
        if order.contract == contract and order.side == against and order.type in PROTECTING
    )
    return covered >= abs(net)


def _protects(account: Account, order: Order) -> int:
    left = order.size - order.filled
    if order.status != SUSPENDED:
        return left
    parent = account.orders.get(order.parent or 0)
    return 0 if parent is None else min(left, parent.filled)


def pauses(account: Account, limits: Limits, fill: Fill, standing: list[Pause]) -> Iterator[Pause]:
    """List the pauses that a fill sets off; one of the daemon's own order counts for losses alone."""
    certain, possible = _orders_of_the_minute(account, fill)
    if possible > limits.orders_a_minute:
        is_first = not any(one.rule == "trade_frequency_limit" and fill.at < one.until for one in standing)
        yield Pause(
            "trade_frequency_limit",
            fill.at,
            fill.at + limits.frequency_pause,
            is_certain=is_first and certain > limits.orders_a_minute,
        )
    mine = [one for one in account.fills.values() if one.order == fill.order]
    loss = -sum(one.pnl for one in mine)
    if loss >= limits.big_loss and any(not one.opens for one in mine):
        before = loss + fill.pnl
        if before < limits.big_loss or len(mine) == 1:
            yield Pause("cooldown_after_loss", fill.at, fill.at + limits.loss_pause)


def _orders_of_the_minute(account: Account, fill: Fill) -> tuple[int, int]:
    """Count the trader's orders that filled lately, and with them those of the platform or of the daemon."""
    certain = possible = 0
    for order_id in {one.order for one in account.fills.values() if fill.at - FREQUENCY_WINDOW < one.at <= fill.at}:
        order = account.orders.get(order_id)
        possible += 1
        certain += order is not None and (order.tag is not None or order.parent is not None)
    return certain, possible


def adds_risk(account: Account, order: Order) -> bool:
    """Tell whether a working order must be cancelled in a pause: nothing is held that it could reduce."""
    return order.status == OPEN and not account.net.get(order.contract) and order.parent is None
