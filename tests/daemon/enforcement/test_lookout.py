import asyncio
from collections.abc import Awaitable, Callable

from risk_manager.daemon.enforcement.goals import Goals
from risk_manager.daemon.enforcement.lookout import FIRST_LOOK, UNCLEAR_LOOK, UNREAD_LOOK, Lookout
from risk_manager.daemon.enforcement.pursuit import Pursuit
from risk_manager.daemon.enforcement.refusals import SLOWEST_LOOK, Refusals
from risk_manager.gateway.port import Answer
from tests.daemon.enforcement.test_pursuit import seen
from tests.daemon.fake_venue import ACCEPTED, ES, UNCLEAR
from tests.daemon.virtual_time import LoopClock, in_virtual_time


def look(answer: Answer, scene: Callable[[Lookout], Awaitable[None]]) -> None:
    async def play() -> None:
        pursuit, now = Pursuit(), asyncio.get_running_loop().time()
        for request in pursuit.want(Goals(targets={ES: 0}), seen(5, at=now)):
            pursuit.answered(request, answer, now)
        await scene(Lookout(pursuit, Refusals(pursuit), LoopClock()))

    in_virtual_time(play())


async def seconds_of(lookout: Lookout) -> float:
    began = asyncio.get_running_loop().time()
    await lookout.wait()
    return round(asyncio.get_running_loop().time() - began, 3)


def test_looks_come_soon_after_the_answer_and_more_rarely_while_nothing_moves() -> None:
    async def scene(lookout: Lookout) -> None:
        waits = []
        for _ in range(11):
            waits.append(await seconds_of(lookout))
            lookout.looked(moved=False, was_read=True)
        assert waits[:3] == [FIRST_LOOK, 0.04, 0.08]
        assert waits[-1] == SLOWEST_LOOK
        lookout.looked(moved=True, was_read=True)
        assert await seconds_of(lookout) == FIRST_LOOK

    look(ACCEPTED, scene)


def test_a_rest_that_does_not_tell_is_asked_again_within_two_seconds() -> None:
    async def scene(lookout: Lookout) -> None:
        for _ in range(11):
            lookout.looked(moved=False, was_read=False)
        assert await seconds_of(lookout) == UNREAD_LOOK

    look(ACCEPTED, scene)


def test_after_an_answer_that_told_nothing_the_last_look_is_when_the_next_attempt_is_due() -> None:
    async def scene(lookout: Lookout) -> None:
        assert await seconds_of(lookout) == UNCLEAR_LOOK
        lookout.looked(moved=False, was_read=True)
        await asyncio.sleep(0.6)
        assert await seconds_of(lookout) == 0.15

    look(UNCLEAR, scene)


def test_an_attempt_that_fell_due_while_a_slow_reading_was_on_its_way_is_not_put_off() -> None:
    async def scene(lookout: Lookout) -> None:
        for _ in range(3):
            await lookout.wait()
            lookout.looked(moved=False, was_read=True)
        await asyncio.sleep(2)
        assert await seconds_of(lookout) == FIRST_LOOK
        for _ in range(4):
            lookout.looked(moved=False, was_read=True)
        assert await seconds_of(lookout) > 1, "that one would have allowed it"

    look(UNCLEAR, scene)


def test_a_word_of_the_stream_ends_the_wait() -> None:
    async def scene(lookout: Lookout) -> None:
        for _ in range(11):
            lookout.looked(moved=False, was_read=True)
        asyncio.get_running_loop().call_later(0.5, lookout.wake)
        assert await seconds_of(lookout) == 0.5

    look(ACCEPTED, scene)
