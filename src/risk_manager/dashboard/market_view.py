"""What the account holds and what it has in the market: positions and orders as lines."""

from datetime import datetime

from risk_manager.dashboard.known import Known
from risk_manager.dashboard.lines import Line, Span, Tone, fit, fit_line
from risk_manager.dashboard.wording import age_of, change, length_of, price
from risk_manager.local_api.messages import AccountStatus, HeldPosition, WorkingOrder

_ARROWS = {"long": "▲", "short": "▼"}


def position_lines(account: AccountStatus, known: Known, *, now: datetime, width: int) -> tuple[Line, ...]:
    """Every position: what, which way, how many, at what price, what it is worth, and how fresh that is."""
    stale_after = 0.0 if known.snapshot is None else known.snapshot.daemon.stale_after
    held = sorted(account.positions, key=lambda position: (position.root, position.contract_id))
    if not held:
        return ((Span("flat", Tone.MUTED),),)
    heading = f"  {'':<6}{'side':<6}{'size':>4}{'average':>12}{'mark':>12}{'open P&L':>12}  quote"
    lines: list[Line] = [(Span(heading, Tone.MUTED),)]
    for each in held:
        lines.append(_position_line(each, now=now, stale_after=stale_after))
        lines.extend(_grace(each, known, now))
    return tuple(fit_line(line, width) for line in lines)


def order_lines(account: AccountStatus, *, width: int) -> tuple[Line, ...]:
    """Every working order."""
    if not account.orders:
        return ((Span("none", Tone.MUTED),),)
    orders = sorted(account.orders, key=lambda order: (order.root, order.id))
    return tuple(fit_line(_order_line(order), width) for order in orders)


def _position_line(position: HeldPosition, *, now: datetime, stale_after: float) -> Line:
    pnl = position.unrealized_pnl
    tone = Tone.PLAIN if not pnl else Tone.GOOD if pnl > 0 else Tone.BAD
    return (
        Span(f"{_ARROWS.get(position.side, ' ')} {fit(position.root, 5):<6}", Tone.STRONG),
        Span(f"{position.side:<6}{position.size:>4}"),
        Span(f"{price(position.average_price):>12}{price(position.mark):>12}"),
        Span(f"{change(pnl):>12}  ", tone),
        _quote_age(position, now, stale_after),
    )


def _quote_age(position: HeldPosition, now: datetime, stale_after: float) -> Span:
    if position.mark is None:
        return Span("▲ no price yet", Tone.WARN)
    if position.quote_at is None:
        return Span("age unknown", Tone.WARN)
    age = now - position.quote_at
    if age.total_seconds() > stale_after:
        return Span(f"▲ {age_of(age)} old", Tone.WARN)
    return Span(age_of(age), Tone.MUTED)


def _grace(position: HeldPosition, known: Known, now: datetime) -> tuple[Line, ...]:
    """How long it may stay without a stop; without a daemon nobody will close it."""
    if position.grace_until is None:
        return ()
    left = f": it is closed in {length_of(position.grace_until - now)}" if known.away is None else ""
    return ((Span(f"        ▲ no stop protects it{left}", Tone.WARN),),)


def _order_line(order: WorkingOrder) -> Line:
    at = price(order.limit_price) if order.stop_price is None else price(order.stop_price)
    if order.stop_price is not None and order.limit_price is not None:
        at = f"{at} limit {price(order.limit_price)}"
    filled = f"  {order.filled} filled" if order.filled else ""
    kind = order.type.replace("_", " ")
    where = f" at {at}" if order.stop_price is not None or order.limit_price is not None else ""
    return (
        Span(f"  {fit(order.root, 5):<6}", Tone.STRONG),
        Span(f"{order.side:<6}{order.size:>4}  {kind}{where}{filled}"),
        Span(f"  {order.status.replace('_', ' ')}{'  by the daemon' if order.ours else ''}  #{order.id}", Tone.MUTED),
    )
