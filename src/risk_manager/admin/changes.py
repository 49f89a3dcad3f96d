"""Every change that an admin makes goes through here: checked, written, journaled with old and new, and told."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from risk_manager.admin import daemon_link, pending
from risk_manager.admin.office import NO, OUT_OF_REACH, WRONG_USE, NotDoneError, Office
from risk_manager.admin.one_admin import AnotherAdminError, one_admin
from risk_manager.config.editing import ChangedMeanwhileError, FileBusyError, Original, new_problems, replace
from risk_manager.config.problems import Path
from risk_manager.config.splice import EditRefusedError
from risk_manager.local_api.errors import LocalApiError
from risk_manager.store.database import open_database
from risk_manager.store.errors import SchemaTooNewError, StoreUnavailableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change for the journal: of which file, at which path, from what to what; None is "not written"."""

    file: str
    what: str
    old: str | None
    new: str | None


Edit = Callable[[str], str]
"""Makes the new text of a file out of the old one."""


def apply_change(office: Office, original: Original, edit: Edit, change: Change) -> None:
    """Write a change and bring it into force; `original` is the file as the admin saw it when he decided.

    Raises `NotDoneError`; then nothing was written. What the daemon says to it is told.
    """
    home = office.home
    try:
        text = edit(original.text)
    except (EditRefusedError, UnicodeDecodeError) as error:
        raise NotDoneError(f"nothing was changed: {error}") from None
    if text == original.text:
        office.say(f"{change.what} is {change.new} already; nothing was changed.")
        return
    problems = new_problems(home, {original.path: text}, office.environ)
    if problems:
        words = "\n".join(map(str, problems))
        raise NotDoneError(f"nothing was changed; it would not be allowed:\n{words}", WRONG_USE)
    try:
        with one_admin(home):
            replace(original, text)
    except (AnotherAdminError, ChangedMeanwhileError, FileBusyError) as error:
        raise NotDoneError(str(error)) from None
    journal(office, change)
    tell_daemon(office)


def journal(office: Office, change: Change) -> None:
    """Note a change: by the daemon, which owns the journal while it runs, or in the database itself."""
    note = {key: value for key, value in asdict(change).items() if value is not None}
    if daemon_link.is_running(office.home):
        try:
            answer = daemon_link.command(office.home, office.password, "note", {"change": note})
        except LocalApiError as error:
            office.say(f"warning: the change could not be journaled: {error}")
            return
        if not answer.ok:
            office.say(f"warning: the change could not be journaled: {answer.message}")
        return
    try:
        database = open_database(office.home.database)
    except (StoreUnavailableError, SchemaTooNewError) as error:
        office.say(f"warning: the change could not be journaled: {error}")
        return
    database.journal.append("change", note, at=office.clock.now())
    database.close()


def password_change() -> Change:
    """Name the change of the password; neither the old nor the new one is told to anybody."""
    return Change(file="admin_password.hash", what="admin password", old="one", new="another")


def reload(office: Office) -> None:
    """Have the daemon take the files on; raise `NotDoneError` when it does not."""
    try:
        answer = daemon_link.command(office.home, office.password, "reload")
    except LocalApiError as error:
        raise NotDoneError(str(error), OUT_OF_REACH) from None
    if not answer.ok:
        raise NotDoneError(f"the daemon did not take the files on: {answer.message}", NO)
    office.say(f"The daemon says: {answer.message}.")


def tell_daemon(office: Office) -> None:
    """Have what was written come into force, and tell what comes of it."""
    if not daemon_link.is_running(office.home):
        office.say("Written. The daemon is not running: it will hold from its next start.")
        pending.tell_waiting(office)
        return
    try:
        reload(office)
    except NotDoneError as error:
        office.say(f"Written, but not in force yet: {error}. Restart the daemon, or try risk-manager admin reload.")


def place(path: Path) -> str:
    """Write a path as people type it: `daily_realized_loss.loss_limit`."""
    return ".".join(path[1:] if path[:1] == ("rules",) else path)
