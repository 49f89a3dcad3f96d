import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from risk_manager.alerts.alert import Alert
from risk_manager.core.events import Feed, FeedLost, LockCleared, LockRequested, TradeReported
from risk_manager.daemon.life import Life
from risk_manager.daemon.telling.alerting import Alerting
from risk_manager.gateway.errors import GatewayUnavailable
from tests.daemon.fake_venue import ACCOUNT, ES, REFUSED
from tests.daemon.stage import Stage, home_with, loss, play
from tests.daemon.virtual_time import LoopClock


class Heard:
    """People who are told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.closed = False
        self.breaks = False

    @property
    def titles(self) -> list[str]:
        return [alert.title for alert in self.alerts]

    def deliver(self, alert: Alert) -> None:
        if self.breaks:
            raise RuntimeError("broken")
        self.alerts.append(alert)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        self.closed = True


def played(
    folder: Path,
    scene: Callable[[Stage, Heard], Awaitable[None]],
    *,
    rules: str | None = None,
    heard: Heard | None = None,
) -> Heard:
    people = heard or Heard()

    async def run(stage: Stage) -> None:
        daemon = stage.daemon
        daemon.alerting = Alerting(
            stage.configuration, mail=people, life=Life(stage.database, clock=stage.clock), clock=stage.clock
        )
        daemon.alerting.watch(daemon.pipeline.state)
        await stage.live()
        await scene(stage, people)

    home = home_with(folder) if rules is None else home_with(folder, rules=rules)
    play(home, run)
    return people


def test_a_breach_is_told_after_its_requests_have_left(tmp_path: Path) -> None:
    async def scene(stage: Stage, people: Heard) -> None:
        before = len(people.alerts)
        stage.says(5)
        assert len(people.alerts) == before
        await stage.until(lambda: len(people.alerts) > before)
        assert stage.venue.words() == [f"close {ES}"]

    people = played(tmp_path, scene)
    assert people.titles == ["Risk manager: up", "N7: max contracts breached", "Risk manager: stopped"]
    assert "5, limit 3" in people.alerts[1].text
    assert people.closed


def test_a_lock_and_its_end_are_told_with_the_cause(tmp_path: Path) -> None:
    async def scene(stage: Stage, people: Heard) -> None:
        now = LoopClock().now()
        stage.venue.deliver(TradeReported(at=now, trade=loss(300)))
        await stage.until(lambda: "N7: account locked" in people.titles)
        stage.daemon.pipeline.post(LockCleared(at=now, account_id=ACCOUNT, rule="daily_realized_loss"))
        await stage.until(lambda: "N7: account unlocked" in people.titles)
        until = LoopClock().now() + timedelta(seconds=30)
        stage.daemon.pipeline.post(LockRequested(at=LoopClock().now(), account_id=ACCOUNT, until=until))
        await stage.until(lambda: people.titles.count("N7: account unlocked") == 2)

    people = played(tmp_path, scene)
    ends = [alert.text for alert in people.alerts if alert.title == "N7: account unlocked"]
    assert "an admin ended it" in ends[0]
    assert "its time is over" in ends[1]


def test_a_lock_that_is_lengthened_is_told_with_its_new_end(tmp_path: Path) -> None:
    def lock(stage: Stage, minutes: int) -> None:
        now = LoopClock().now()
        stage.daemon.pipeline.post(LockRequested(at=now, account_id=ACCOUNT, until=now + timedelta(minutes=minutes)))

    async def scene(stage: Stage, people: Heard) -> None:
        lock(stage, 30)
        await stage.until(lambda: people.titles.count("N7: account locked") == 1)
        lock(stage, 150)
        await stage.until(lambda: people.titles.count("N7: account locked") == 2)

    people = played(tmp_path, scene)
    first, second = (alert.text for alert in people.alerts if alert.title == "N7: account locked")
    assert first != second


def test_a_lock_of_an_earlier_life_is_not_told_again(tmp_path: Path) -> None:
    async def lock(stage: Stage, people: Heard) -> None:
        stage.venue.deliver(TradeReported(at=LoopClock().now(), trade=loss(300)))
        await stage.until(lambda: "N7: account locked" in people.titles)

    async def look(stage: Stage, _: Heard) -> None:
        await stage.until(lambda: stage.locks() != [])
        await asyncio.sleep(5)

    played(tmp_path, lock)
    people = played(tmp_path, look)
    assert "N7: account locked" not in people.titles
    assert people.alerts[0].title == "Risk manager: up again"


def test_an_enforcement_that_fails_is_told_and_its_success_after_all(tmp_path: Path) -> None:
    async def scene(stage: Stage, people: Heard) -> None:
        stage.venue.script.append(REFUSED)
        stage.says(5)
        await stage.until(lambda: any("failed" in title for title in people.titles))
        await stage.until(lambda: "N7: enforced after all" in people.titles, 600)

    people = played(tmp_path, scene)
    (failed,) = [alert for alert in people.alerts if "failed" in alert.title]
    assert "outside trading hours" in failed.text


def test_blindness_with_exposure_is_told_and_that_it_is_over(tmp_path: Path) -> None:
    async def scene(stage: Stage, people: Heard) -> None:
        stage.says(1)
        stage.venue.rest_is_down = GatewayUnavailable("away")
        stage.venue.deliver(FeedLost(at=LoopClock().now(), feed=Feed.USER))
        await stage.until(lambda: "N7: Blind with exposure" in people.titles)
        stage.venue.rest_is_down = None
        await stage.until(lambda: "N7: can be seen again" in people.titles)

    played(tmp_path, scene)


def test_after_a_crash_the_next_start_says_since_when(tmp_path: Path) -> None:

    async def scene(stage: Stage, _: Heard) -> None:
        await asyncio.sleep(100)
        life = Life(stage.database, clock=stage.clock)
        stage.daemon.alerting = Alerting(stage.configuration, mail=None, life=life, clock=stage.clock)

    played(tmp_path, scene)

    async def nothing(_: Stage, __: Heard) -> None:
        await asyncio.sleep(1)

    people = played(tmp_path, nothing)
    assert people.alerts[0].title == "Risk manager: was down, is up again"
    assert "last heard of at 2026-08-20 14:01:30 UTC" in people.alerts[0].text


def test_people_who_cannot_be_told_stop_nothing(tmp_path: Path) -> None:
    heard = Heard()
    heard.breaks = True

    async def scene(stage: Stage, _: Heard) -> None:
        stage.says(5)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    played(tmp_path, scene, heard=heard)


def test_a_sleep_of_the_machine_and_an_alarm_of_another_part_are_told(tmp_path: Path) -> None:
    async def scene(stage: Stage, people: Heard) -> None:
        stage.daemon.alerting.slept(90)
        stage.daemon.alarm("STREAM_REFUSED", "the venue does not want us")
        stage.daemon.alarm("RULE_BROKE", "it broke", ACCOUNT)
        await stage.until(lambda: len(people.alerts) >= 4)

    people = played(tmp_path, scene)
    assert people.titles[1:4] == [
        "Risk manager: was asleep, is awake again",
        "Risk manager: Stream refused",
        "N7: Rule broke",
    ]
    assert [alert.kind.value for alert in people.alerts[1:4]] == ["daemon", "daemon", "failed"]
