import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import pairwise

import pytest

from risk_manager.alerts.alert import Alert
from risk_manager.alerts.channels import Channel, Fate, Outcome, opened
from risk_manager.alerts.courier import HOPELESS_PAUSE, Courier
from risk_manager.alerts.outbox import Outbox
from risk_manager.config.alerts import AlertChannel
from tests.alerts.post_office import DictShelf, Service, Watch, alarm, running, webhook_at
from tests.daemon.virtual_time import LoopClock, in_virtual_time, until
from tests.patience import patience as guard

SOON = 0.01


class Notes(list[str]):
    """What was said of channels."""

    def __init__(self) -> None:
        self.said = asyncio.Event()

    def __call__(self, channel: str, outcome: Outcome) -> None:
        self.said.set()
        self.append(f"{channel} {outcome.fate.value} {outcome.detail}".strip())


@asynccontextmanager
async def courier_of(
    configured: Sequence[AlertChannel], shelf: DictShelf, *, notes: Notes | None = None, patience: float = 5.0
) -> AsyncIterator[Courier]:
    """A courier at work; at the end it is stopped as if the process had died."""
    outbox = Outbox(configured, shelf=shelf, now=Watch().now)
    channels = opened(configured, patience=patience)
    courier = Courier(outbox, channels, now=Watch().now, note=Notes() if notes is None else notes, first_pause=SOON)
    running = asyncio.create_task(courier.run())
    try:
        yield courier
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await courier.aclose(0)


async def test_alarms_arrive_in_order() -> None:
    async with running(Service()) as service, courier_of([webhook_at(service.url)], DictShelf()) as courier:
        for topic in "abc":
            courier.deliver(alarm(topic))
        await service.until(lambda: len(service.posts) == 3)
        assert service.titles == ["a", "b", "c"]


async def test_while_the_network_is_away_nothing_is_lost_and_all_arrives_in_order_when_it_is_back() -> None:
    service, notes = Service(), Notes()
    async with running(service):
        pass  # from now on its port is known, and refuses
    shelf = DictShelf()
    async with courier_of([webhook_at(service.url)], shelf, notes=notes) as courier:
        for topic in "abc":
            courier.deliver(alarm(topic))
        await asyncio.wait_for(notes.said.wait(), guard(5))
        async with running(service):
            await service.until(lambda: len(service.posts) == 3)
    assert service.titles == ["a", "b", "c"]
    assert [note.split()[1] for note in notes] == ["away", "taken"]
    assert service.url not in " ".join(notes)


async def test_what_the_network_did_not_take_is_told_after_a_restart() -> None:
    service, shelf = Service(), DictShelf()
    async with running(service):
        pass
    async with courier_of([webhook_at(service.url)], shelf) as courier:
        for topic in "abc":
            courier.deliver(alarm(topic))
    assert service.posts == []
    async with running(service), courier_of([webhook_at(service.url)], shelf) as courier:
        courier.deliver(alarm("d"))
        await service.until(lambda: len(service.posts) == 4)
    assert service.titles == ["a", "b", "c", "d"]
    waiting = {key for key in shelf.rows if key.startswith("entry")}
    assert waiting <= {"entry 000000000004"}  # whose answer may not have been heard before the end


async def test_a_service_that_does_not_answer_is_asked_again() -> None:
    service = Service(is_silent=True)
    async with running(service), courier_of([webhook_at(service.url)], DictShelf(), patience=0.05) as courier:
        courier.deliver(alarm("a"))
        async with service.heard:
            await asyncio.wait_for(service.heard.wait(), guard(5))
        service.is_silent = False
        await service.until(lambda: service.titles == ["a"])


async def test_a_service_in_trouble_is_asked_again_and_a_healthy_one_does_not_wait_for_it() -> None:
    async with running(Service(answers=[500, 503])) as ill, running(Service()) as well:
        channels = [webhook_at(ill.url, "ill"), webhook_at(well.url, "well")]
        async with courier_of(channels, DictShelf()) as courier:
            courier.deliver(alarm("a"))
            courier.deliver(alarm("b"))
            await well.until(lambda: well.titles == ["a", "b"])
            await ill.until(lambda: ill.titles == ["a", "b"])


async def test_a_message_that_a_service_minds_does_not_hold_up_the_next() -> None:
    async with running(Service(answers=[400])) as service:
        async with courier_of([webhook_at(service.url)], DictShelf()) as courier:
            courier.deliver(alarm("a"))
            courier.deliver(alarm("b"))
            await service.until(lambda: len(service.posts) == 2)
        assert service.titles == ["Risk manager alarm", "b"]


