"""The admin's password: its hash, and the one way to prove that one knows it."""

from datetime import datetime

from risk_manager.admin.guesses import Guesses
from risk_manager.admin.one_admin import AnotherAdminError, one_admin
from risk_manager.config.files import Home, write_privately
from risk_manager.store.daemon_lock import HomeInUseError, hold

SHORTEST, LONGEST = 8, 72
"""Bytes of UTF-8; bcrypt reads no further than the longest."""


class PasswordRefusedError(Exception):
    """A password that is wrong, cannot be one, or comes too soon; the message says which."""


def is_set(home: Home) -> bool:
    """Tell whether a password has been set."""
    return home.admin_password.exists()


def check_form(password: str) -> None:
    """Refuse what cannot be a password: raise `PasswordRefusedError`."""
    length = len(password.encode("utf-8", "replace"))
    if not SHORTEST <= length <= LONGEST or "\0" in password:
        raise PasswordRefusedError(
            f"a password has {SHORTEST} to {LONGEST} bytes (letters beyond English have several); this has {length}"
        )


def set_password(home: Home, password: str, *, rounds: int = 12) -> None:
    """Keep the hash of a new password (2 to the power of `rounds` steps); raise `PasswordRefusedError` or `OSError`."""
    import bcrypt  # noqa: PLC0415 - needed once in the life of a home

    check_form(password)
    home.create_folders()
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds)).decode()
    try:
        with one_admin(home):
            write_privately(home.admin_password, f"{hashed}\n")
    except AnotherAdminError as error:
        raise PasswordRefusedError(str(error)) from None


def prove(home: Home, password: str, *, now: datetime) -> None:
    """Compare with the stored hash; raise `PasswordRefusedError`. One guess at a time, over all processes."""
    guesses = Guesses(home.data / "admin_guesses.json")
    home.create_folders()
    try:
        turn = hold(home.data / "admin_guesses.lock")
    except HomeInUseError:
        raise PasswordRefusedError("another password is being checked at this moment; try again") from None
    try:
        wait = guesses.wait(now).total_seconds()
        if wait > 0:
            raise PasswordRefusedError(f"too many wrong passwords: try again in {max(wait, 1):.0f} s")
        guesses.begin(now)
        if not _fits(home, password):
            raise PasswordRefusedError("wrong password")
        guesses.succeeded()
    finally:
        turn.release()


def _fits(home: Home, password: str) -> bool:
    import bcrypt  # noqa: PLC0415 - as above

    given = password.encode("utf-8", "replace")
    is_possible = 0 < len(given) <= LONGEST and b"\0" not in given
    stored = home.admin_password.read_bytes().strip()
    try:
        return bcrypt.checkpw(given if is_possible else b"?", stored) and is_possible
    except ValueError:
        raise PasswordRefusedError(
            f"{home.admin_password} is damaged; restore it from a backup (risk-manager admin backup makes one)"
        ) from None
