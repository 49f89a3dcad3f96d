"""What an account is held to, and the changes that wait to loosen it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from risk_manager.config.login_terms import NOBODY, TOPSTEPX, Addresses, Login
from risk_manager.core.policy import Policy

ACCOUNT = "account"
"""The name of the change that takes an account off the list, or pauses it."""


LOGIN, GATEWAY = "login", "gateway"
"""The names of the changes to another login, and to another venue."""


class LoosenAfter(Enum):
    """When what is looser comes into force, where that is no plain length of time."""

    NEXT_RESET = "next_reset"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Route:
    """What an account is called; `key` names its API key (`secret:NAME`, `env:NAME`), empty for one in the clear."""

    nickname: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that an account is held to; `route` alone is no limit, and is always the newest."""

    policy: Policy
    admin_may_clear: bool = True
    loosen_after: LoosenAfter | timedelta = LoosenAfter.NEXT_RESET
    poll_every: timedelta = timedelta(seconds=5)
    slow_poll_every: timedelta = timedelta(seconds=30)
    login: Login = NOBODY
    gateway: Addresses = TOPSTEPX
    route: Route = Route()


@dataclass(frozen=True, slots=True)
class Change:
    """A wish to loosen: the setting (`daily_realized_loss.loss_limit`) with its old and its new value as text."""

    what: str
    old: str
    new: str

    def __str__(self) -> str:
        """Tell it in words."""
        return f"{self.what} {self.old} → {self.new}"


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that waits: since when, and until when; both None while the venue has not told the time."""

    change: Change
    since: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What holds for an account now, what waits, and what was cancelled though the files still ask for it.

    `is_proven`: the venue has taken the login, and listed the account for it. Before, login and venue hold nobody: a
    slip of the first set-up is mended at once.
    """

    terms: Terms
    pending: tuple[Pending, ...] = ()
    cancelled: tuple[Change, ...] = ()
    is_proven: bool = False


IsGranted = Callable[[Change], bool]
"""Tells whether a change that loosens may come into force."""
