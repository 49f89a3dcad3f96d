"""Verdicts: what one rule wants done and why, and the plan that is left when all of them are settled."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from risk_manager.core.actions import Action

Measure = Decimal | int | None
"""Dollars, or a count; None where nothing is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One rule's verdict.

    `subject` tells breaches of one rule apart (a contract, a root, an order; empty for the account): a breach
    that is being enforced is not decided again. `severity` is what must grow before a breach that an admin has
    cleared is decided again; None: `measured`. `since` is when the fill that led to it was made, where it was one
    that may be learned late. `breach` is False for deeds that answer no breach (RULE-012, an unlock, a warning).
    `anew` is True where a lock is due once more, whatever is under way for an earlier time (the end of a session).
    """

    rule: str
    code: str
    actions: tuple[Action, ...]
    subject: str = ""
    measured: Measure = None
    limit: Measure = None
    severity: Measure = None
    since: datetime | None = None
    breach: bool = True
    anew: bool = False
    shadow: bool = False

    @property
    def reason(self) -> str:
        """The reason code with its evidence: `DAILY_REALIZED_LOSS_REACHED measured=512.50 limit=500`."""
        if self.measured is None:
            return self.code
        limit = "" if self.limit is None else f" limit={self.limit}"
        return f"{self.code} measured={self.measured}{limit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that is to be done for one account at one instant, and every decision that led to it.

    With `shadow` it is journaled and shown, and nothing of it is done.
    """

    at: datetime
    account_id: int
    decisions: tuple[Decision, ...]
    actions: tuple[Action, ...]
    shadow: bool = False
