"""Every part of the daemon: how it is, since when, and what that means in one sentence."""

from collections.abc import Iterator

from risk_manager.dashboard.lines import Line, Span, Tone, section, wrapped
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.wording import age_of, length_of
from risk_manager.local_api.messages import FeedStatus
from risk_manager.local_api.part_status import WELL, PartStatus

_NAMES = {
    "login": "Login",
    "user_feed": "User stream",
    "market_feed": "Market stream",
    "rest": "REST",
    "account": "Account",
    "enforcement": "Enforcement",
    "rule": "Rule",
    "clock": "Clock",
    "configuration": "Configuration",
    "store": "Database",
    "commitment": "Commitment",
    "local_api": "Local API",
}
_BUSY = frozenset({"starting", "enforcing", "connecting"})
_NAME_ROOM, _STATE_ROOM, _SINCE_ROOM, _AGE_ROOM = 24, 16, 12, 19


def connections_lines(look: Look) -> tuple[Line, ...]:
    """What is amiss comes first."""
    rows: list[Line] = [section("Connections", look.width)]
    snapshot = look.known.snapshot
    parts = () if snapshot is None else snapshot.parts
    if look.known.away is not None:
        below = (
            "below is the last word" if parts or (snapshot and snapshot.feeds) else "how its parts were is not known"
        )
        rows += wrapped((Span(f"✖ {look.known.away}", Tone.BAD),), look.width, indent=2)
        rows.append((Span(f"  it is tried again by itself; {below}", Tone.MUTED),))
    for part in sorted(parts, key=lambda one: one.state == WELL):
        rows += _part(part, look)
    if snapshot is not None and not parts:
        rows += [line for feed in snapshot.feeds for line in _feed(feed, look)]
    if snapshot is not None:
        rows += [(), (Span(f"Risk Manager {snapshot.daemon.version}", Tone.MUTED), *_daemon(look))]
    return tuple(rows)


def _daemon(look: Look) -> Line:
    snapshot = look.known.snapshot
    if snapshot is None or look.known.away is not None:
        return ()
    since = length_of(look.now - snapshot.daemon.since)
    detail = f": {snapshot.daemon.detail}" if snapshot.daemon.detail else ""
    return (Span(f" · {snapshot.daemon.state} for {since}{detail}", Tone.MUTED),)


def _part(part: PartStatus, look: Look) -> Iterator[Line]:
    mark, tone = _mark(part.state, is_away=look.known.away is not None)
    whose = part.subject or (str(part.account_id) if part.account_id is not None else part.login or "")
    name = f"{_NAMES.get(part.name, part.name)} {whose}".strip()
    head: Line = (
        Span(f"{mark} {name:<{_NAME_ROOM}}", tone if part.state != WELL else Tone.PLAIN),
        Span(f"{part.state.replace('_', ' '):<{_STATE_ROOM}}", tone),
        Span(f"for {age_of(look.now - part.since):<{_SINCE_ROOM}}"),
        Span(f"{'' if part.age is None else f'heard {_age(part.age)} ago':<{_AGE_ROOM}}", Tone.MUTED),
    )
    if look.is_wide:
        room = look.width - _NAME_ROOM - _STATE_ROOM - _SINCE_ROOM - _AGE_ROOM - 6
        first, *others = wrapped((Span(part.meaning, Tone.MUTED),), room, indent=0)
        yield (*head, *first)
        yield from ((Span(" " * (look.width - room)), *other) for other in others)
        return
    yield head
    yield from wrapped((Span(f"  {part.meaning}", Tone.MUTED),), look.width, indent=2)


def _feed(feed: FeedStatus, look: Look) -> Iterator[Line]:
    mark, tone = _mark(feed.state, is_away=look.known.away is not None)
    name = f"{feed.name} {feed.login or ''}".strip()
    yield (Span(f"{mark} {name:<{_NAME_ROOM}}"), Span(feed.state.replace("_", " "), tone), Span(f"  {feed.reason}"))


def _mark(state: str, *, is_away: bool) -> tuple[str, Tone]:
    if is_away:
        return "?", Tone.MUTED
    if state == WELL:
        return "●", Tone.GOOD
    return ("▲", Tone.WARN) if state in _BUSY else ("✖", Tone.BAD)


def _age(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004  two digits are enough
