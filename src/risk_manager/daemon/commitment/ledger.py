"""The record of what is held as it stands, with the keys that it keeps: written anew with each change."""

from collections.abc import Mapping
from dataclasses import replace

from risk_manager.config.configuration import Configuration
from risk_manager.config.files import Home
from risk_manager.config.general_terms import write_general
from risk_manager.config.held_record import Record
from risk_manager.config.login_terms import Addresses, Login, fingerprint, venue_of
from risk_manager.config.terms import Held
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.commitment.held_keys import HeldKeys, forget, keep_in_vault
from risk_manager.daemon.commitment.held_store import HeldStore


class Ledger:
    """What is written down of commitments."""

    def __init__(self, home: Home, store: HeldStore, *, clock: Clock) -> None:
        self._home = home
        self._store = store
        self._clock = clock
        self._keys = HeldKeys(home)
        self.record = Record()

    def load(self) -> Record:
        """Read what an earlier life left; return it."""
        self.record = self._store.load()
        return self.record

    @property
    def mended(self) -> Mapping[str, str]:
        """How the two copies were found, where they were not both whole and the same."""
        return self._store.mended

    @property
    def is_to_be_written(self) -> bool:
        """Tell whether what was read is not in both places yet."""
        return bool(self._store.mended) or self.record.revision == 0

    def learn(self, written: Configuration) -> None:
        """Remember the keys that the files name."""
        self._keys.learn((*written.enabled_accounts, *written.still_named))

    def key_of(self, login: Login) -> str | None:
        """Find the key of a login."""
        return self._keys.find(login, self.record.logins)

    def why_not(self, login: Login) -> str:
        """Say why the kept key of a login cannot be had; empty where none was kept."""
        return self._keys.why_not(login)

    def keys_of(self, held: Mapping[int, Held]) -> dict[int, str | None]:
        """Find the API keys of the accounts that are held; None where one cannot be had."""
        return self._keys.of_accounts(held, self.record.logins)

    def tells_all_of(self, written: Configuration) -> bool:
        """Tell whether what is of no single account stands in it as it is written."""
        return self._general(written) == self.record.general

    def keep(self, held: Mapping[int, Held], gateway: Addresses, written: Configuration) -> None:
        """Write what is held at a venue; forget what nothing needs any more."""
        names = {one.terms.login.username for one in held.values()}
        logins = {username: kept for username, kept in self.record.logins.items() if username in names}
        keys = dict(self.record.keys)
        if not written.broken:
            for name in keys.keys() - _clear_secrets(written).keys():
                forget(self._home, name)
                del keys[name]
        record = replace(self.record, logins=logins, keys=keys, general=self._general(written))
        self.record = record.with_held(venue_of(gateway.api), held)
        self._store.save(self.record, self._clock.now())

    async def seal_keys(self, held: Mapping[int, Held]) -> bool:
        """Encrypt the keys of all logins that are held, for the record; tell whether there are new ones in it."""
        logins = [of.terms.login for of in held.values() if of.is_proven]
        kept = await self._keys.seal(logins, self.record.logins)
        self.record = replace(self.record, logins={**self.record.logins, **kept})
        return bool(kept)

    async def seal_secrets(self, written: Configuration) -> bool:
        """Put into the vault what stands in the files in the clear; tell whether there is something new."""
        known = self.record.keys
        new = {name: one for name, one in _clear_secrets(written).items() if known.get(name) != fingerprint(one)}
        marks = await keep_in_vault(self._home, new)
        self.record = replace(self.record, keys={**self.record.keys, **marks})
        return bool(marks)

    def _general(self, written: Configuration) -> Mapping[str, object]:
        return self.record.general if written.broken else write_general(written)


def _clear_secrets(written: Configuration) -> dict[str, str]:
    """Name the secrets of channels that stand in the files in the clear."""
    return {name: secret for one in written.alerts for name, secret in one.clear_secrets.items()}
