"""The menu: every deed of an admin by arrow keys; Ctrl-C leads back, and from the top out."""

from collections.abc import Callable
from pathlib import Path

from risk_manager.admin import accounts, alerts, backup, changes, lockouts, log_view, metrics_view, pending, rules
from risk_manager.admin.dialogue import NotAskedError
from risk_manager.admin.office import NotDoneError, Office
from risk_manager.admin.password import PasswordRefusedError
from risk_manager.admin.rule_words import allowed, settings_of, words_of
from risk_manager.config.document import Document
from risk_manager.config.secrets import SecretUnavailableError
from risk_manager.config.settings import LogLevel
from risk_manager.core.rules import RULES

Deed = Callable[[Office], None]
_BACK = "back"
_WAITING = "waiting"


def run_menu(office: Office) -> None:
    """Ask what to do until the admin leaves."""
    choices = [*_MENU, ("Leave", None)]
    while True:
        try:
            deed = office.ask.choose("What would you like to do?", choices)
        except KeyboardInterrupt:
            return
        if deed is None:
            return
        _do(office, deed)


def _do(office: Office, deed: Deed) -> None:
    """Do it, and tell what went wrong; whatever it is, the menu stays."""
    try:
        deed(office)
    except KeyboardInterrupt:
        office.say("Back to the menu.")
    except (NotDoneError, NotAskedError, PasswordRefusedError, SecretUnavailableError, OSError) as error:
        office.say(f"Not done: {error}")


def _rules(office: Office) -> None:
    seen = rules.look(office)
    document = rules.document_of(seen)
    listed = [(f"{rules.state_of(document, rule.name):7} {rule.name}", rule.name) for rule in RULES]
    name = office.ask.choose("Which rule", [*listed, ("changes that wait: look, cancel", _WAITING), (_BACK, _BACK)])
    if name == _BACK:
        return
    if name == _WAITING:
        _pending(office)
        return
    rules.show_rule(office, name)
    deeds: list[tuple[str, Deed | None]] = [
        ("change a setting", lambda one: _change_setting(one, name, document)),
        ("enable: it acts", lambda one: rules.enable(one, name, seen=seen)),
        ("shadow: it only says what it would do", lambda one: rules.shadow(one, name, seen=seen)),
        ("disable: it is off", lambda one: rules.disable(one, name, seen=seen)),
        (_BACK, None),
    ]
    deed = office.ask.choose("What should be done with it", deeds)
    if deed is not None:
        deed(office)


def _change_setting(office: Office, name: str, document: Document) -> None:
    settings = {path: field for path, field in settings_of(rules.rule_named(name)) if path not in ("enabled", "mode")}
    values = {path: document.value(("rules", name, *path.split("."))) for path in settings}
    listed = [
        (f"{path}: {'not written' if values[path] is None else rules.flow_text(values[path])}", path)
        for path in settings
    ]
    path = office.ask.choose("Which setting", listed)
    seen = rules.look(office)
    office.say(f"{words_of(rules.rule_named(name), path)} Allowed: {allowed(settings[path])}.")
    present = "" if values[path] is None else rules.flow_text(values[path])
    value = office.ask.text("New value", suggested=present)
    where = ("rules", name, *path.split("."))
    if not office.ask.agrees(f"{rules.effect(where, values[path], value)} Change it?"):
        raise NotDoneError("nothing was changed")
    rules.set_setting(office, f"{name}.{path}", value, seen=seen)


def _pending(office: Office) -> None:
    pending.list_pending(office)
    found = pending.choices(office)
    if not found:
        return
    chosen = office.ask.choose("Let which one never come", [*found, (_BACK, None)])
    if chosen is not None:
        account_id, what = chosen
        pending.cancel(office, what, account_id=account_id)


def _accounts(office: Office) -> None:
    accounts.list_accounts(office)
    deeds: list[tuple[str, Deed | None]] = [
        ("add one", lambda one: _ignore(accounts.add(one, username=None, account_id=None, nickname=None))),
        ("give one another name", _rename),
        ("give a login another key", lambda one: accounts.replace_key(one, _which(one))),
        ("pause one: listed, and left alone", lambda one: accounts.switch(one, _which(one), enabled="false")),
        ("watch one again", lambda one: accounts.switch(one, _which(one), enabled="true")),
        ("remove one", lambda one: accounts.remove_account(one, _which(one))),
        (_BACK, None),
    ]
    deed = office.ask.choose("What should be done", deeds)
    if deed is not None:
        deed(office)


def _ignore(_: object) -> None:
    """Nothing is made of it."""


def _rename(office: Office) -> None:
    account_id = _which(office)
    accounts.edit(office, account_id, nickname=office.ask.text("What to call it"))


def _which(office: Office) -> int:
    return office.ask.choose("Which account", accounts.choices(office))


def _locks(office: Office) -> None:
    found = lockouts.locks(office)
    if not found:
        office.say("No account is locked.")
        return
    choices = [(words, (account.id, lock.rule, lock.root)) for words, account, lock in found]
    chosen = office.ask.choose("End which lock", [*choices, (_BACK, None)])
    if chosen is not None:
        account_id, rule, root = chosen
        lockouts.clear(office, account_id=account_id, rule=rule, root=root)


def _lock_now(office: Office) -> None:
    listed: list[tuple[str, int | None]] = [("all accounts", None), *accounts.choices(office)]
    account_id = office.ask.choose("Lock which account", listed)
    ends = [("until the next reset", "reset"), ("for an hour", "1h"), ("for four hours", "4h"), ("until cleared", "")]
    until = office.ask.choose("How long", ends)
    if not office.ask.agrees("Everything that is held is closed at once. Lock?"):
        raise NotDoneError("nothing was locked")
    lockouts.lock_now(office, account_id=account_id, until=until or None)


def _logs(office: Office) -> None:
    looks: list[tuple[str, str | None]] = [(f"{one} and worse", one) for one in ("info", "warning", "error")]
    level = office.ask.choose("What of them", [*looks, ("write more, or less, into them", None)])
    if level is None:
        _set_log_level(office)
        return
    log_view.show_logs(office, names=log_view.NAMES[:3], level=level, lines=40)


def _set_log_level(office: Office) -> None:
    seen = rules.look(office)
    level = office.ask.choose("From which level on is written", [(one.value, one.value) for one in LogLevel])
    rules.set_setting(office, "logs.level", level, seen=seen)


def _backup(office: Office) -> None:
    suggested = f"risk-manager-{office.clock.now():%Y%m%d-%H%M}.zip"
    backup.backup(office, Path(office.ask.text("Write the backup to", suggested=suggested)).expanduser())


def _restore(office: Office) -> None:
    source = Path(office.ask.text("Restore which backup")).expanduser()
    if not office.ask.agrees("What is here now is set aside, and the backup takes its place. Go on?"):
        raise NotDoneError("nothing was restored")
    backup.restore(office, source)


def _password(office: Office) -> None:
    office.choose_password()
    changes.journal(office, changes.password_change())


_MENU: list[tuple[str, Deed | None]] = [
    ("Rules: look at them, change, enable, disable", _rules),
    ("Accounts: add, edit, pause, remove", _accounts),
    ("Lockouts: look at them, end one", _locks),
    ("Lock now", _lock_now),
    ("Test the connection, step by step", lambda office: accounts.test(office, None)),
    ("Send a test message over every alert channel", alerts.try_channels),
    ("Logs", _logs),
    ("Live numbers", metrics_view.show_metrics),
    ("Have the daemon read the files again", changes.reload),
    ("Backup", _backup),
    ("Restore a backup", _restore),
    ("Change the admin password", _password),
]
