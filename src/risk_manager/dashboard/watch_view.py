"""What the daemon does and forbids: locks with their countdown, and what happened, as lines."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from risk_manager.dashboard.account_view import lock_end
from risk_manager.dashboard.known import happened_at
from risk_manager.dashboard.lines import Line, Span, Tone, wrapped
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.wording import (
    amount,
    clock,
    deeds_words,
    lock_mode,
    milliseconds,
    moment,
    reason_words,
    scope,
    title,
    verdict_words,
    zone_of,
)
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import (
    AccountStatus,
    DayReset,
    EnforcementAction,
    LockEnded,
    LockStatus,
    Warned,
)

STAGES = {
    "started": ("▶ ACTING", Tone.BAD),
    "proven": ("✔ DONE", Tone.GOOD),
    "failed": ("✖ FAILED", Tone.BAD_BADGE),
    "shadow": ("○ SHADOW", Tone.WARN),
}
_CAUSES = {"expired": "ended", "admin": "cleared by an admin", "rule": "ended with its condition"}


def lock_lines(account: AccountStatus, *, now: datetime, width: int) -> tuple[Line, ...]:
    """Every lock: what it forbids, until when, and why."""
    if not account.locks:
        return ((Span("none", Tone.MUTED),),)
    zone = zone_of(account.timezone)
    lines: list[Line] = []
    for lock in account.locks:
        tone = Tone.BAD if lock.mode == "flat" else Tone.WARN
        what = f"{'■' if lock.mode == 'flat' else '◧'} {scope(lock.root)}: {lock_mode(lock.mode)} "
        lines.append((Span(what, tone), Span(lock_end(lock, zone=zone, now=now))))
        lines.append((Span(f"  {reason_words(lock.rule, lock.reason)}", Tone.MUTED),))
    return tuple(row for line in lines for row in wrapped(line, width, indent=2))


def feed_lines(
    happenings: tuple[Message, ...], *, account: AccountStatus, now: datetime, width: int
) -> tuple[Line, ...]:
    """What happened to the account, the newest first."""
    zone = zone_of(account.timezone)
    lines: list[Line] = []
    for message in reversed(happenings):
        if message.account_id in (None, account.id):
            lines.extend(happening(message, zone, now))
    if not lines:
        return ((Span("nothing has happened yet", Tone.MUTED),),)
    return tuple(row for line in lines for row in wrapped(line, width, indent=11))


def latest_action(look: Look, *, within: timedelta) -> EnforcementAction | None:
    """Find the account's latest enforcement while it is news: under way, or begun a moment ago."""
    for message in reversed(look.known.happenings):
        if isinstance(message.data, EnforcementAction) and message.account_id == look.account.id:
            action = message.data
            is_news = look.now - action.at < within or action.state == "started"
            return action if is_news else None
    return None


def outcome(action: EnforcementAction) -> str:
    """How fast, and what it cost: `first request 0.84 ms, proven 143 ms, $12.50 past the limit`."""
    parts = []
    if action.first_request_ms is not None:
        parts.append(f"first request {milliseconds(action.first_request_ms)}")
    if action.proven_ms is not None:
        parts.append(f"proven {milliseconds(action.proven_ms)}")
    if action.past_limit:
        parts.append(f"${amount(action.past_limit)} past the limit")
    if action.detail:
        parts.append(action.detail)
    return ", ".join(parts)


def happening(message: Message, zone: ZoneInfo, now: datetime) -> tuple[Line, ...]:
    """Say what happened: when, what kind of thing, and in words; an enforcement with a second line."""
    at = happened_at(message)
    time = Span("" if at is None else f"{clock(at, zone)} ", Tone.MUTED)
    match message.data:
        case EnforcementAction() as action:
            return _enforcement(action, time, zone, now)
        case LockStatus() as lock:
            end = "without end" if lock.until is None else f"until {moment(lock.until, zone=zone, now=now)}"
            words = f"{scope(lock.root)}: {lock_mode(lock.mode)} {end}, {title(lock.rule)}"
            return ((time, Span("■ LOCK  ", Tone.BAD), Span(words)),)
        case LockEnded() as ended:
            words = f"{scope(ended.root)}: {title(ended.rule)} {_CAUSES.get(ended.cause, ended.cause)}"
            return ((time, Span("□ UNLOCK  ", Tone.GOOD), Span(words)),)
        case Warned() as warned:
            return ((time, Span("▲ WARNING  ", Tone.WARN), Span(_warning(warned))),)
        case DayReset() as reset:
            return ((time, Span("● NEW DAY  ", Tone.GOOD), Span(f"trading day {reset.trading_day}")),)
        case _:
            return ()


def _warning(warned: Warned) -> str:
    """Say it with the rule's name in place of its key."""
    if warned.rule and warned.text.startswith(warned.rule):
        return title(warned.rule) + warned.text.removeprefix(warned.rule)
    return warned.text


def _enforcement(action: EnforcementAction, time: Span, zone: ZoneInfo, now: datetime) -> tuple[Line, ...]:
    label, tone = STAGES[action.state]
    why = "; ".join(verdict_words(each) for each in action.decisions)
    done = deeds_words(action.actions, zone=zone, now=now)
    result = outcome(action)
    return (
        (time, Span(f"{label}  ", tone), Span(why or "enforcement")),
        (Span(f"         → {done}" + (f" · {result}" if result else ""), Tone.MUTED),),
    )
