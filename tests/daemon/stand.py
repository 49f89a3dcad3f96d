"""An enforcer before a played venue, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable

from risk_manager.core.actions import Action
from risk_manager.core.decisions import Plan
from risk_manager.core.events import EnforcementFinished, Event
from risk_manager.core.model.contract import root_of_id
from risk_manager.daemon.enforcement.case import Report, Stage
from risk_manager.daemon.enforcement.enforcer import Enforcer
from risk_manager.daemon.enforcement.goals import Reading
from risk_manager.daemon.enforcement.own_orders import OwnOrders
from tests.daemon.fake_venue import ACCOUNT, FakeVenue
from tests.daemon.virtual_time import LoopClock, in_virtual_time, until


class Stand:
    """An enforcer before a played venue."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self.venue = FakeVenue()
        self.clock = LoopClock()
        self.posted: list[Event] = []
        self.reports: list[Report] = []
        self.alarms: list[tuple[str, str, int]] = []
        self.enforcer = Enforcer(
            ACCOUNT,
            venue=self.venue,
            tasks=tasks,
            clock=self.clock,
            own_orders=OwnOrders(),
            post=self.posted.append,
            report=self.reports.append,
            alarm=lambda *words: self.alarms.append(words),
        )

    def plan(self, *actions: Action) -> None:
        plan = Plan(at=self.clock.now(), account_id=ACCOUNT, decisions=(), actions=actions)
        seen = Reading(
            sent_at=self.clock.monotonic(),
            positions={one: self.venue.position(one) for one, net in self.venue.net.items() if net},
            orders=dict(self.venue.orders),
        )
        self.enforcer.begin(plan, seen=seen, root_of=root_of_id, received_at=self.clock.monotonic())

    async def until_proven(self, longest: float = 300) -> None:
        await until(lambda: not self.enforcer.is_under_way, longest)

    def stages(self) -> list[Stage]:
        return [report.stage for report in self.reports]

    def finished(self) -> list[EnforcementFinished]:
        return [event for event in self.posted if isinstance(event, EnforcementFinished) and event.ok]

    def failed(self) -> list[str | None]:
        events = (event for event in self.posted if isinstance(event, EnforcementFinished) and not event.ok)
        return [event.contract_id for event in events]

    def proven_after(self) -> float | None:
        """Milliseconds from the event to the proof."""
        return next((one.case.proven_ms for one in self.reports if one.stage is Stage.PROVEN), None)


def play(scene: Callable[[Stand], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            await scene(Stand(tasks))

    in_virtual_time(run())
