"""The first tab: how much room is left to every limit, what is held, what is locked, and what happened."""

from collections import Counter
from dataclasses import dataclass

from risk_manager.dashboard.account_view import may_trade, room_left, rule_line, summary_line, tone_of
from risk_manager.dashboard.digits import big
from risk_manager.dashboard.header_view import account_lock
from risk_manager.dashboard.lines import Line, Span, Tone, beside, fit, fit_line, section
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.market_view import order_lines, position_lines
from risk_manager.dashboard.pnl_view import pnl_chart
from risk_manager.dashboard.watch_view import feed_lines, lock_lines
from risk_manager.dashboard.wording import change, length_of, measure, title
from risk_manager.local_api.messages import AccountStatus

_LEAST_CHART, _MOST_CHART = 6, 18
"""Rows of the chart, times included; where there are fewer it is left out."""

_MOST_LISTED = 3
"""Accounts that a small screen lists one by one."""
_HIGH = 32
"""Rows from which on there is room for big figures."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One big figure with what it is."""

    label: str
    figure: str
    tone: Tone = Tone.STRONG


def overview_lines(look: Look) -> tuple[Line, ...]:
    """One column, or two where there is room."""
    return _two_columns(look) if look.is_wide else _one_column(look)


def _one_column(look: Look) -> tuple[Line, ...]:
    width = look.width
    above = [*_accounts(look, width), *_room(look, width), *_market(look, width)]
    above += _locks(look, width) if look.account.locks else ()
    feed = _feed(look, width)
    spare = look.height - len(above) - len(feed)
    return (*above, *_chart(look, width=width, height=spare - 1), *feed)


def _two_columns(look: Look) -> tuple[Line, ...]:
    left = look.width * 6 // 10
    right = look.width - left - 3
    tiles = _tiles(look) if look.height > _HIGH else ()
    room, market = (*_room(look, left), ()), _market(look, left)
    spare = look.height - len(tiles) - len(room) - len(market)
    chart = _chart(look, width=left, height=spare - 2)
    columns = beside(
        (*room, *chart, *(((),) if chart else ()), *market),
        (*_accounts(look, right), *_locks(look, right), (), *_feed(look, right)),
        left_width=left,
    )
    return (*tiles, *columns)


def _chart(look: Look, *, width: int, height: int) -> tuple[Line, ...]:
    if height < _LEAST_CHART:
        return ()
    return (section("P&L of the day", width), *pnl_chart(look, width=width, height=min(height, _MOST_CHART)))


def _tiles(look: Look) -> tuple[Line, ...]:
    """The figures that count, side by side and large."""
    width = look.width // 3
    rows: list[list[Span]] = [[], [], [], []]
    for tile in (_first_tile(look), _day_tile(look), _reset_tile(look)):
        texts = (tile.label, *big(tile.figure))
        tones = (Tone.MUTED, tile.tone, tile.tone, tile.tone)
        for row, text, tone in zip(rows, texts, tones, strict=True):
            row.append(Span(f"{fit(text, width - 1):<{width}}", tone))
    return ((), *(tuple(row) for row in rows), ())


def _first_tile(look: Look) -> Tile:
    """How long it is locked, or how many dollars are left."""
    lock = account_lock(look.account)
    if lock is not None:
        tone = Tone.BAD if lock.mode == "flat" else Tone.WARN
        what = "Locked" if lock.mode == "flat" else "No new risk"
        if lock.until is None:
            return Tile(f"{what} without end", "—", tone)
        return Tile(f"{what}, time left", length_of(lock.until - look.now), tone)
    room = room_left(look.account)
    if room is None or room.limit is None or room.measured is None:
        return Tile("No loss is limited", "—", Tone.WARN)
    left = measure(room.name, max(room.limit - room.measured, room.limit * 0))
    return Tile(f"Room to the limit: {title(room.name, room.subject)}", left, tone_of(room.utilization or 0.0))


def _day_tile(look: Look) -> Tile:
    realized, opened = look.account.realized_pnl, look.account.unrealized_pnl
    if realized is None or opened is None:
        return Tile("Day, realized", change(realized))
    return Tile("Day, realized and open", change(realized + opened))


def _reset_tile(look: Look) -> Tile:
    reset = look.account.next_reset
    return Tile("Until the reset", "—" if reset is None else length_of(reset - look.now), Tone.PLAIN)


def _accounts(look: Look, width: int) -> tuple[Line, ...]:
    snapshot = look.known.snapshot
    if snapshot is None or len(snapshot.accounts) < 2:  # noqa: PLR2004  one account needs no list
        return ()
    if not look.is_wide and len(snapshot.accounts) > _MOST_LISTED:
        return (_summary(look, snapshot.accounts, width),)
    rows: list[Line] = [section("Accounts", width)]
    for account in snapshot.accounts:
        mark = Span("▸ " if account.id == look.account.id else "  ", Tone.STRONG)
        line = fit_line((mark, *summary_line(account, look.known, now=look.now, width=width - 2)), width)
        rows.append(tuple(Span(span.text, span.tone, f"show_account({account.id})") for span in line))
    return (*rows, ()) if look.is_wide else tuple(rows)


def _summary(look: Look, accounts: tuple[AccountStatus, ...], width: int) -> Line:
    """Count the accounts by their answers, where a list would take the screen."""
    answers = Counter(may_trade(account, look.known, now=look.now) for account in accounts)
    words = Counter[tuple[str, Tone]]()
    for answer, count in answers.items():
        words[answer.word, answer.tone] += count
    parts: list[Span] = [Span(f"{len(accounts)} accounts", Tone.STRONG, "choose_account")]
    parts += [Span(f"  {count} {word}", tone, "choose_account") for (word, tone), count in words.most_common()]
    return fit_line((*parts, Span("  (a lists them)", Tone.MUTED, "choose_account")), width)


def _room(look: Look, width: int) -> tuple[Line, ...]:
    """Every limit that measures something, the nearest first."""
    measured = sorted(
        (rule for rule in look.account.rules if rule.utilization is not None), key=lambda rule: -(rule.utilization or 0)
    )
    rows = [section("Room to each limit", width)]
    rows += [rule_line(rule, width=width, warn_at=look.account.warn_at) for rule in measured]
    others = dict.fromkeys(title(rule.name) for rule in look.account.rules if rule.utilization is None)
    if others:
        rows.append(fit_line((Span("Also watching: " + ", ".join(others), Tone.MUTED),), width))
    if not look.account.rules:
        rows.append((Span("no rule is enabled: nothing limits you", Tone.WARN),))
    return tuple(rows)


def _market(look: Look, width: int) -> tuple[Line, ...]:
    positions = position_lines(look.account, look.known, now=look.now, width=width)
    orders = order_lines(look.account, width=width) if look.account.orders else ()
    return (section("Positions and orders", width), *positions, *orders)


def _locks(look: Look, width: int) -> tuple[Line, ...]:
    return (section("Locks", width), *lock_lines(look.account, now=look.now, width=width))


def _feed(look: Look, width: int) -> tuple[Line, ...]:
    lines = feed_lines(look.known.happenings, account=look.account, now=look.now, width=width)
    return (section("What happened", width), *lines)
