"""What a listener may ask of the daemon, and what it is answered."""

from typing import Any, Final

import msgspec

WITHOUT_TOKEN: Final = frozenset({"voluntary_lock"})
"""Commands that anybody on this machine may give: they can weaken nothing."""


class Login(msgspec.Struct, frozen=True, kw_only=True, tag="login"):
    """Ask for a session with the admin's password."""

    password: str
    id: int | str | None = None


class Command(msgspec.Struct, frozen=True, kw_only=True, tag="command"):
    """Ask the daemon to do something: `reload`, `clear_lockout`, `lock_now`, `set_mode`, `health`, `voluntary_lock`.

    Only `voluntary_lock` needs no token: all that it can do is to tighten.
    """

    token: str = ""
    command: str
    id: int | str | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True, tag="session"):
    """A login that was accepted; the token holds for `expires_in` seconds."""

    token: str
    expires_in: float
    id: int | str | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True, tag="result"):
    """What became of a command, in words for the one who gave it; `data` where it asked for numbers."""

    ok: bool
    message: str
    data: dict[str, Any] | None = None
    id: int | str | None = None
