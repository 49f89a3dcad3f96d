"""Changes that would loosen a limit and wait: looked at, and cancelled."""

from risk_manager.admin import daemon_link
from risk_manager.admin.office import NO, OUT_OF_REACH, NotDoneError, Office
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.daemon.commitment.outlook import outlook, read_or_held
from risk_manager.local_api.errors import LocalApiError


def list_pending(office: Office) -> None:
    """Tell every change that waits, and until when."""
    lines = waiting(office)
    for line in lines:
        office.say(line)
    if not lines:
        office.say("Nothing waits: what the files say is in force.")


def waiting(office: Office) -> list[str]:
    """Word what waits; nothing where the files cannot be read at the moment."""
    try:
        return outlook(office.home, read_or_held(office.home, office.environ)).lines()
    except ConfigurationRefusedError:
        return []


def choices(office: Office) -> list[tuple[str, tuple[int, str]]]:
    """List what can be cancelled, with its words, for a choice."""
    try:
        found = outlook(office.home, read_or_held(office.home, office.environ))
    except ConfigurationRefusedError:
        return []
    return [
        (f"account {account_id}: {one.change}", (account_id, one.change.what))
        for account_id, held in found.held.items()
        for one in held.pending
    ]


def cancel(office: Office, what: str | None, *, account_id: int | None) -> None:
    """Let a change that waits (None: all) never come; raise `NotDoneError`."""
    if not daemon_link.is_running(office.home):
        raise NotDoneError(
            "the daemon is not running: start it, or write into the file again what holds; nothing was cancelled",
            OUT_OF_REACH,
        )
    arguments: dict[str, object] = {} if account_id is None else {"account_id": account_id}
    arguments |= {} if what is None else {"what": what}
    try:
        answer = daemon_link.command(office.home, office.password, "cancel_change", arguments)
    except LocalApiError as error:
        raise NotDoneError(str(error), OUT_OF_REACH) from None
    if not answer.ok:
        raise NotDoneError(answer.message, NO)
    office.say(f"The daemon says: {answer.message}.")
    office.say("The file still asks for it; write the old value there again, so that both say the same.")


def tell_waiting(office: Office) -> None:
    """Add to a list of rules what of it is not in force yet."""
    lines = waiting(office)
    if lines:
        office.say("Not in force yet, as it loosens what was agreed; risk-manager admin rules cancel takes it back:")
    for line in lines:
        office.say(f"  {line}")
