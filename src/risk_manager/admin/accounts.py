"""What an admin does with the accounts: add, edit, pause, remove, list, test."""

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError

from risk_manager.admin import daemon_link
from risk_manager.admin.changes import Change, apply_change, journal, tell_daemon
from risk_manager.admin.connection_test import listed_accounts, walk
from risk_manager.admin.office import OUT_OF_REACH, WRONG_USE, NotDoneError, Office
from risk_manager.admin.one_admin import AnotherAdminError, one_admin
from risk_manager.admin.rules import document_of
from risk_manager.config.accounts import Gateway
from risk_manager.config.document import Document
from risk_manager.config.editing import Original, see
from risk_manager.config.secrets import SecretUnavailableError, SecretVault, is_reference, resolve_key
from risk_manager.config.splice import append_section, remove, set_value, written
from risk_manager.core.model.account import Account
from risk_manager.gateway.errors import GatewayError

SAMPLE_ID = 123456
"""The account of the sample; it stands for nobody, and gives way to the first real one."""


def list_accounts(office: Office) -> None:
    """Tell of every account in the file; of its key only where it is kept."""
    entries = _entries(document_of(see(office.home.accounts)))
    for entry in entries:
        key = str(entry.get("api_key", ""))
        kept = key if is_reference(key) else "in the clear: hide it with risk-manager hide-keys"
        state = "watched" if entry.get("enabled", True) else "paused "
        office.say(f"{state}  {entry.get('account_id')}  {entry.get('nickname') or '-'}")
        office.say(f"         login {entry.get('username')}, key {kept}")
    if not entries:
        office.say("no account is in accounts.yaml; add one: risk-manager admin accounts add")


def choices(office: Office) -> list[tuple[str, int]]:
    """List the accounts with their words, for a choice."""
    entries = _entries(document_of(see(office.home.accounts)))
    return [
        (f"{one.get('nickname') or '-'}  ({one['account_id']})", one["account_id"])
        for one in entries
        if type(one.get("account_id")) is int and isinstance(one["account_id"], int)
    ]


def add(office: Office, *, username: str | None, account_id: int | None, nickname: str | None) -> int:
    """Add an account: its key is tried at the venue first, and kept encrypted; return its id. Raises `NotDoneError`."""
    original = see(office.home.accounts)
    document = document_of(original)
    username = (username or office.ask.text("TopstepX username")).strip()
    if not username:
        raise NotDoneError("a username is needed: nothing was added", WRONG_USE)
    _refuse_known(document, account_id)
    api_key = _known_key(office, document, username)
    is_new_key = api_key is None
    if api_key is None:
        api_key = office.ask.secret("API key (TopstepX: Settings, API)").strip()
    found = _try(office, document, username, api_key)
    chosen = _choose(office, document, found, account_id)
    name = nickname if nickname is not None else chosen.name
    if nickname is None and account_id is None:
        name = office.ask.text("What to call it", suggested=chosen.name)
    reference = _reference(document, username) or f"secret:{username}"
    section = [("account_id", str(chosen.account_id)), ("username", written(username)), ("api_key", written(reference))]
    section += [("nickname", written(name)), ("enabled", "true")]
    if is_new_key:
        _store_key(office, username, api_key)
    change = Change(
        file=original.path.name, what=f"account {chosen.account_id}", old=None, new=f"{name} of login {username}"
    )
    try:
        apply_change(office, original, lambda text: _added(text, document, section), change)
    except BaseException:
        if is_new_key and see(original.path).raw == original.raw:  # no key is kept of a login that is not in the file
            SecretVault(office.home).forget(username)
        raise
    office.say(f"Account {chosen.account_id} ({name}) is in accounts.yaml.")
    return chosen.account_id


def edit(office: Office, account_id: int, *, nickname: str) -> None:
    """Give an account another name."""
    original, index = _find(office, account_id)
    entry = _entries(document_of(original))[index]
    change = Change(
        file=original.path.name,
        what=f"account {account_id} nickname",
        old=str(entry.get("nickname", "")),
        new=nickname,
    )
    path = ("accounts", str(index), "nickname")
    apply_change(office, original, lambda text: set_value(text, path, written(nickname)), change)


