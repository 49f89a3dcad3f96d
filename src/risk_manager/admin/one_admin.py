"""One admin at a time: whoever changes a home has it for himself meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from risk_manager.config.files import Home
from risk_manager.store.daemon_lock import HomeInUseError, hold


class AnotherAdminError(Exception):
    """Somebody else changes this home at this moment."""

    def __init__(self) -> None:
        super().__init__("another admin writes at this moment: nothing was changed; try again")


@contextmanager
def one_admin(home: Home) -> Iterator[None]:
    """Change a home; raise `AnotherAdminError` where somebody else does."""
    try:
        turn = hold(home.data / "admin_edit.lock")
    except HomeInUseError:
        raise AnotherAdminError from None
    try:
        yield
    finally:
        turn.release()
