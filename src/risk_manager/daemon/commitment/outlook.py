"""What holds if the daemon starts now, read without changing anything: for its start, and for a look from outside."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from risk_manager.config.commitment import Commitment
from risk_manager.config.configuration import (
    Configuration,
    known_port,
    load,
    load_what_is_there,
    local_api_port,
    named_accounts,
)
from risk_manager.config.files import Home
from risk_manager.config.general_terms import read_general
from risk_manager.config.held_record import Record, better, read_file, read_record, seal_key
from risk_manager.config.in_force import in_force
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.config.secrets import SecretVault
from risk_manager.config.terms import Held
from risk_manager.config.wording import enforced_lines
from risk_manager.daemon.commitment.held_keys import HeldKeys
from risk_manager.daemon.commitment.pending_view import pending_lines
from risk_manager.store.errors import SchemaTooNewError, StoreUnavailableError
from risk_manager.store.reading import stored_state


@dataclass(frozen=True, slots=True)
class Outlook:
    """The configuration in force, and by account what is held and what waits."""

    in_force: Configuration
    held: Mapping[int, Held]
    keyless: Mapping[int, str]
    """Accounts that are held to a login whose key cannot be had, and why."""

    def lines(self) -> list[str]:
        """Tell in words all that waits."""
        return [line for account_id, held in self.held.items() for line in pending_lines(account_id, held)]

    def told(self) -> Iterator[str]:
        """Tell what is odd, what is enforced, and what waits."""
        for warning in self.in_force.warnings:
            yield f"warning: {warning}"
        for account_id, why in self.keyless.items():
            reason = f" ({why})" if why else ""
            yield f"warning: the key that account {account_id} is held to cannot be had{reason}: store it again"
        yield from enforced_lines(self.in_force)
        waits = self.lines()
        if waits:
            yield "Not in force yet, as it would loosen a limit:"
            yield from (f"  {line}" for line in waits)


def outlook(home: Home, written: Configuration) -> Outlook:
    """Settle the files with what is held; the venue's time is not known here, so nothing that waits comes."""
    record = kept_record(home)
    commitment = Commitment(record.held_at(record.gateway(written.gateway.addresses), frozenset(written.policies)))
    held = dict(commitment.held) if written.broken else commitment.wish(written.terms, None)
    known = HeldKeys(home)
    known.learn((*written.enabled_accounts, *written.still_named))
    found = known.of_accounts(held, record.logins)
    keys = {account_id: key for account_id, key in found.items() if key is not None}
    keyless = {one: known.why_not(held[one].terms.login) for one, key in found.items() if key is None}
    return Outlook(in_force(written, held, keys), held, keyless)


def check(home: Home, say: Callable[[str], None]) -> bool:
    """Say what is to be mended in the files, or what holds; tell whether they can be used."""
    try:
        configuration = load(home)
    except ConfigurationRefusedError as refused:
        for problem in refused.problems:
            say(str(problem))
        say(f"{len(refused.problems)} to mend in {home.config}")
        with suppress(ConfigurationRefusedError):
            read_or_held(home)
            say("Until then the daemon goes on, and a restart too, with what was last in force.")
        return False
    for line in outlook(home, configuration).told():
        say(line)
    return True


def read_or_held(home: Home, environ: Mapping[str, str] = os.environ) -> Configuration:
    """Read the files, or, where they are broken, what was last in force; raise `ConfigurationRefusedError`.

    Refused are broken files of a home in which nothing has been in force yet. A key that cannot be had breaks nothing
    where its account is held.
    """
    record = kept_record(home)
    held = record.venues.get(record.venue, {})
    try:
        found = load_what_is_there(home, environ=environ)
        missing = [problem for one, problem in found.keyless.items() if one not in held]
        if not missing:
            return found
        refused = ConfigurationRefusedError(missing)
    except ConfigurationRefusedError as error:
        refused = error
    if not held:
        raise refused
    try:
        last = read_general(record.general, vault=SecretVault(home), environ=environ, broken=refused.problems)
    except (KeyError, TypeError, ValueError):
        raise refused from None  # an earlier version kept less
    return replace(last, still_named=named_accounts(home, environ=environ))


def port_of(home: Home) -> int:
    """Find where the daemon of a home listens, also where either copy of what is held cannot be read."""
    return local_api_port(home, kept=lambda: kept_record(home).general)


def is_port_known(home: Home) -> bool:
    """Tell whether that is written or kept anywhere, and no guess."""
    return known_port(home, kept=lambda: kept_record(home).general) is not None


def kept_record(home: Home) -> Record:
    """Read the better copy of what is held, and change nothing."""
    key = seal_key(home)
    stored = None
    try:
        with stored_state(home.database) as state:
            text = state.commitments()
        stored = None if text is None else read_record(text, key)
    except (StoreUnavailableError, SchemaTooNewError):
        pass  # the other copy tells
    best = better(read_file(home), stored)
    return Record() if best is None else best.record
