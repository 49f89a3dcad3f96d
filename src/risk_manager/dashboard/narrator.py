"""What happens, told in one-line sentences for a terminal without a screen."""

from collections.abc import Callable, Sequence
from datetime import datetime

from risk_manager.dashboard.known import happened_at
from risk_manager.dashboard.watch_view import outcome
from risk_manager.dashboard.wording import (
    change,
    clock,
    deeds_words,
    lock_mode,
    moment,
    price,
    scope,
    title,
    zone_of,
)
from risk_manager.local_api.client import Away
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import (
    DaemonStatus,
    DayReset,
    EnforcementAction,
    FeedStatus,
    HeldPosition,
    LockEnded,
    LockStatus,
    Snapshot,
    TradeSeen,
    Verdict,
    Warned,
    WorkingOrder,
)


class Narrator:
    """Turns what the local API tells into lines; `now` (aware UTC) dates what carries no instant itself."""

    def __init__(self, *, now: Callable[[], datetime], timezone: str = "America/Chicago") -> None:
        self._now = now
        self._zone = zone_of(timezone)
        self._names: dict[int, str] = {}

    def tell(self, what: Snapshot | Message | Away) -> Sequence[str]:
        """Say it; figures, quotes and utilizations say nothing."""
        match what:
            case Snapshot(daemon=daemon, accounts=accounts):
                self._names = {account.id: account.nickname for account in accounts}
                names = ", ".join(self._names.values()) or "no account"
                return [self._line(what.at, None, "DAEMON", f"{daemon.state}, watching {names}")]
            case Away(why=why):
                return [self._line(None, None, "AWAY", why)]
            case Message(data=EnforcementAction() as action):
                return self._enforcement(what.account_id, action)
            case Message():
                said = self._said(what)
                return [] if said is None else [self._line(happened_at(what), what.account_id, *said)]

    def _line(self, at: datetime | None, account_id: int | None, label: str, words: str) -> str:
        name = "" if account_id is None else self._names.get(account_id, str(account_id))
        return f"{clock(at or self._now(), self._zone)}  {name:<8}  {label:<8}  {words}".rstrip()

    def _enforcement(self, account_id: int | None, action: EnforcementAction) -> Sequence[str]:
        at = action.at
        if action.state in ("proven", "failed"):
            label = "PROVEN" if action.state == "proven" else "FAILED"
            rules = ", ".join(dict.fromkeys(each.rule for each in action.decisions)) or "enforcement"
            return [self._line(at, account_id, label, f"{rules}  {outcome(action)}")]
        deeds = deeds_words(action.actions, zone=self._zone, now=at)
        if action.state == "shadow":
            deeds = f"in shadow, nothing is done; else: {deeds}"
        label = {"shadow": "SHADOW"}.get(action.state) or (
            "LOCKOUT" if all(each.rule == "lockout" for each in action.decisions) else "BREACH"
        )
        verdicts = action.decisions or (Verdict(rule="enforcement", code=""),)
        lines = [self._line(at, account_id, label, _evidence(verdict)) for verdict in verdicts]
        lines[-1] += f" → {deeds}"
        return lines

    def _said(self, message: Message) -> tuple[str, str] | None:
        match message.data:
            case TradeSeen() as trade:
                won = "" if trade.realized_pnl is None else f", {change(trade.realized_pnl)}"
                words = f"{_traded(trade.side)} {trade.size} {trade.root} at {price(trade.price)}{won}"
                return "TRADE", words + (" (voided)" if trade.voided else "") + (" by the daemon" if trade.ours else "")
            case HeldPosition(size=0) as position:
                return "POSITION", f"{position.root} flat"
            case HeldPosition() as position:
                words = f"{position.root} {position.side} {position.size} at {price(position.average_price)}"
                return "POSITION", words
            case WorkingOrder() as order:
                at = order.limit_price if order.stop_price is None else order.stop_price
                where = "" if at is None else f" at {price(at)}"
                kind = order.type.replace("_", " ")
                words = f"{order.side} {order.size} {order.root} {kind}{where} {order.status.replace('_', ' ')}"
                return "ORDER", words + (" by the daemon" if order.ours else "")
            case _:
                return self._said_of_the_watch(message)

    def _said_of_the_watch(self, message: Message) -> tuple[str, str] | None:
        match message.data:
            case LockStatus() as lock:
                end = "without end"
                if lock.until is not None:
                    end = f"until {moment(lock.until, zone=self._zone, now=lock.since)}"
                return "LOCKED", f"{scope(lock.root)}: {lock_mode(lock.mode)} {end}  {lock.rule}  {lock.reason}"
            case LockEnded() as ended:
                return "UNLOCKED", f"{scope(ended.root)}: {title(ended.rule)} ({ended.cause})"
            case DayReset() as reset:
                return "NEW DAY", f"trading day {reset.trading_day}"
            case _:
                return _said_of_the_daemon(message)


def _said_of_the_daemon(message: Message) -> tuple[str, str] | None:
    match message.data:
        case FeedStatus() as feed:
            return "FEED", f"{feed.name} {feed.state}"
        case DaemonStatus() as daemon:
            return "DAEMON", daemon.state + (f": {daemon.detail}" if daemon.detail else "")
        case Warned() as warned:
            return "WARNING", warned.text
        case _:
            return None


def _traded(side: str) -> str:
    return {"buy": "bought", "sell": "sold"}.get(side, side)


def _evidence(verdict: Verdict) -> str:
    """The reason code with its numbers, as the journal has it."""
    numbers = "" if verdict.measured is None else f" measured={verdict.measured}"
    numbers += "" if verdict.limit is None or verdict.measured is None else f" limit={verdict.limit}"
    return f"{verdict.rule}  {verdict.code}{numbers}".rstrip()
