"""One look at the daemon, as plain text or JSON; from what was stored when the daemon is away."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from risk_manager.dashboard.account_view import account_lines, heading
from risk_manager.dashboard.known import Known, told_away, told_snapshot
from risk_manager.dashboard.lines import Line, plain
from risk_manager.dashboard.market_view import order_lines, position_lines
from risk_manager.dashboard.watch_view import lock_lines
from risk_manager.dashboard.wording import age_of
from risk_manager.local_api.client import fetch_snapshot
from risk_manager.local_api.errors import LocalApiError
from risk_manager.local_api.frames import DEFAULT_PORT
from risk_manager.local_api.messages import AccountStatus, FeedStatus, Snapshot
from risk_manager.local_api.part_status import PartStatus
from risk_manager.local_api.pending import pending_text

WIDTH = 100
DONE, AMISS, UNREACHABLE = 0, 1, 3
SILENT = "silent"
"""The state of a daemon that holds its home and does not answer."""


async def status(
    *,
    now: Callable[[], datetime],
    write: Callable[[str], object],
    port: int = DEFAULT_PORT,
    render: Callable[[Snapshot, str | None, datetime], str] | None = None,
    stored: Callable[[], Snapshot | None] | None = None,
    verdict: Callable[[Snapshot, str | None], int] | None = None,
) -> int:
    """Ask the daemon, else what was stored; write it, and return the exit code (3: neither is there)."""
    away: str | None = None
    try:
        snapshot: Snapshot | None = await fetch_snapshot(port)
    except LocalApiError as error:
        away = str(error)
        snapshot = stored() if stored is not None else None
    if snapshot is None:
        write(f"{away}; nothing is stored yet, or nothing that this version, or you, can read")
        return UNREACHABLE
    write((render or as_text)(snapshot, away, now()))
    return (verdict or just_looked)(snapshot, away)


def just_looked(_snapshot: Snapshot, _away: str | None) -> int:
    """Give the exit code of a look: there was something to see."""
    return DONE


def how_it_is(snapshot: Snapshot, away: str | None) -> int:
    """Give the exit code for who asks whether all is well: 1 where something is amiss, 3 where no daemon answers."""
    if away is not None:
        return UNREACHABLE
    return DONE if snapshot.daemon.state == "live" and snapshot.accounts else AMISS


def as_json(snapshot: Snapshot, away: str | None, now: datetime) -> str:
    """The snapshot in the shape that scripts rely on; `away` says why it is an old one."""
    del now
    accounts = tuple(msgspec.structs.replace(account, pnl_curve=()) for account in snapshot.accounts)
    snapshot = msgspec.structs.replace(snapshot, accounts=accounts)  # a curve is for drawing
    if away is not None:
        daemon = msgspec.structs.replace(snapshot.daemon, state="down", detail=snapshot.daemon.detail or away)
        snapshot = msgspec.structs.replace(snapshot, daemon=daemon)
    return msgspec.json.format(msgspec.json.encode(snapshot), indent=2).decode()


def as_text(snapshot: Snapshot, away: str | None, now: datetime) -> str:
    """The snapshot for people, without colours."""
    known = told_snapshot(Known(), snapshot, at=snapshot.at)
    daemon = snapshot.daemon
    if away is None:
        now = snapshot.at  # the daemon's own time: this PC's clock may be wrong
        does = f"mode {daemon.mode}" if snapshot.accounts else "nothing is enforced"
        lines = [f"daemon {daemon.version}: {daemon.state} for {age_of(now - daemon.since)}, {does}"]
    else:
        known = told_away(known, away)
        word = "DAEMON SILENT" if daemon.state == SILENT else "DAEMON DOWN"
        lines = [f"{word}: {away}", f"last known state, {age_of(now - snapshot.at)} old:"]
    if daemon.detail:
        lines.append(f"  {daemon.detail}")
    lines += [_part(part, now) for part in snapshot.parts] or [_feed(feed) for feed in snapshot.feeds]
    for account in snapshot.accounts:
        lines += ["", *_account(account, known, now)]
    if not snapshot.accounts:
        lines.append("no account is watched" if daemon.detail else "no account: add one to accounts.yaml")
    return "\n".join(lines)


def _part(part: PartStatus, now: datetime) -> str:
    whose = " ".join(str(one) for one in (part.subject, part.login, part.account_id) if one)
    name = part.name.replace("_", " ") + (f" ({whose})" if whose else "")
    state = part.state.replace("_", " ")
    return f"  {name}: {state} for {age_of(now - part.since)}: {part.meaning}"


def _feed(feed: FeedStatus) -> str:
    age = "" if feed.age is None else f", last word {feed.age:.1f} s ago"
    login = f" ({feed.login})" if feed.login else ""
    why = f": {feed.reason}" if feed.reason else ""
    return f"  feed {feed.name}{login} is {feed.state.replace('_', ' ')}{age}{why}"


def _account(account: AccountStatus, known: Known, now: datetime) -> list[str]:
    return [
        heading(account, known, now=now),
        *_indented(account_lines(account, known, now=now, width=WIDTH)),
        "  Positions",
        *_indented(position_lines(account, known, now=now, width=WIDTH)),
        "  Working orders",
        *_indented(order_lines(account, width=WIDTH)),
        "  Locks",
        *_indented(lock_lines(account, now=now, width=WIDTH)),
        *(["  Waits, as it would loosen a limit"] if account.pending else []),
        *(f"    {pending_text(one, ZoneInfo(account.timezone))}" for one in account.pending),
    ]


def _indented(lines: tuple[Line, ...]) -> list[str]:
    return [f"  {plain(line)}" for line in lines]
