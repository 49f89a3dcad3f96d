"""Whatever is sent to the local API: every request has an answer or the door, and the next visitor is served."""

import asyncio
import contextlib
import json

import aiohttp
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.examples import ANYTHING, damaged, fuzzed
from tests.local_api.canned import RawListener, raw_listener, serving
from tests.patience import patience

LOGIN = {"type": "login", "password": "open sesame", "id": 1}
COMMAND = {"type": "command", "token": "none", "command": "lock_now", "account_id": 1, "id": 2}
REQUESTS = st.one_of(
    damaged(LOGIN).map(json.dumps), damaged(COMMAND).map(json.dumps), ANYTHING.map(json.dumps), st.text(max_size=50)
)
FRAMES = st.one_of(REQUESTS, REQUESTS, st.binary(max_size=50))


async def _visit(frames: list[str | bytes]) -> None:
    async with serving() as server:
        async with raw_listener(server.port) as rude:
            await rude.next()
            for frame in frames:
                if await _say(rude, frame) is None:
                    break
        async with raw_listener(server.port) as polite:
            assert (await polite.next())["type"] == "snapshot"
            answer = await polite.ask(json.dumps(COMMAND))
            assert answer["type"] == "result"
            assert answer["ok"] is False, "without a login nothing is commanded"


async def _say(visitor: RawListener, frame: str | bytes) -> object:
    """Send one frame; return its answer, or None where the visitor was shown the door."""
    with contextlib.suppress(ConnectionError):
        if isinstance(frame, bytes):
            await visitor.ws.send_bytes(frame)
        else:
            await visitor.ws.send_str(frame.encode("utf-8", errors="replace").decode())
    async with asyncio.timeout(patience(20)):
        told = await visitor.ws.receive()
    if told.type is not aiohttp.WSMsgType.TEXT:
        return None
    answer = json.loads(told.data)
    assert answer["type"] in {"result", "session"}
    return answer


def _is_slow(frame: str | bytes) -> bool:
    """A wrong password is answered slowly, on purpose: not here."""
    return isinstance(frame, str) and '"type": "login"' in frame and "open sesame" not in frame


@fuzzed
@given(st.lists(FRAMES.filter(lambda frame: not _is_slow(frame)), min_size=1, max_size=4))
def test_every_request_has_an_answer_or_the_door_and_the_next_visitor_is_served(frames: list[str | bytes]) -> None:
    asyncio.run(_visit(frames))
