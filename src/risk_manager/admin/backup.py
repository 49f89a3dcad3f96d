"""A home in one file, and back again."""

import tempfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from risk_manager.admin.changes import Change, journal
from risk_manager.admin.office import NO, WRONG_USE, NotDoneError, Office
from risk_manager.admin.one_admin import AnotherAdminError, one_admin
from risk_manager.config.accounts import HIDE_COMMAND
from risk_manager.config.document import read_document
from risk_manager.config.files import Home, keep_private, once_let_go, write_privately
from risk_manager.config.secrets import SecretUnavailableError, SecretVault, is_reference
from risk_manager.store.copying import copy_database, examine_database
from risk_manager.store.daemon_lock import DaemonLock, HomeInUseError, hold_home
from risk_manager.store.errors import SchemaTooNewError, StoreUnavailableError

_MARK = "risk-manager.txt"
_LARGEST = 4 * 1024**3  # bytes unpacked; a journal of years is far smaller
_DATABASE = "data/state.db"
_COMPANIONS = ("data/state.db-wal", "data/state.db-shm", "data/state.db-intents")


def backup(office: Office, target: Path) -> None:
    """Write configuration, password hash, encrypted keys and database into a zip; raise `NotDoneError`.

    The key that opens the encrypted API keys is left out: who finds the file cannot use them.
    """
    home = office.home
    if target.exists():
        raise NotDoneError(f"{target} is there already: nothing was written", WRONG_USE)
    for words in _in_the_clear(home):
        raise NotDoneError(f"{words}: nothing was written")
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        fresh.touch(mode=0o600)
        keep_private(fresh)
        with (
            one_admin(home),
            tempfile.TemporaryDirectory() as folder,
            zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            archive.writestr(_MARK, f"A backup of {home.folder}, made {office.clock.now().isoformat()}\n")
            for name, path in _kept(home):
                if path.exists():
                    archive.write(path, name)
            if home.database.exists():
                copy = Path(folder) / "state.db"
                copy_database(home.database, copy)
                archive.write(copy, _DATABASE)
        once_let_go(lambda: fresh.replace(target))
    except StoreUnavailableError as error:
        raise NotDoneError(f"nothing was written: {error}") from None
    except AnotherAdminError as error:
        raise NotDoneError(str(error)) from None
    finally:
        fresh.unlink(missing_ok=True)
    office.say(f"Wrote {target}. The API keys in it can be read with this home's key only.")


def restore(office: Office, source: Path) -> None:
    """Put a backup in the place of what is there, which is kept aside; raise `NotDoneError`."""
    home = office.home
    lock = _free_home(home)
    try:
        with one_admin(home), tempfile.TemporaryDirectory(dir=home.folder, prefix=".restoring-") as folder:
            names = _unpack(source, Path(folder))
            aside = home.folder / f"replaced-{office.clock.now():%Y%m%dT%H%M%S}"
            _swap(home, Path(folder), names, aside)
    except AnotherAdminError as error:
        raise NotDoneError(str(error)) from None
    finally:
        lock.release()
    office.say(f"Restored from {source}. What was here before is in {aside}.")
    if not _keys_can_be_read(home):
        office.say("The API keys were encrypted for another home: store them again, risk-manager store-key NAME.")
    journal(office, Change(file=source.name, what="home", old=aside.name, new="restored"))
    office.say("Next: risk-manager check, then start the daemon.")


def _keys_can_be_read(home: Home) -> bool:
    """Tell whether this machine and home can decrypt what was restored."""
    vault = SecretVault(home)
    try:
        for name in vault.names():
            vault.fetch(name)
    except SecretUnavailableError:
        return False
    return True


def _kept(home: Home) -> list[tuple[str, Path]]:
    paths = (home.accounts, home.risk_config, home.holidays, home.admin_password, home.secrets)
    return [(f"config/{path.name}", path) for path in paths]


def _in_the_clear(home: Home) -> Iterator[str]:
    """Name what would leave the home for everybody to read; what cannot be read may hold anything."""
    accounts = _entries(home.accounts, "accounts")
    if accounts is None:
        yield "accounts.yaml cannot be read, and may hold an API key in the clear; mend it first, risk-manager check"
    elif _stands_open(accounts, "api_key"):
        yield f"accounts.yaml holds an API key in the clear; encrypt it first with {HIDE_COMMAND}"
    alerts = _entries(home.risk_config, "alerts")
    if alerts is None:
        yield "risk_config.yaml cannot be read, and may hold the address of an alert; mend it first, risk-manager check"
    elif _stands_open(alerts, "url", "token"):
        advice = "encrypt it first with `risk-manager store-key NAME`, and write secret:NAME"
        yield f"risk_config.yaml holds an address or token of an alert in the clear; {advice}"


def _entries(path: Path, section: str) -> list[Any] | None:
    """Read a list of sections; None where a file is there and cannot be read."""
    document = read_document(path, name=path.name)
    found = document.value((section,))
    if isinstance(found, list):
        return found
    is_sound = isinstance(document.body, dict) and not document.problems and found is None
    return [] if is_sound or not path.exists() else None


def _stands_open(entries: list[Any], *keys: str) -> bool:
    found = [entry.get(key) for entry in entries if isinstance(entry, dict) for key in keys]
    return any(one is not None and not is_reference(str(one)) for one in found)


def _free_home(home: Home) -> DaemonLock:
    home.create_folders()
    try:
        return hold_home(home.daemon_lock)
    except HomeInUseError as error:
        raise NotDoneError(f"{error}: stop it first; nothing was restored", NO) from None


def _unpack(source: Path, folder: Path) -> list[str]:
    """Unpack what belongs into a home, and nothing else; look the database over."""
    allowed = {name for name, _ in _kept(Home(folder))} | {_DATABASE}
    try:
        with zipfile.ZipFile(source) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if _MARK not in entries or sum(entry.file_size for entry in entries.values()) > _LARGEST:
                raise NotDoneError(f"{source} is no backup of risk-manager: nothing was restored", WRONG_USE)
            names = sorted(allowed & entries.keys())
            for name in names:
                target = folder / name
                target.parent.mkdir(mode=0o700, exist_ok=True)
                target.touch(mode=0o600)
                target.write_bytes(archive.read(name))
                keep_private(target)
    except FileNotFoundError:
        raise NotDoneError(f"there is no {source}", WRONG_USE) from None
    except (zipfile.BadZipFile, EOFError) as error:
        raise NotDoneError(f"{source} is damaged ({error}): nothing was restored") from None
    if _DATABASE in names:
        try:
            examine_database(folder / _DATABASE)
        except (StoreUnavailableError, SchemaTooNewError) as error:
            raise NotDoneError(f"the database in {source} cannot be used ({error}): nothing was restored") from None
    return names


def _swap(home: Home, folder: Path, names: list[str], aside: Path) -> None:
    """Move the old away and the new in; what fails on the way is moved back."""
    moved: list[tuple[Path, Path]] = []

    def move(path: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        once_let_go(lambda: path.replace(target))
        moved.append((path, target))

    present = [name for name, path in _kept(home) if path.exists()]
    present += [name for name in (_DATABASE, *_COMPANIONS) if (home.folder / name).exists()]
    try:
        for name in present:
            move(home.folder / name, aside / name)
        for name in names:
            move(folder / name, home.folder / name)
        write_privately(aside / "why.txt", "What stood here before a backup was restored.\n")
    except BaseException:
        for path, target in reversed(moved):
            once_let_go(partial(target.replace, path))
        raise
