"""Logins of the venue's users: who is behind a token, and until when."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count


@dataclass(slots=True)
class Session:
    """One token; `caller` names its user in the venue's own spelling."""

    token: str
    caller: str
    expires_at: datetime
    is_revoked: bool = False

    def is_valid(self, now: datetime) -> bool:
        """Whether requests pass with it."""
        return not self.is_revoked and now < self.expires_at


class Sessions:
    """All tokens ever given out."""

    def __init__(self, users: dict[str, str], *, seed: int) -> None:
        self._users = {name.lower(): (name, key) for name, key in users.items()}
        self._secret = f"venue-{seed}".encode()
        self._by_token: dict[str, Session] = {}
        self._numbers = count(1)

    @property
    def users(self) -> list[str]:
        """The names of all users."""
        return [name for name, _ in self._users.values()]

    def user(self, name: str) -> tuple[str, str] | None:
        """A user's name and key, whatever the case of the letters; None when there is none."""
        return self._users.get(name.lower())

    def open(self, caller: str, *, now: datetime, lifetime: float) -> Session:
        """A new token, in the form of a JWT."""
        expires_at = now + timedelta(seconds=lifetime)
        head = _part({"alg": "HS256", "typ": "JWT"})
        claims = _part({"sub": caller, "jti": next(self._numbers), "exp": int(expires_at.timestamp())})
        signature = hmac.digest(self._secret, f"{head}.{claims}".encode(), "sha256")
        token = f"{head}.{claims}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
        session = self._by_token[token] = Session(token, caller, expires_at)
        return session

    def find(self, token: str | None) -> Session | None:
        """The session of a token, valid or not; None when the venue never gave it out."""
        return self._by_token.get(token) if token is not None else None

    def revoke_all(self, caller: str | None = None) -> None:
        """End every session, or those of one user."""
        for session in self._by_token.values():
            if caller is None or session.caller == caller:
                session.is_revoked = True

    def expire_all(self, now: datetime) -> None:
        """Let every token run out at once."""
        for session in self._by_token.values():
            session.expires_at = min(session.expires_at, now)


def _part(claims: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
