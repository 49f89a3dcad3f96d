"""The trading day around canned accounts: its course, calendar, rulebook, and the parts of the daemon."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from risk_manager.local_api.part_status import PartStatus
from risk_manager.local_api.trading_day import CalendarStatus, HolidayStatus, PnlPoint, RuleWords, SessionTimes

NOW = datetime(2026, 3, 10, 15, 31, 2, tzinfo=UTC)
"""10:31:02 in Chicago, a Tuesday."""
RESET = datetime(2026, 3, 10, 22, tzinfo=UTC)


def curve(*steps: tuple[int, str, str | None]) -> tuple[PnlPoint, ...]:
    """The day's course: minutes before now, realized, open."""
    return tuple(
        PnlPoint(NOW - timedelta(minutes=ago), Decimal(realized), None if held is None else Decimal(held))
        for ago, realized, held in steps
    )


def wandering(realized: str, opened: str, *, lowest: int) -> tuple[PnlPoint, ...]:
    """A morning of ups and downs that ends where the account stands."""
    steps: list[tuple[int, str, str | None]] = [(122, "0", None), (118, "38.50", None), (104, "-26.00", None)]
    for number in range(90):
        done = lowest * (number // 30) // 3
        swing = (number * 37 % 23 - 11) * 6 + (number % 30) * 2
        steps.append((98 - number, f"{done}.00", f"{swing}.00" if number % 10 < 7 else "0"))
    return curve(*steps, (2, realized, opened))


def calendar() -> CalendarStatus:
    """Regular hours this week, a holiday and an early close ahead."""
    days = [datetime(2026, 3, day, 13, 30, tzinfo=UTC) for day in (10, 11, 12, 13, 16, 17)]
    length = timedelta(hours=6, minutes=30)
    return CalendarStatus(
        trading_day="2026-03-10",
        starts_at=RESET - timedelta(days=1),
        sessions=tuple(
            SessionTimes(starts_at=day, ends_at=day + length, flat_by=day + length - timedelta(minutes=5))
            for day in days
        ),
        has_hours=True,
        holidays=(HolidayStatus(date="2026-04-03"), HolidayStatus(date="2026-05-25", early_close="12:00")),
    )


RULEBOOK = (
    RuleWords(name="max_contracts", settings="limit 5, count_type net, on_breach close_all, lockout none"),
    RuleWords(name="max_contracts_per_instrument", settings="limits {ES: 3, MNQ: 6}, unknown_symbol_action block"),
    RuleWords(name="daily_realized_loss", settings="loss_limit 500, basis realized_plus_open, lockout daily_reset"),
    RuleWords(name="trade_frequency_limit", mode="shadow", settings="limits {per_hour: 10}, cooldowns {per_hour: 30m}"),
    RuleWords(name="no_stop_loss_grace", settings="grace_period 60s, require_full_size yes, lockout none"),
    RuleWords(name="session_block_outside", settings="global_session {start: 08:30, end: 15:00}"),
)


def parts(**changes: str) -> tuple[PartStatus, ...]:
    """Every part is well, unless told otherwise: `user_feed="lost"`."""
    meanings = {
        "login": "logged in",
        "user_feed": "fills, orders and positions are seen as they happen",
        "market_feed": "open profit and loss is followed quote by quote",
        "rest": "positions and orders are checked against TopstepX's own lists",
        "account": "watched",
        "enforcement": "nothing to enforce",
        "clock": "TopstepX's time decides when locks end",
        "store": "locks and losses survive a restart",
        "local_api": "screens and commands reach the daemon",
        "configuration": "what the files say is in force, but for what waits",
    }
    return tuple(
        PartStatus(
            name=name,
            state=changes.get(name, "live"),
            since=NOW - timedelta(hours=2),
            meaning=meaning,
            age=0.2 if name in ("user_feed", "market_feed", "rest", "account") else None,
            login="trader" if name in ("login", "user_feed", "market_feed", "rest", "account") else None,
            account_id=123456 if name in ("account", "enforcement") else None,
        )
        for name, meaning in meanings.items()
    )
