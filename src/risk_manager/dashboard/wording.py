"""Numbers, instants and codes in a trader's words."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from risk_manager.core.model.contract import root_of_id
from risk_manager.core.rules import RULES, measures_of
from risk_manager.local_api.messages import Deed, RuleStatus, Verdict

UNKNOWN = "—"
_ZONES = {
    "America/Chicago": "CT",
    "America/New_York": "ET",
    "America/Denver": "MT",
    "America/Los_Angeles": "PT",
    "UTC": "UTC",
}
_TITLES = {rule.name: rule.title for rule in RULES} | {
    "feed_lost": "Feed lost",
    "lockout": "Lockout",
    "admin": "Locked by hand",
}
_ALONE = {"max_contracts_per_instrument": "Max per product"}
"""Rules that need another name where none of their limits is meant."""
_DEEDS = {
    "close": "close {root}",
    "reduce": "reduce {root} to {to}",
    "cancel": "cancel order {order}",
    "cancel_symbol": "cancel orders in {root}",
    "resize": "resize order {order} to {size}",
    "place_stop": "place {root} stop at {stop}",
    "move_stop": "move stop {order} to {stop}",
    "unlock": "unlock {rule} {root}",
    "warn": "warn: {code}",
}
_MODES = {"flat": "no trading", "no_new_risk": "no new risk"}


def amount(value: Decimal | None) -> str:
    """Dollars without a sign of their own: `50,412.00`."""
    return UNKNOWN if value is None else f"{value:,.2f}".replace("-", "−")


def change(value: Decimal | None) -> str:
    """Dollars won or lost: `+87.50`, `−312.50`."""
    if value is None:
        return UNKNOWN
    return "0.00" if round(value, 2) == 0 else f"{value:+,.2f}".replace("-", "−")


def price(value: Decimal | None) -> str:
    """A price with the digits that it came with."""
    return UNKNOWN if value is None else f"{value:,f}".replace("-", "−")


def measure(rule: str, value: Decimal | None) -> str:
    """A rule's number in the rule's unit."""
    if value is None:
        return UNKNOWN
    if measures_of(rule).in_dollars:
        return f"${amount(abs(value))}" if value >= 0 else f"−${amount(abs(value))}"
    return f"{value.normalize():,f}".replace("-", "−")


def length_of(span: timedelta) -> str:
    """A countdown: `6:28:12`, `28:12`; never below zero, a begun second counts."""
    seconds = max(-(-span // timedelta(seconds=1)), 0)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours:02}:{minutes:02}:{seconds:02}"
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def age_of(span: timedelta) -> str:
    """How old something is: `0.3 s`, `12 s`, `2 m`, `5 h`, `3 d`."""
    seconds = max(span.total_seconds(), 0.0)
    for most, unit, size in ((10, "s", 0), (120, "s", 1), (7200, "m", 60), (172_800, "h", 3600)):
        if seconds < most:
            return f"{seconds:.1f} {unit}" if size == 0 else f"{int(seconds // size)} {unit}"
    return f"{int(seconds // 86_400)} d"


def milliseconds(value: float | None) -> str:
    """How fast: `0.84 ms`, `143 ms`, `2.10 s`."""
    if value is None:
        return UNKNOWN
    if value >= 1000:  # noqa: PLR2004  a second
        return f"{value / 1000:.2f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.2f} ms"  # noqa: PLR2004  two digits are enough


def zone_of(name: str) -> ZoneInfo:
    """Find a time zone; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def clock(at: datetime, zone: ZoneInfo) -> str:
    """The time of day to the second: `10:31:02`."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def moment(at: datetime, *, zone: ZoneInfo, now: datetime) -> str:
    """An instant as a person names it: `17:00 CT`, on another day `Thu 17:00 CT`, far away with its date."""
    there, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (there.date() - today).days
    time = f"{there:%H:%M:%S}" if there.second else f"{there:%H:%M}"
    name = _ZONES.get(zone.key) or there.tzname() or zone.key
    if days == 0:
        return f"{time} {name}"
    day = f"{there:%a}" if 0 < days < 7 else f"{there:%Y-%m-%d}"  # noqa: PLR2004  a week
    return f"{day} {time} {name}"


def title(rule: str, subject: str = "") -> str:
    """Name a rule, and which of its limits: `Max contracts ES`, `Trades per minute`."""
    name = _TITLES.get(rule) or rule.replace("_", " ").capitalize()
    if not subject:
        return _ALONE.get(rule, name)
    if subject.isupper() and "_" in subject:  # a reason code tells its windows apart
        return _code_words(subject.removesuffix("_EXCEEDED")).capitalize()
    return f"{name} {root_of_id(subject) if subject.startswith('CON.') else subject.replace('_', ' ')}"


def scope(root: str | None) -> str:
    """What a lock concerns."""
    return "account" if root is None else root


def lock_mode(mode: str) -> str:
    """What a lock forbids."""
    return _MODES.get(mode, mode.replace("_", " "))


def left_of(rule: RuleStatus) -> str:
    """How far it is to the limit."""
    if rule.measured is None or rule.limit is None:
        return ""
    rest = rule.limit - rule.measured
    return f"over by {measure(rule.name, -rest)}" if rest < 0 else f"{measure(rule.name, rest)} left"


def verdict_words(verdict: Verdict) -> str:
    """Say which rule and why: `daily realized loss reached: $512.50, limit $500.00`."""
    if verdict.rule == "lockout":
        return "Traded during a lock"
    words = _with_numbers(_code_words(verdict.code), verdict.rule, verdict.measured, verdict.limit)
    return _named(verdict.rule, verdict.subject, words)


def reason_words(rule: str, reason: str) -> str:
    """Say a lock's rule and reason in words; a reason that is no code with evidence stays as it is."""
    code, *evidence = reason.split() or [""]
    numbers = dict(part.split("=", 1) for part in evidence if "=" in part)
    if not code.isupper() or len(numbers) != len(evidence):
        return _named(rule, "", reason)
    measured, limit = _number(numbers.get("measured")), _number(numbers.get("limit"))
    return _named(rule, "", _with_numbers(_code_words(code), rule, measured, limit))


