"""What changes all the time, told on the beat."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec

from risk_manager.local_api.beat import Beat
from risk_manager.local_api.frames import Message
from risk_manager.local_api.listener import Listener
from tests.daemon.virtual_time import in_virtual_time
from tests.local_api.canned import quote


class Hearing:
    """One who listens at a pace, with what he was told and when, on a clock whose edges are not the loop's."""

    def __init__(self, pace: float) -> None:
        loop = asyncio.get_running_loop()
        self.began = loop.time()
        self.ahead = 0.3 - self.began
        self.told: list[tuple[float, str]] = []
        self.beat = Beat(pace, seconds=self.seconds)
        self.listener = Listener(self, most=10)
        self.beat.listeners.add(self.listener)

    def seconds(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead

    def send(self, frame: bytes) -> None:
        self.told.append((round(self.seconds(), 6), msgspec.json.decode(frame)["data"]["last"]))

    def cut(self) -> None:
        raise AssertionError("nobody is too slow here")

    def tell(self, key: str, last: str, every: float = 0.0) -> None:
        self.beat.tell(key, lambda: quote(last), every=every)


def play(pace: float, scene: Callable[[Hearing], Awaitable[None]]) -> None:
    async def run() -> None:
        await scene(Hearing(pace))

    in_virtual_time(run())


def test_all_is_told_in_one_go_just_past_the_edges_of_the_clock() -> None:
    async def scene(hearing: Hearing) -> None:
        hearing.tell("one", "1")
        await asyncio.sleep(0.1)
        hearing.tell("other", "2")
        await asyncio.sleep(0.4)
        hearing.tell("one", "3")
        await asyncio.sleep(0.5)

        assert hearing.told == [(0.52, "1"), (0.52, "2"), (1.02, "3")]

    play(0.5, scene)


def test_of_one_key_the_latest_is_told() -> None:
    async def scene(hearing: Hearing) -> None:
        for last in ("1", "2", "3"):
            hearing.tell("one", last)
        await asyncio.sleep(1)

        assert hearing.told == [(0.42, "3")]

    play(0.2, scene)


def test_what_may_be_told_less_often_waits_for_its_beat() -> None:
    async def scene(hearing: Hearing) -> None:
        for last in ("1", "2"):
            hearing.tell("rules", last, every=0.5)
            await asyncio.sleep(0.2)
        await asyncio.sleep(1)

        assert hearing.told == [(0.42, "1"), (1.02, "2")]

    play(0.2, scene)


def test_what_is_asked_for_while_the_beat_is_told_is_told_with_it() -> None:
    async def scene(hearing: Hearing) -> None:
        def make() -> Message:
            hearing.tell("rules", "2")
            return quote("1")

        hearing.beat.tell("price", make, every=0.0)
        await asyncio.sleep(0.5)

        assert hearing.told == [(0.42, "1"), (0.42, "2")]

    play(0.2, scene)


def test_a_clock_that_is_set_back_by_an_hour_or_creeps_holds_nothing_up() -> None:
    async def scene(hearing: Hearing) -> None:
        for ahead in (0.0, 0.003, -0.003, -3600.1, 3600.1):
            hearing.ahead += ahead
            hearing.tell("one", str(ahead))
            await asyncio.sleep(0.6)

        assert len(hearing.told) == 5

    play(0.5, scene)


def test_a_timer_that_comes_early_tells_no_beat_twice() -> None:
    async def scene(hearing: Hearing) -> None:
        hearing.tell("one", "1")
        await asyncio.sleep(0.219)
        hearing.beat._send(asyncio.get_running_loop().time() + 0.001)  # as on Windows, whose clock is coarse
        hearing.tell("one", "2")
        await asyncio.sleep(0.01)
        assert [last for _, last in hearing.told] == ["1"]
        await asyncio.sleep(0.5)
        assert [last for _, last in hearing.told] == ["1", "2"]

    play(0.5, scene)


def test_nothing_to_tell_is_not_told_and_none_who_has_gone_is_waited_for() -> None:
    async def scene(hearing: Hearing) -> None:
        hearing.beat.tell("nothing", lambda: None, every=0.0)
        await asyncio.sleep(0.5)
        hearing.tell("one", "1")
        hearing.beat.stop()
        made: list[str] = []
        hearing.beat.listeners.clear()
        hearing.beat.tell("one", partial(_note, made), every=0.0)
        await asyncio.sleep(1)

        assert hearing.told == []
        assert made == []

    play(0.2, scene)


def _note(made: list[str]) -> Message:
    made.append("made")
    return quote("1")
