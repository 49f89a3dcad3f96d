"""One plan being carried out: what it asked of the venue, and how long that took."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from risk_manager.core.decisions import Plan
from risk_manager.daemon.enforcement.goals import Goals, Reading


class Stage(Enum):
    """Where a plan stands: sent, proven by the venue's own lists, or not to be had for now."""

    STARTED = "started"
    PROVEN = "proven"
    FAILED = "failed"


@dataclass(slots=True)
class Case:
    """A plan with its own part of the account's goals. Instants are monotonic seconds."""

    case_id: str
    plan: Plan
    goals: Goals
    received_at: float
    began_at: float
    first_request_at: float | None = None
    proven_at: float | None = None
    alarmed: str = ""
    past_limit: Decimal | None = None
    """Dollars lost beyond the limit, at the proof."""

    def is_reached(self, left: Goals) -> bool:
        """Tell whether nothing of it is left among the account's goals."""
        mine = self.goals
        if mine.every_position or mine.every_order:
            return False
        return not (
            mine.targets.keys() & left.targets.keys()
            or mine.cancels & left.cancels
            or mine.sizes.keys() & left.sizes.keys()
        )

    def name_everything(self, reading: Reading) -> None:
        """Put names to "every" by a reading that is younger than the plan."""
        if reading.sent_at >= self.began_at:
            self.goals = self.goals.named(reading).settled()

    @property
    def first_request_ms(self) -> float | None:
        """Milliseconds from the event to the first request."""
        return None if self.first_request_at is None else (self.first_request_at - self.received_at) * 1000

    @property
    def proven_ms(self) -> float | None:
        """Milliseconds from the event to the proof."""
        return None if self.proven_at is None else (self.proven_at - self.received_at) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A case at a stage, for the store and for people."""

    case: Case
    stage: Stage
    detail: str = ""


@dataclass(slots=True)
class Cases:
    """The open cases of one account."""

    open: list[Case] = field(default_factory=list)

    def go_on(self, plan: Plan, goals: Goals) -> bool:
        """Let a case that failed go on under a plan that wants the same again; False where there is none."""
        for case in self.open:
            if case.alarmed and case.goals.covers(goals):
                case.plan = plan
                return True
        return False

    def note_requests(self, sent_at: float | None) -> None:
        """Note when requests left (None: there were none): the first ones for a case that had sent none."""
        if sent_at is not None:
            for case in self.open:
                case.first_request_at = case.first_request_at or sent_at

    def take_reached(self, left: Goals, now: float) -> list[Case]:
        """Remove and return the cases that are proven, as of now."""
        reached = [case for case in self.open if case.is_reached(left)]
        for case in reached:
            case.proven_at = now
            self.open.remove(case)
        return reached
