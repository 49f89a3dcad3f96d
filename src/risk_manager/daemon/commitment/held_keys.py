"""Keys that outlive the files, which may name another one, or none: those of held logins and channels, encrypted."""

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from risk_manager.config.accounts import ConfiguredAccount
from risk_manager.config.files import Home
from risk_manager.config.held_record import KeptKey, kept_as
from risk_manager.config.login_terms import Login, fingerprint
from risk_manager.config.secrets import SecretUnavailableError, SecretVault, resolve_key
from risk_manager.config.terms import Held
from risk_manager.daemon.event_log import EventLog

log = EventLog("daemon")


@dataclass(slots=True)
class HeldKeys:
    """What is known of keys in this life: those that the files have named, and those that were kept.

    A key from the environment is not kept: who sets it can set another one, and nothing of it lies in the home.
    """

    home: Home
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    _by_mark: dict[str, str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _why: dict[str, str] = field(default_factory=dict)
    """Why a kept key could not be opened, by its fingerprint."""

    def learn(self, accounts: Iterable[ConfiguredAccount]) -> None:
        """Remember the keys that the files name, and where each of them stands."""
        for one in accounts:
            if one.api_key:
                mark = fingerprint(one.api_key)
                self._by_mark[mark] = one.api_key
                self._names[mark] = one.key_reference

    def find(self, login: Login, kept: Mapping[str, KeptKey], *, reference: str = "") -> str | None:
        """Find the key of a login, also where a reference names it; None where it cannot be had any more."""
        if login.mark not in self._by_mark:
            stored = kept.get(login.username)
            key = None if stored is None else self._kept(login, stored)
            for one in (key, self._resolved(reference)):
                if one is not None and fingerprint(one) == login.mark:
                    self._by_mark[login.mark] = one
        return self._by_mark.get(login.mark)

    def of_accounts(self, held: Mapping[int, Held], kept: Mapping[str, KeptKey]) -> dict[int, str | None]:
        """Find the keys of accounts by what they are held to; a username has one, that of a proven login first."""
        found = {one: self.find(of.terms.login, kept, reference=of.terms.route.key) for one, of in held.items()}
        proven = {of.terms.login.username: key for one, of in held.items() if of.is_proven and (key := found[one])}
        return {one: proven.get(of.terms.login.username) or found[one] for one, of in held.items()}

    def why_not(self, login: Login) -> str:
        """Say why the kept key of a login cannot be had; empty where none was kept."""
        return self._why.get(login.mark, "")

    def _kept(self, login: Login, stored: KeptKey) -> str | None:
        try:
            key = SecretVault(self.home).open(stored.sealed)
        except ValueError as error:
            self._why[login.mark] = str(error)
            return None
        self._why.pop(login.mark, None)
        return key

    def _resolved(self, reference: str) -> str | None:
        try:
            return resolve_key(reference, vault=SecretVault(self.home), environ=self.environ) if reference else None
        except SecretUnavailableError:
            return None

    async def seal(self, logins: Iterable[Login], kept: Mapping[str, KeptKey]) -> dict[str, KeptKey]:
        """Encrypt the keys of logins that are not kept yet; return them by username."""
        new = {one.username: one.mark for one in logins if one.mark in self._by_mark and not _is_kept(one, kept)}
        found: dict[str, str] = {}
        clear: dict[str, str] = {}
        for username, mark in new.items():
            form, _, name = self._names.get(mark, "").partition(":")
            if form == "secret":
                sealed = _stored(self.home, name)
                if sealed is not None and _opened(self.home, sealed) == self._by_mark[mark]:  # it is encrypted already
                    found[username] = sealed
                    continue
            if form != "env":
                clear[username] = self._by_mark[mark]
        found |= await sealed_elsewhere(self.home, clear)
        return {username: KeptKey(new[username], sealed) for username, sealed in found.items()}


async def sealed_elsewhere(home: Home, keys: Mapping[str, str]) -> dict[str, str]:
    """Encrypt keys; what cannot be encrypted is left out."""
    if not keys:
        return {}
    try:
        if sys.platform == "win32":
            vault = SecretVault(home)
            return {name: await asyncio.to_thread(vault.seal, key) for name, key in keys.items()}
        # encrypting takes 11 MB that the daemon would keep for its life: another process has them for a second
        code = f"from {__name__} import seal_told_keys; seal_told_keys()"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            told = json.dumps({"home": str(home.folder), "keys": dict(keys)}).encode()
            answer, _ = await process.communicate(told)
        finally:
            if process.returncode is None:  # the daemon stops, and leaves nobody behind
                process.kill()
                await process.wait()
    except (OSError, SecretUnavailableError) as error:
        log.warning("keys_not_kept", why=str(error))
        return {}
    if process.returncode != 0:
        log.warning("keys_not_kept", why=f"exit code {process.returncode}")
        return {}
    return {str(name): str(sealed) for name, sealed in json.loads(answer).items()}


async def keep_in_vault(home: Home, secrets: Mapping[str, str]) -> dict[str, str]:
    """Keep secrets of alert channels, each under a name of its own; return the fingerprints of those that are kept."""
    sealed = await sealed_elsewhere(home, secrets)
    try:
        for name, one in sealed.items():
            await asyncio.to_thread(SecretVault(home).keep, kept_as(name), one)
    except (SecretUnavailableError, OSError) as error:
        log.warning("keys_not_kept", why=str(error))
        return {}
    return {name: fingerprint(secrets[name]) for name in sealed}


def forget(home: Home, name: str) -> None:
    """Take the secret of an alert channel out of the vault again."""
    try:
        SecretVault(home).forget(kept_as(name))
    except (SecretUnavailableError, OSError) as error:
        log.warning("key_not_forgotten", name=name, why=str(error))


def seal_told_keys() -> None:
    """Encrypt the keys that standard input tells, as JSON by name, for the home that it tells."""
    told = json.load(sys.stdin)
    vault = SecretVault(Home(Path(told["home"])))
    json.dump({name: vault.seal(key) for name, key in told["keys"].items()}, sys.stdout)


def _is_kept(login: Login, kept: Mapping[str, KeptKey]) -> bool:
    return login.username in kept and kept[login.username].mark == login.mark


def _stored(home: Home, name: str) -> str | None:
    try:
        return SecretVault(home).sealed(name)
    except SecretUnavailableError as error:
        log.warning("keys_not_kept", why=str(error))
        return None


def _opened(home: Home, sealed: str) -> str | None:
    try:
        return SecretVault(home).open(sealed)
    except ValueError:
        return None
