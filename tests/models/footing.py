"""What a fill leaves of older prices, naively: looked up in all that was told."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from risk_manager.core.events import Reconciled, TradeReported
from risk_manager.core.model.order import OrderSide

if TYPE_CHECKING:
    from tests.models.history import Held, History

Quoted = dict[str, tuple[Decimal, datetime]]


def in_force(quoted: Quoted, since: datetime | None, fill: Decimal | None) -> dict[str, Decimal | None]:
    """Leave the prices that a fill at an instant has not outdated, and let it be the last price itself."""
    found: dict[str, Decimal | None] = {
        name: quoted[name][0] if name in quoted else None for name in ("last", "bid", "ask")
    }
    if since is None:
        return found
    book = [quoted[name] for name in ("bid", "ask") if name in quoted]
    bid, ask = found["bid"], found["ask"]
    if not book or max(at for _, at in book) < since:
        is_inside = fill is not None and bid is not None and ask is not None and bid <= fill <= ask
        if not is_inside:
            found["bid"] = found["ask"] = bid = ask = None
    if "last" not in quoted or quoted["last"][1] < since:
        prices = [one for one in (fill, bid, ask) if one is not None]
        found["last"] = None if fill is None else fill
        if fill is not None and bid is not None and fill < bid:
            found["last"] = bid
        elif fill is not None and ask is not None and fill > ask:
            found["last"] = ask
        assert fill is None or found["last"] in prices
    return found


def footing(history: "History", held: "Held") -> tuple[datetime | None, Decimal | None]:
    """Tell when a position has last filled, and at which price where that is known."""
    fills = sorted(
        (history.filled_at(one), one.trade_id, one.price) for one in history.trades if one.contract_id == held.contract
    )
    last, _, price = fills[-1] if fills else (None, 0, None)
    opened = _opened(history, held)
    if _unpriced(history, held) * held.net > 0:
        grown_at = _grown_at(history, held)
        if last is None or last < grown_at:
            return grown_at, None
    if last is not None and (opened is None or opened - last < timedelta(seconds=1)):
        return last, price
    return opened, None


def _opened(history: "History", held: "Held") -> datetime | None:
    """Tell when a position was opened at the latest: when it was first seen."""
    seen = history.events[held.since].at
    return None if held.opened is None else min(held.opened, seen)


def _unpriced(history: "History", held: "Held") -> int:
    """Count the contracts of a position that neither the last full picture nor a trade since accounts for."""
    net, since = 0, None
    told: dict[int, tuple[datetime, int]] = {}
    for event in history.events:
        if isinstance(event, Reconciled):
            net = next((one.net_size for one in event.positions if one.contract_id == held.contract), 0)
            since = event.as_of or event.at
        trades = event.trades if isinstance(event, Reconciled) else ()
        trades = (event.trade,) if isinstance(event, TradeReported) else trades
        for one in trades:
            if one.contract_id == held.contract:
                signed = 0 if one.voided else one.size if one.side is OrderSide.BUY else -one.size
                told.setdefault(one.trade_id, (history.filled_at(one), signed))
    return held.net - net - sum(signed for at, signed in told.values() if since is None or at > since)


def _grown_at(history: "History", held: "Held") -> datetime:
    """Tell when the last increase was heard of, or when the position was opened."""
    for stage in history.stages():
        old = stage.earlier.positions.get(held.contract) if stage.earlier else None
        now = stage.positions[held.contract]
        if old is None or old.since != now.since:
            return _opened(history, held) or stage.now
        if now.size > old.size:
            return stage.now
    raise AssertionError("a position that never began")
