"""What the trader's screen shows: everything known, as the lines of the tab that is open."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from risk_manager.dashboard.calendar_view import calendar_lines
from risk_manager.dashboard.connections_view import connections_lines
from risk_manager.dashboard.header_view import connection_line, elsewhere, header_lines, time_of
from risk_manager.dashboard.history_view import history_lines
from risk_manager.dashboard.known import Known
from risk_manager.dashboard.lines import Line, Span, Tone, fit_line, joined, wrapped
from risk_manager.dashboard.locks_view import locks_lines
from risk_manager.dashboard.look import WIDE, Look
from risk_manager.dashboard.market_tab import market_lines
from risk_manager.dashboard.overview import overview_lines
from risk_manager.dashboard.pnl_view import pnl_lines
from risk_manager.dashboard.rules_view import rules_lines
from risk_manager.dashboard.wording import clock, zone_of
from risk_manager.local_api.messages import AccountStatus

HEADER_ROWS = 3
CHROME_ROWS = 3 + HEADER_ROWS
"""Rows that are no tab's: the daemon's line, the header, the tabs, the keys."""
KEYS = (
    ("1-8 ←→", "tabs", ""),
    ("n", "account", "next_account"),
    ("l", "lock me out", "lock_me_out"),
    ("d", "dark/light", "dark_or_light"),
    ("b", "bell", "bell_or_quiet"),
    ("?", "help", "help"),
    ("q", "quit", "quit"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: how it is called in the code and on the screen, and what it shows."""

    name: str
    title: str
    lines: Callable[[Look], tuple[Line, ...]]


TABS = (
    Tab("overview", "Overview", overview_lines),
    Tab("pnl", "P&L", pnl_lines),
    Tab("positions", "Positions", market_lines),
    Tab("rules", "Rules", rules_lines),
    Tab("locks", "Locks", locks_lines),
    Tab("history", "History", history_lines),
    Tab("connections", "Connections", connections_lines),
    Tab("calendar", "Calendar", calendar_lines),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the trader has chosen: the account (None: the first), the tab by its number, the row of the history."""

    account: int | None = None
    tab: int = 0
    picked: int = 0
    is_ringing: bool = False


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything on the screen, from the top."""

    connection: tuple[Line, ...]
    header: tuple[Line, ...]
    tabs: tuple[Line, ...]
    body: tuple[Line, ...]
    keys: tuple[Line, ...]


def view(known: Known, *, chosen: Chosen, now: datetime, width: int, height: int) -> ViewState:
    """Show what is chosen, as of now, on a screen of so many columns and rows."""
    account = account_shown(known, chosen.account)
    tabs, keys = (_tabs(chosen.tab, width),), (_keys(width, is_ringing=chosen.is_ringing),)
    if account is None:
        time = clock(now, zone_of("America/Chicago"))
        return ViewState((connection_line(known, time=time, width=width),), _nothing(known, width), tabs, (), keys)
    look = Look(
        known=known,
        account=account,
        now=now,
        width=width - 2,
        height=max(height - CHROME_ROWS, 1),
        picked=chosen.picked,
    )
    connection = connection_line(known, time=time_of(look), width=width, also=elsewhere(look))
    header = header_lines(replace(look, width=width))
    return ViewState(
        (connection,), header, tabs, tuple((Span(" "), *line) for line in TABS[chosen.tab].lines(look)), keys
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


def _tabs(open_tab: int, width: int) -> Line:
    """The tabs with their keys; the open one is a badge that takes the gaps on both sides."""
    line: list[Span] = []
    for number, tab in enumerate(TABS):
        is_open = number == open_tab
        gap = Tone.PICKED if is_open or (line and line[-1].tone is Tone.PICKED) else Tone.MUTED
        words = f"{number + 1} {tab.title}"
        line += [Span(" " * (1 if width < WIDE else 2), gap, f"show_tab({number})")]
        line += [Span(words, Tone.PICKED if is_open else Tone.MUTED, f"show_tab({number})")]
    if open_tab == len(TABS) - 1:
        line.append(Span(" " * (1 if width < WIDE else 2), Tone.PICKED))
    return fit_line(tuple(line), width)


def _keys(width: int, *, is_ringing: bool) -> Line:
    """What can be pressed, and clicked."""
    parts: list[Line] = []
    for key, words, act in KEYS:
        said = f"bell {'on' if is_ringing else 'off'}" if act == "bell_or_quiet" else words
        parts.append((Span(key, Tone.KEY, act), Span(f" {said}", Tone.MUTED, act)))
    return (Span(" "), *joined(parts, width=width - 1, gap="  "))


def _nothing(known: Known, width: int) -> tuple[Line, ...]:
    """Say why nothing is shown."""
    if known.away is None:
        return ((), (Span(" the daemon knows no account: add one to accounts.yaml", Tone.WARN),), ())
    why = wrapped((Span(f" {known.away}", Tone.WARN),), width, indent=1)
    return (*why, (Span(" waiting for the daemon", Tone.MUTED),))[:HEADER_ROWS]


HELP = """\
1 to 8, ← →     open a tab (or click it)
↑ ↓, PgUp PgDn  scroll; in the history, pick what is shown in full
n, Tab          the next account; a lists them
l               lock me out for a time that I choose
d               dark or light
b               ring the bell when the daemon acts, or do not
q               quit; the daemon goes on without the screen

● well   ▲ look here   ✖ wrong   ■ locked   ◧ no new risk
This screen can tighten and never loosen."""
