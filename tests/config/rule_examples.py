"""Rules of our own, so that the tests of the configuration do not hang on any real one."""

from collections.abc import Sequence
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from risk_manager.core.decisions import Decision
from risk_manager.core.events import ClockTicked, Event
from risk_manager.core.model.duration import Duration
from risk_manager.core.rule import Lockout, LockoutEnd, PositiveCount, PositiveDollars, Root, Rule

if TYPE_CHECKING:
    from risk_manager.core.state.account import AccountState


class Counting(Enum):
    NET = "net"
    GROSS = "gross"


class Step(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    loss_amount: PositiveDollars
    cooldown: Duration = timedelta(minutes=5)


class Silent(Rule):
    triggers: ClassVar[tuple[type[Event], ...]] = (ClockTicked,)
    codes: ClassVar[tuple[str, ...]] = ()

    def evaluate(self, state: "AccountState", event: Event) -> Sequence[Decision]:
        del state, event
        return ()


class SizeLimit(Silent):
    name: ClassVar[str] = "size_limit"

    limit: PositiveCount
    count_type: Counting = Counting.NET
    lockout: Lockout = LockoutEnd.NONE


class RootLimits(Silent):
    name: ClassVar[str] = "root_limits"

    limits: dict[Root, Annotated[int, Field(ge=0, strict=True)]]


class LossSteps(Silent):
    name: ClassVar[str] = "loss_steps"

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    loss_limit: PositiveDollars | None = None


class Hours(Silent):
    name: ClassVar[str] = "session_block_outside"

    start: str = "09:30"


KNOWN: tuple[type[Rule], ...] = (SizeLimit, RootLimits, LossSteps, Hours)