def replace_key(office: Office, account_id: int) -> None:
    """Take a new key for the login of an account, tried at the venue first."""
    original, index = _find(office, account_id)
    document = document_of(original)
    username = str(_entries(document)[index].get("username"))
    reference = str(_entries(document)[index].get("api_key"))
    if not reference.startswith("secret:"):
        raise NotDoneError(
            f"the key of {username} is not kept in the vault ({'env' if is_reference(reference) else 'in the clear'}); "
            "run risk-manager hide-keys, or change it where it is kept"
        )
    api_key = office.ask.secret("New API key").strip()
    shown = {account.account_id for account in _try(office, document, username, api_key)}
    mine = [one for one in _entries(document) if one.get("username") == username and one.get("enabled", True)]
    lacking = [str(one.get("account_id")) for one in mine if one.get("account_id") not in shown]
    if lacking:
        raise NotDoneError(
            f"nothing was changed: this key does not show account {', '.join(lacking)}; give one that does, or "
            "pause what is gone with risk-manager admin accounts pause ID"
        )
    _store_key(office, reference.removeprefix("secret:"), api_key)
    journal(office, Change(file="secrets.json", what=f"API key of {username}", old="one", new="another"))
    office.say(f"The key of {username} is stored.")
    tell_daemon(office)


def switch(office: Office, account_id: int, *, enabled: str) -> None:
    """Pause an account (`enabled` false: listed and left alone), or watch it again (true)."""
    original, index = _find(office, account_id)
    was = _entries(document_of(original))[index].get("enabled", True)
    words = {"true": "watched", "false": "paused"}
    if str(was).lower() == enabled:
        office.say(f"Account {account_id} is {words[enabled]} already; nothing was changed.")
        return
    change = Change(
        file=original.path.name, what=f"account {account_id}", old=words[str(was).lower()], new=words[enabled]
    )
    path = ("accounts", str(index), "enabled")
    apply_change(office, original, lambda text: set_value(text, path, enabled), change)


def remove_account(office: Office, account_id: int) -> None:
    """Take an account off the list, with what was laid down for it alone. Its stored key is kept."""
    original, index = _find(office, account_id)
    if not office.ask.agrees(
        f"Remove account {account_id}? It will not be watched any more, from the next trading day on."
    ):
        raise NotDoneError("nothing was removed")
    if len(_entries(document_of(original))) == 1:
        raise NotDoneError(
            f"account {account_id} is the only one, and the file needs one; "
            f"pause it instead: risk-manager admin accounts pause {account_id}"
        )
    rules = see(office.home.risk_config)
    override = ("overrides", str(account_id))
    if document_of(rules).holds(override):
        change = Change(file=rules.path.name, what=f"overrides.{account_id}", old="written", new=None)
        apply_change(office, rules, lambda text: remove(text, override), change)
    without = see(rules.path)
    change = Change(file=original.path.name, what=f"account {account_id}", old="listed", new=None)
    try:
        apply_change(office, original, lambda text: remove(text, ("accounts", str(index))), change)
    except BaseException:
        if without.raw != rules.raw:  # the account stays, and so does what was laid down for it
            change = Change(file=rules.path.name, what=f"overrides.{account_id}", old=None, new="written")
            apply_change(office, without, lambda _: rules.text, change)
        raise


def test(office: Office, account_id: int | None) -> None:
    """Go the way to the venue step by step, with the login of an account (None: of each)."""
    document = document_of(see(office.home.accounts))
    entries = [one for one in _entries(document) if account_id in (None, one.get("account_id"))]
    if not entries:
        raise NotDoneError(f"no account {account_id} is in accounts.yaml", WRONG_USE)
    if daemon_link.is_running(office.home):
        office.say(
            "The daemon is running: another login of the same user may make its streams connect anew for moments."
        )
    logins = {str(one.get("username")): str(one.get("api_key")) for one in entries}
    good = [_test_login(office, document, username, key, entries) for username, key in logins.items()]
    if not all(good):
        raise NotDoneError("not every step went well", OUT_OF_REACH)


