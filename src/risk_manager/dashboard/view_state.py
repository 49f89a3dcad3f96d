"""What the trader's screen shows: everything known, as lines for each panel."""

from dataclasses import dataclass
from datetime import datetime

from risk_manager.dashboard.account_view import FEED_GOOD, account_lines, heading, summary_line
from risk_manager.dashboard.known import Known
from risk_manager.dashboard.lines import Line, Span, Tone, fit_line
from risk_manager.dashboard.market_view import order_lines, position_lines
from risk_manager.dashboard.watch_view import feed_lines, lock_lines
from risk_manager.dashboard.wording import age_of, clock, zone_of
from risk_manager.local_api.messages import AccountStatus, FeedStatus

DAEMON_STATES = {"live": ("● LIVE", Tone.GOOD), "starting": ("◌ STARTING", Tone.WARN), "down": ("✖ DOWN", Tone.BAD)}


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel's title and lines."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything on the screen; a panel without lines is not shown."""

    connection: Line
    accounts: Panel
    account: Panel
    positions: Panel
    orders: Panel
    locks: Panel
    feed: Panel


@dataclass(frozen=True, slots=True)
class Widths:
    """Columns: of the first line, of the account and its market, of locks and what happened."""

    bar: int
    main: int
    side: int


NOTHING = Panel("", ())


def view(known: Known, *, chosen: int | None, now: datetime, widths: Widths) -> ViewState:
    """Show the chosen account (None or unknown: the first), as of now."""
    account = account_shown(known, chosen)
    connection = connection_line(known, now=now, width=widths.bar, account=account)
    if account is None or known.snapshot is None:
        return ViewState(connection, NOTHING, _empty(known), NOTHING, NOTHING, NOTHING, NOTHING)
    positions = position_lines(account, known, now=now, width=widths.main)
    return ViewState(
        connection=connection,
        accounts=_accounts(known, account, now=now, width=widths.main),
        account=Panel(heading(account, known, now=now), account_lines(account, known, now=now, width=widths.main)),
        positions=Panel("Positions", positions),
        orders=Panel("Working orders", order_lines(account, width=widths.main)),
        locks=Panel("Locks", lock_lines(account, now=now, width=widths.side)),
        feed=Panel("What happened", feed_lines(known.happenings, account=account, now=now, width=widths.side)),
    )


def account_shown(known: Known, chosen: int | None) -> AccountStatus | None:
    """Find the chosen account, else the first."""
    accounts = known.snapshot.accounts if known.snapshot is not None else ()
    return next((account for account in accounts if account.id == chosen), accounts[0] if accounts else None)


def neighbour(known: Known, chosen: int | None) -> int | None:
    """The account after the chosen one, and after the last the first."""
    accounts = known.snapshot.accounts if known.snapshot is not None else ()
    shown = account_shown(known, chosen)
    if shown is None:
        return None
    ids = [account.id for account in accounts]
    return ids[(ids.index(shown.id) + 1) % len(ids)]


def connection_line(known: Known, *, now: datetime, width: int, account: AccountStatus | None) -> Line:
    """Is the daemon there, does it hear the venue, does it enforce; and what time it is."""
    spans = [Span("Risk Manager  ", Tone.STRONG)]
    snapshot = known.snapshot
    if known.away is not None or snapshot is None:
        age = "" if known.heard_at is None else f"  last word {age_of(now - known.heard_at)} ago"
        spans += [Span(" ✖ DAEMON AWAY ", Tone.BAD_BADGE), Span(f"{age}  trying again", Tone.BAD)]
    else:
        word, tone = DAEMON_STATES.get(snapshot.daemon.state, (f"▲ {snapshot.daemon.state.upper()}", Tone.WARN))
        spans.append(Span(word, tone))
        spans += [_feed(feed) for feed in snapshot.feeds]
        spans.append(_mode(snapshot.daemon.mode, strict=snapshot.daemon.strict))
    zone = zone_of(account.timezone if account else "America/Chicago")
    time = clock(now, zone)
    line = fit_line(tuple(spans), width - len(time) - 1)
    gap = width - sum(len(span.text) for span in line) - len(time)
    return (*line, Span(" " * max(gap, 1)), Span(time, Tone.STRONG))


def _feed(feed: FeedStatus) -> Span:
    good = feed.state in FEED_GOOD
    return Span(
        f"  {feed.name} {'●' if good else '✖ ' + feed.state.replace('_', ' ')}", Tone.GOOD if good else Tone.BAD
    )


def _mode(mode: str, *, strict: bool) -> Span:
    if mode == "shadow":
        return Span("  ○ SHADOW: nothing is enforced", Tone.WARN)
    return Span("  enforcing, strict" if strict else "  enforcing", Tone.MUTED)


def _accounts(known: Known, shown: AccountStatus, *, now: datetime, width: int) -> Panel:
    accounts = known.snapshot.accounts if known.snapshot is not None else ()
    if len(accounts) < 2:  # noqa: PLR2004  one account needs no list
        return NOTHING
    rows = (
        (
            Span("▸ " if account.id == shown.id else "  ", Tone.STRONG),
            *summary_line(account, known, now=now, width=width - 2),
        )
        for account in accounts
    )
    return Panel("Accounts", tuple(rows))


def _empty(known: Known) -> Panel:
    if known.away is None:
        return Panel("", ((Span("the daemon knows no account: add one to accounts.yaml", Tone.WARN),),))
    return Panel("", ((Span(known.away, Tone.WARN),), (Span("waiting for the daemon", Tone.MUTED),)))
