"""What an admin does with locks: look at them, end one where that is allowed, lock at once."""

from datetime import datetime, timedelta

from risk_manager.admin import daemon_link
from risk_manager.admin.office import NO, OUT_OF_REACH, WRONG_USE, NotDoneError, Office
from risk_manager.core.model.duration import parse_duration
from risk_manager.daemon.telling.last_known import last_known
from risk_manager.local_api.errors import LocalApiError
from risk_manager.local_api.messages import AccountStatus, LockStatus, Snapshot


def list_locks(office: Office) -> None:
    """Tell of every lock; from the database, and how old, when the daemon is down."""
    picture = _picture(office)
    found = False
    for account in picture.accounts:
        for lock in account.locks:
            found = True
            office.say(f"{_name(account)}: {_words(lock, office.clock.now())}")
            office.say(f"    {lock.reason}")
    if not found:
        office.say("No account is locked.")


def locks(office: Office) -> list[tuple[str, AccountStatus, LockStatus]]:
    """List the locks with their words, for a choice."""
    now = office.clock.now()
    return [
        (f"{_name(account)}: {_words(lock, now)}", account, lock)
        for account in _picture(office).accounts
        for lock in account.locks
    ]


def clear(office: Office, *, account_id: int | None, rule: str | None, root: str | None) -> None:
    """End locks of an account: those of one rule, or all; raise `NotDoneError` where that is not allowed."""
    if account_id is None:
        locked = [account.id for account in _picture(office).accounts if account.locks]
        if len(locked) != 1:
            raise NotDoneError(f"say whose: --account ID; locked are: {locked or 'none'}", WRONG_USE if locked else NO)
        account_id = locked[0]
    arguments: dict[str, object] = {"account_id": account_id}
    arguments |= {key: value for key, value in (("rule", rule), ("root", root)) if value is not None}
    _command(office, "clear_lockout", arguments)


def lock_now(office: Office, *, account_id: int | None, until: str | None) -> None:
    """Lock an account (None: all) flat at once, until an instant, for a length of time, or without an end."""
    arguments: dict[str, object] = {} if account_id is None else {"account_id": account_id}
    if until is not None:
        arguments["until"] = _instant(office, until, account_id).isoformat()
    _command(office, "lock_now", arguments)


def _instant(office: Office, text: str, account_id: int | None) -> datetime:
    """Understand `2h`, `reset`, or an instant with its zone."""
    if text == "reset":
        resets = [
            account.next_reset
            for account in _picture(office).accounts
            if account_id in (None, account.id) and account.next_reset is not None
        ]
        if not resets:
            raise NotDoneError("when the next reset is, is not known: nothing was locked", OUT_OF_REACH)
        return max(resets)
    try:
        length: timedelta | None = parse_duration(text)
    except ValueError:
        length = None
    now = _now(office)
    try:
        instant = now + length if length is not None else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise NotDoneError(_WRITE_UNTIL.format(text=text), WRONG_USE) from None
    if instant.tzinfo is None:
        raise NotDoneError(_WRITE_UNTIL.format(text=text), WRONG_USE)
    if instant <= now:
        raise NotDoneError(f"{text} is over already: nothing was locked", WRONG_USE)
    return instant


def _now(office: Office) -> datetime:
    """Tell the time by which the daemon judges: the venue's; without the daemon that of this machine."""
    try:
        return daemon_link.snapshot(office.home).at
    except LocalApiError:
        return office.clock.now()


_NOTHING_KNOWN = (
    "nothing is known of locks: no daemon answers, and nothing is stored, or nothing that this version, "
    "or you, can read; a running daemon tells them: risk-manager run"
)
_WRITE_UNTIL = "{text}: write reset, a duration such as 2h, or an instant with its zone: 2026-08-24T21:00:00+00:00"


def _command(office: Office, name: str, arguments: dict[str, object]) -> None:
    try:
        answer = daemon_link.command(office.home, office.password, name, arguments)
    except LocalApiError as error:
        raise NotDoneError(f"nothing was done: {error}", OUT_OF_REACH) from None
    if not answer.ok:
        raise NotDoneError(f"nothing was done: {answer.message}")
    office.say(f"The daemon says: {answer.message}.")


def _picture(office: Office) -> Snapshot:
    if daemon_link.is_running(office.home):
        try:
            return daemon_link.snapshot(office.home)
        except LocalApiError as error:
            office.say(f"warning: {error}")
    stored = last_known(office.home)
    if stored is None:
        raise NotDoneError(_NOTHING_KNOWN, OUT_OF_REACH)
    office.say(f"The daemon is not running; this is how it was at {stored.at:%Y-%m-%d %H:%M:%S} UTC.")
    return stored


def _name(account: AccountStatus) -> str:
    return f"{account.nickname} ({account.id})" if account.nickname else str(account.id)


def _words(lock: LockStatus, now: datetime) -> str:
    what = f"{lock.root} " if lock.root else ""
    if lock.until is None:
        return f"{what}{lock.rule}, {lock.mode}, until it is cleared"
    left = max(lock.until - now, timedelta(0))
    minutes = int(left.total_seconds()) // 60
    return (
        f"{what}{lock.rule}, {lock.mode}, until {lock.until:%Y-%m-%d %H:%M} UTC ({minutes // 60}h {minutes % 60:02}m)"
    )