class Script:
    """A channel whose outcomes are written down."""

    name = "webhook"

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.at: list[float] = []
        self.told: list[str] = []

    async def send(self, alert: Alert) -> Outcome:
        self.at.append(asyncio.get_running_loop().time())
        outcome = self.outcomes.pop(0) if self.outcomes else Outcome(Fate.TAKEN)
        if outcome.fate is Fate.TAKEN:
            self.told.append(alert.title)
        return outcome

    async def aclose(self) -> None:
        self.told.append("closed")


def pauses_of(*outcomes: Outcome) -> list[float]:
    async def scene() -> list[float]:
        channel, clock = Script(*outcomes), LoopClock()
        outbox = Outbox([webhook_at("https://x")], shelf=DictShelf(), now=clock.now)
        courier = Courier(outbox, [channel], now=clock.now, note=Notes())
        running = asyncio.create_task(courier.run())
        courier.deliver(alarm("a"))
        await until(lambda: channel.told, 100_000)
        running.cancel()
        return [round(then - before) for before, then in pairwise(channel.at)]

    return in_virtual_time(scene())


def test_attempts_become_rarer_up_to_a_minute() -> None:
    assert pauses_of(*[Outcome(Fate.AWAY)] * 9) == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_service_is_left_alone_for_as_long_as_it_wants() -> None:
    assert pauses_of(Outcome(Fate.AWAY, "", 30.0)) == [30]


def test_a_service_that_minds_even_plain_words_is_asked_rarely() -> None:
    assert pauses_of(*[Outcome(Fate.REFUSED)] * 2) == [0, round(HOPELESS_PAUSE)]


def test_repetitions_are_told_when_their_time_has_come() -> None:
    async def scene() -> None:
        channel, clock = Script(), LoopClock()
        outbox = Outbox([webhook_at("https://x")], shelf=DictShelf(), now=clock.now)
        courier = Courier(outbox, [channel], now=clock.now, note=Notes())
        running = asyncio.create_task(courier.run())
        for _ in range(1000):
            courier.deliver(alarm("a"))
        await until(lambda: len(channel.told) == 2)
        assert round(channel.at[1] - channel.at[0]) == 60
        running.cancel()

    in_virtual_time(scene())


async def test_delivering_takes_no_turn_of_the_loop_and_sends_nothing_itself() -> None:
    channel = Script()
    turns = 0
    shelf = DictShelf()
    outbox = Outbox([webhook_at("https://x")], shelf=shelf, now=Watch().now)
    courier = Courier(outbox, [channel], now=Watch().now, note=Notes())

    def turn() -> None:
        nonlocal turns
        turns += 1

    asyncio.get_running_loop().call_soon(turn)
    assert not asyncio.iscoroutinefunction(courier.deliver)
    for number in range(100):
        courier.deliver(alarm(str(number)))
    assert turns == 0
    assert channel.at == []
    assert shelf.rows


@pytest.mark.parametrize("outcome", [Outcome(Fate.TAKEN), Outcome(Fate.AWAY)])
async def test_at_the_end_what_is_due_is_told_if_somebody_listens(outcome: Outcome) -> None:
    channel, shelf = Script(outcome), DictShelf()
    outbox = Outbox([replace(webhook_at("https://x"))], shelf=shelf, now=Watch().now)
    courier = Courier(outbox, [channel], now=Watch().now, note=Notes())
    courier.deliver(alarm("a"))
    await courier.aclose(5)
    assert channel.told == (["a", "closed"] if outcome.fate is Fate.TAKEN else ["closed"])
    assert len(outbox.waiting("webhook")) == (0 if outcome.fate is Fate.TAKEN else 1)


async def test_at_the_end_nobody_is_waited_for_longer_than_the_grace() -> None:
    async with running(Service(is_silent=True)) as service:
        configured = [webhook_at(service.url)]
        outbox = Outbox(configured, shelf=DictShelf(), now=Watch().now)
        channels: tuple[Channel, ...] = opened(configured)
        courier = Courier(outbox, channels, now=Watch().now, note=Notes())
        courier.deliver(alarm("a"))
        await courier.aclose(0.05)
        assert len(outbox.waiting("webhook")) == 1


async def test_at_the_end_also_what_waits_for_its_time_is_told() -> None:
    channel = Script()
    outbox = Outbox([webhook_at("https://x")], shelf=DictShelf(), now=Watch().now)
    courier = Courier(outbox, [channel], now=Watch().now, note=Notes())
    courier.deliver(alarm("stopped"))
    courier.deliver(alarm("stopped"))
    await courier.aclose(5)
    assert channel.told == ["stopped", "stopped", "closed"]
