"""What happened, as one message for people: which account, which rule, the numbers, what is done, until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from risk_manager.alerts.alert import Alert
from risk_manager.config.alerts import AlertKind
from risk_manager.core.actions import (
    Action,
    Cancel,
    CancelAll,
    CancelSymbol,
    Close,
    CloseAll,
    Lock,
    LockMode,
    MoveStop,
    PlaceStop,
    Reduce,
    Resize,
)
from risk_manager.core.decisions import Decision
from risk_manager.core.model.contract import root_of_id
from risk_manager.core.model.duration import format_duration
from risk_manager.core.rules import measures_of
from risk_manager.core.state.lockouts import Lockout


@dataclass(frozen=True, slots=True)
class Told:
    """The account that a message is about, and on whose clock its instants are told."""

    account_id: int
    nickname: str
    zone: tzinfo

    @property
    def name(self) -> str:
        """What the trader calls it."""
        return self.nickname or str(self.account_id)

    def alert(self, kind: AlertKind, at: datetime, *, title: str, text: str, topic: str) -> Alert:
        """Make an alarm of this account."""
        return Alert(
            kind=kind,
            at=at,
            title=f"{self.name}: {title}",
            text=f"{text}\n{_instant(at, self.zone)}".lstrip("\n"),
            account_id=self.account_id,
            account=self.name,
            topic=topic,
        )


def breach(told: Told, decision: Decision, actions: Iterable[Action], *, at: datetime, shadow: bool) -> Alert:
    """Say which rule was broken, by how much, and what is done about it."""
    numbers = _numbers(decision)
    done = "; ".join(filter(None, (_deed(action, told.zone) for action in actions))) or "nothing is left to do"
    if shadow or decision.shadow:
        done = f"shadow mode: nothing is done (it would be: {done})"
    subject = _subject(decision.subject)
    return told.alert(
        AlertKind.BREACH,
        at,
        title=f"{_rule(decision.rule)} breached",
        text="\n".join(filter(None, (f"{_code(decision.code)}{subject}{numbers}", f"Done: {done}"))),
        topic=f"{decision.rule} {decision.code} {decision.subject}",
    )


def locked(told: Told, lock: Lockout, *, at: datetime) -> Alert:
    """Say what is locked, why, and until when."""
    end = "until it is ended by hand" if lock.until is None else f"until {_instant(lock.until, told.zone)}"
    return told.alert(
        AlertKind.LOCK,
        at,
        title=f"{_scope(lock.root)} locked",
        text=f"By {_rule(lock.rule)}: {_mode(lock.mode)} {end}.",
        topic=f"{lock.rule} {lock.root} {lock.mode.value} {lock.code}",
    )


def unlocked(told: Told, lock: Lockout, *, at: datetime, cause: str) -> Alert:
    """Say that a lock has ended, and why."""
    return told.alert(
        AlertKind.UNLOCK,
        at,
        title=f"{_scope(lock.root)} unlocked",
        text=f"The lock of {_rule(lock.rule)} has ended: {cause}.",
        topic=f"{lock.rule} {lock.root} {lock.mode.value} {lock.code}",
    )


def not_enforced(told: Told, rules: Iterable[str], *, at: datetime, detail: str) -> Alert:
    """Say that something could not be enforced, and why; people must look now."""
    names = ", ".join(dict.fromkeys(map(_rule, rules))) or "a lock"
    return told.alert(
        AlertKind.FAILED,
        at,
        title="enforcement failed, look at the account NOW",
        text=f"{names}: {detail}\nThe daemon keeps trying.",
        topic=f"failed {names}",
    )


def enforced_after_all(told: Told, rules: Iterable[str], *, at: datetime) -> Alert:
    """Say that what could not be enforced now is."""
    names = ", ".join(dict.fromkeys(map(_rule, rules))) or "a lock"
    return told.alert(
        AlertKind.FAILED, at, title="enforced after all", text=f"{names}: proven by the venue.", topic=f"proven {names}"
    )


def sees_again(told: Told, *, at: datetime) -> Alert:
    """Say that an account that was told as blind can be seen again."""
    text = "The venue tells again; what happened meanwhile is being read."
    return told.alert(AlertKind.BLIND, at, title="can be seen again", text=text, topic="sees")


def trouble(told: Told | None, code: str, text: str, *, kind: AlertKind, at: datetime) -> Alert:
    """Say what is amiss with the daemon, in the words of its alarm."""
    if told is not None:
        return told.alert(kind, at, title=_code(code), text=text, topic=code)
    return Alert(kind=kind, at=at, title=f"Risk manager: {_code(code)}", text=text, topic=f"{code} {text[:80]}")


def started(*, at: datetime, accounts: int, stopped_at: datetime | None, heard_at: datetime | None) -> Alert:
    """Say that the daemon is up, and since when it was not: `heard_at` is its last sign of life, if it just died."""
    watching = f"It watches {accounts} account(s)."
    if stopped_at is not None:
        text = f"Stopped since {_instant(stopped_at)}, for {_length(at - stopped_at)}. {watching}"
        return _of_daemon(at, "up again", text, topic="up")
    if heard_at is not None:
        text = (
            f"It ended unexpectedly: last heard of at {_instant(heard_at)}, {_length(at - heard_at)} ago. "
            f"Nothing was enforced since then. {watching}"
        )
        return _of_daemon(at, "was down, is up again", text, topic="up after a crash")
    return _of_daemon(at, "up", watching, topic="up")


def stopped(*, at: datetime) -> Alert:
    """Say that from now on nothing is enforced."""
    return _of_daemon(at, "stopped", "Nothing is enforced until it is started again.", topic="down")


def slept(*, at: datetime, seconds: float) -> Alert:
    """Say that the machine slept, and nothing was enforced meanwhile."""
    text = (
        f"The machine slept or stood still for {_length(timedelta(seconds=seconds))}: nothing was enforced meanwhile."
    )
    return _of_daemon(at, "was asleep, is awake again", text, topic="slept")


def _of_daemon(at: datetime, title: str, text: str, *, topic: str) -> Alert:
    return Alert(
        kind=AlertKind.DAEMON, at=at, title=f"Risk manager: {title}", text=f"{text}\n{_instant(at)}", topic=topic
    )


def _instant(at: datetime, zone: tzinfo | None = None) -> str:
    there = at.astimezone(zone) if zone is not None else at
    return f"{there:%Y-%m-%d %H:%M:%S %Z}"


def _length(span: timedelta) -> str:
    return format_duration(timedelta(seconds=max(int(span.total_seconds()), 0)))


def _rule(name: str) -> str:
    return "an admin" if name == "admin" else name.replace("_", " ")


def _code(code: str) -> str:
    words = code.replace("_", " ").lower()
    return words[:1].upper() + words[1:]


def _subject(subject: str) -> str:
    if not subject or (subject.isupper() and "_" in subject):
        return ""
    return f" ({root_of_id(subject) if subject.startswith('CON.') else subject})"


def _numbers(decision: Decision) -> str:
    if decision.measured is None:
        return ""
    unit = "$" if measures_of(decision.rule).in_dollars else ""
    limit = "" if decision.limit is None else f", limit {_number(decision.limit, unit)}"
    return f": {_number(decision.measured, unit)}{limit}"


def _number(value: Decimal | int, unit: str) -> str:
    if unit:
        return f"{'−' if value < 0 else ''}${abs(Decimal(value)):,.2f}"
    return f"{Decimal(value).normalize():,f}"


def _scope(root: str | None) -> str:
    return "account" if root is None else root


def _mode(mode: LockMode) -> str:
    return "no trading" if mode is LockMode.FLAT else "no new risk"


def _deed(action: Action, zone: tzinfo) -> str:  # noqa: C901, PLR0911  one line for each action
    match action:
        case Close(contract_id):
            return f"close {root_of_id(contract_id)}"
        case Reduce(contract_id, to):
            return f"reduce {root_of_id(contract_id)} to {to}"
        case CloseAll():
            return "close everything"
        case Cancel(order_id):
            return f"cancel order {order_id}"
        case CancelSymbol(root):
            return f"cancel orders in {root}"
        case CancelAll():
            return "cancel all orders"
        case Resize(order_id, size):
            return f"resize order {order_id} to {size}"
        case Lock(until=until, root=root, mode=mode):
            end = "without end" if until is None else f"until {_instant(until, zone)}"
            return f"lock {_scope(root)} ({_mode(mode)}) {end}"
        case PlaceStop(contract_id=contract_id, stop=stop):
            return f"place a stop for {root_of_id(contract_id)} at {stop}"
        case MoveStop(order_id=order_id, stop=stop):
            return f"move stop {order_id} to {stop}"
        case _:
            return ""
