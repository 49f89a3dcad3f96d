"""Who may give commands: logins with the admin's password, tokens for ten minutes, guesses slowed down."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable

LIFETIME = 600.0
"""Seconds that a token holds."""
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
NOT_SET = "no admin password is set: set one with risk-manager admin password"
_MOST_SESSIONS = 32
_LONGEST_PASSWORD = 72  # bytes; bcrypt reads no further


class LoginRefused(Exception):  # noqa: N818  an answer, not a fault
    """A login that was not accepted; the text says why, in words."""


class Sessions:
    """Tokens and guesses of one daemon.

    `check_password` compares with the stored hash in constant time; it runs in a thread, one at a time. None:
    no password is set, nobody can log in. `monotonic` is in seconds.
    """

    def __init__(self, *, check_password: Callable[[str], bool] | None, monotonic: Callable[[], float]) -> None:
        self._check_password = check_password
        self._monotonic = monotonic
        self._ends: dict[bytes, float] = {}
        self._wrong = 0
        self._next_guess = float("-inf")
        self._checking = asyncio.Lock()

    async def log_in(self, password: str) -> str:
        """Exchange the password for a token.

        Raises:
            LoginRefused: it is wrong, comes too soon after a wrong one, or none is set.
        """
        if self._check_password is None:
            raise LoginRefused(NOT_SET)
        async with self._checking:
            wait = self._next_guess - self._monotonic()
            if wait > 0:
                raise LoginRefused(f"too many wrong passwords: try again in {wait:.0f} s" if wait >= 1 else "try again")
            if not await self._is_right(password, self._check_password):
                self._punish()
                raise LoginRefused("wrong password")
            self._wrong = 0
            return self._new_token()

    def holds(self, token: str) -> bool:
        """Tell whether a token was given out and still holds."""
        end = self._ends.get(_digest(token))
        return end is not None and self._monotonic() < end

    async def _is_right(self, password: str, check: Callable[[str], bool]) -> bool:
        try:
            length = len(password.encode())
        except UnicodeEncodeError:  # half a character, as JSON's \u escapes can write it
            return False
        if not 0 < length <= _LONGEST_PASSWORD:
            return False
        return await asyncio.to_thread(check, password)

    def _punish(self) -> None:
        wait = min(FIRST_WAIT * 2**self._wrong, LONGEST_WAIT)
        self._wrong = min(self._wrong + 1, 10)
        self._next_guess = self._monotonic() + wait

    def _new_token(self) -> str:
        now = self._monotonic()
        self._ends = {digest: end for digest, end in self._ends.items() if now < end}
        while len(self._ends) >= _MOST_SESSIONS:
            del self._ends[next(iter(self._ends))]
        token = secrets.token_urlsafe(32)
        self._ends[_digest(token)] = now + LIFETIME
        return token


def _digest(token: str) -> bytes:
    """Tokens are found by their hash, so that the time of a look-up tells nothing about them."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