def _test_login(
    office: Office, document: Document, username: str, key: str, entries: Sequence[dict[str, object]]
) -> bool:
    wanted = frozenset(
        one["account_id"] for one in entries if str(one.get("username")) == username and type(one["account_id"]) is int
    )
    try:
        api_key = resolve_key(key, vault=SecretVault(office.home), environ=office.environ)
    except SecretUnavailableError as error:
        raise NotDoneError(str(error)) from None
    office.say(f"Login {username}:")

    async def go() -> bool:
        good = True
        steps = walk(_gateway(document), username=username, api_key=api_key, wanted=wanted, now=office.clock.now)
        async for step in steps:
            office.say(str(step))
            good = good and step.ok is not False
        return good

    return asyncio.run(go())


def _try(office: Office, document: Document, username: str, api_key: str) -> tuple[Account, ...]:
    """Log in with a key before anything is written."""
    if not api_key:
        raise NotDoneError("no key was given: nothing was changed", WRONG_USE)
    office.say("Trying the key at the venue ...")
    try:
        found = asyncio.run(
            listed_accounts(_gateway(document), username=username, api_key=api_key, now=office.clock.now)
        )
    except GatewayError as error:
        raise NotDoneError(f"nothing was changed: {error}", OUT_OF_REACH) from None
    office.say(f"The key is taken; {len(found)} account(s) at this login.")
    return found


def _choose(office: Office, document: Document, found: Sequence[Account], account_id: int | None) -> Account:
    listed = {entry.get("account_id") for entry in _entries(document)}
    if account_id is not None:
        mine = [account for account in found if account.account_id == account_id]
        if not mine:
            ids = ", ".join(f"{one.account_id} ({one.name})" for one in found)
            raise NotDoneError(f"account {account_id} is not at this login; there are: {ids or 'none'}")
        return mine[0]
    free = [account for account in found if account.account_id not in listed]
    if not free:
        raise NotDoneError("every account of this login is in accounts.yaml already: nothing was added")
    return office.ask.choose("Which account", [(f"{one.name}  ({one.account_id})", one) for one in free])


def _added(text: str, document: Document, section: Sequence[tuple[str, str]]) -> str:
    """Add an entry; the one of the sample gives way to it."""
    ids = [entry.get("account_id") for entry in _entries(document)]
    text = append_section(text, ("accounts",), section)
    return remove(text, ("accounts", "0")) if ids == [SAMPLE_ID] else text


def _refuse_known(document: Document, account_id: int | None) -> None:
    if account_id is not None and account_id in [entry.get("account_id") for entry in _entries(document)]:
        raise NotDoneError(f"account {account_id} is in accounts.yaml already: nothing was added")


def _known_key(office: Office, document: Document, username: str) -> str | None:
    """Find the key of a login that is in the file; None where it is new, or its key is not there yet."""
    reference = _reference(document, username)
    if reference is None:
        return None
    try:
        return resolve_key(reference, vault=SecretVault(office.home), environ=office.environ)
    except SecretUnavailableError as error:
        if reference == f"secret:{username}":
            return None
        raise NotDoneError(f"nothing was added: {error}") from None


def _reference(document: Document, username: str) -> str | None:
    keys = [str(one.get("api_key")) for one in _entries(document) if str(one.get("username")) == username]
    return keys[0] if keys else None


def _store_key(office: Office, name: str, api_key: str) -> None:
    try:
        with one_admin(office.home):
            SecretVault(office.home).store(name, api_key)
    except AnotherAdminError as error:
        raise NotDoneError(str(error)) from None
    except SecretUnavailableError as error:
        raise NotDoneError(f"nothing was changed: {error}") from None


def _find(office: Office, account_id: int) -> tuple[Original, int]:
    original = see(office.home.accounts)
    ids = [entry.get("account_id") for entry in _entries(document_of(original))]
    if account_id not in ids:
        raise NotDoneError(f"no account {account_id} is in accounts.yaml; there are: {ids}", WRONG_USE)
    return original, ids.index(account_id)


def _entries(document: Document) -> list[dict[str, object]]:
    entries = document.value(("accounts",))
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _gateway(document: Document) -> Gateway:
    try:
        return Gateway.model_validate(document.value(("gateway",)) or {})
    except ValidationError:
        raise NotDoneError("gateway: in accounts.yaml makes no sense; risk-manager check tells why") from None
