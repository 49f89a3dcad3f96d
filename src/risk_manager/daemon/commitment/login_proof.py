"""Tries a login that the files ask for at the venue, before it takes the place of one that accounts are held to.

A key that has expired or was revoked must be replaceable at once. That nothing is loosened by it is shown by the venue
itself, at the address that is held: the same accounts, seen with the new key.
"""

import asyncio
from contextlib import suppress
from typing import NoReturn, Protocol

from risk_manager.daemon.commitment.candidates import Candidate
from risk_manager.daemon.commitment.commitments import Commitments
from risk_manager.daemon.event_log import EventLog
from risk_manager.gateway.errors import GatewayError, GatewayRefused

AGAIN = 60.0
"""Seconds after which is tried again what could not be tried."""

log = EventLog("daemon")


class Logins(Protocol):
    """What is known of logins, and can be found out."""

    async def listed_for(self, username: str, api_key: str) -> frozenset[int]:
        """Log in anew, and list the accounts of the login; raise `GatewayError`."""

    def is_refused(self, username: str) -> bool:
        """Tell whether the venue refuses a login that is in use."""


class LoginProof:
    """Keeps the keys of what is held, and tries what is asked for in its place."""

    def __init__(self, commitments: Commitments, logins: Logins) -> None:
        self._commitments = commitments
        self._logins = logins

    async def run(self) -> NoReturn:
        """Look whenever files or proofs have changed; the same login is tried again only where that may tell more."""
        seen = self._commitments.to_be_seen
        tried: set[Candidate] = set()
        while True:
            if seen.is_set():
                seen.clear()
                tried.clear()
                await self._commitments.keep_keys()
            candidates = set(self._commitments.candidates())
            for candidate in sorted(candidates - tried, key=str):
                if await self._try(candidate):
                    tried.add(candidate)
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN if candidates - tried else None):
                    await seen.wait()

    async def _try(self, candidate: Candidate) -> bool:
        """Try one; tell whether it is known now what comes of it."""
        held, login = candidate.held, candidate.login
        # another user may see an account and not be free to close what it holds: only where there is no other login
        if not candidate.is_new_key and not self._logins.is_refused(held.username):
            return False
        api_key = self._commitments.key_of(login)
        if api_key is None:
            return True
        kept = f"the new login {login} waits, and {held} stays"
        try:
            listed = await self._logins.listed_for(login.username, api_key)
        except GatewayRefused as error:
            self._commitments.trouble("LOGIN_KEPT", f"{kept}: {error}")
            return True
        except GatewayError as error:
            log.warning("login_not_tried", login=login.username, why=str(error))
            return False
        missing = sorted(candidate.account_ids - listed)
        if missing:
            names = ", ".join(map(str, missing))
            self._commitments.trouble("LOGIN_KEPT", f"{kept}: the venue does not show account {names} for it")
        else:
            self._commitments.accept(candidate)
        return True