def _named(rule: str, subject: str, words: str) -> str:
    """Put the rule's name before its words, unless they contain it."""
    name = title(rule, subject)
    if not words:
        return name
    if set(name.lower().split()) <= set(re.findall(r"\w+", words.lower())):
        return words[0].upper() + words[1:]
    return f"{name}: {words}"


def deeds_words(deeds: Sequence[Deed], *, zone: ZoneInfo, now: datetime) -> str:
    """Say what is done: `close all, cancel all, locked until 17:00 CT`."""
    return ", ".join(_deed_words(deed, zone, now) for deed in deeds) or "nothing to do"


def _code_words(code: str) -> str:
    return code.replace("_", " ").lower()


def _with_numbers(words: str, rule: str, measured: Decimal | None, limit: Decimal | None) -> str:
    if measured is None:
        return words
    against = "" if limit is None else f", limit {measure(rule, limit)}"
    return f"{words}: {measure(rule, measured)}{against}"


def _number(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None


def _deed_words(deed: Deed, zone: ZoneInfo, now: datetime) -> str:
    root = deed.root or (root_of_id(deed.contract_id) if deed.contract_id else "")
    if deed.do == "lock":
        end = "without end" if deed.until is None else f"until {moment(deed.until, zone=zone, now=now)}"
        what = "no new risk" if deed.mode == "no_new_risk" else "locked"
        return f"{root} {what} {end}".strip()
    words = _DEEDS.get(deed.do, deed.do.replace("_", " "))
    return words.format(
        root=root,
        order=deed.order_id,
        to=deed.to,
        size=deed.size,
        stop=price(deed.stop),
        rule=title(deed.rule or ""),
        code=_code_words(deed.code or ""),
    ).strip()
