"""What a trader looks at: an account as it is known, at an instant, in a space."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from risk_manager.dashboard.known import Known
from risk_manager.dashboard.wording import zone_of
from risk_manager.local_api.messages import AccountStatus

WIDE = 120
"""Columns from which on there is room for two things side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look; `picked` is the row chosen in the history, the newest is 0."""

    known: Known
    account: AccountStatus
    now: datetime
    width: int
    height: int
    picked: int = 0

    @property
    def is_wide(self) -> bool:
        """Whether there is room for two columns."""
        return self.width >= WIDE - 4

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the account's trading day."""
        return zone_of(self.account.timezone)
