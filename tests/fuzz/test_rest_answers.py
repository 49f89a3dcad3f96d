"""Whatever the venue answers over REST: knowledge, or an error of the one tree; noise never means "done"."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_manager.gateway import verdicts
from risk_manager.gateway.errors import GatewayError, GatewayMisread
from risk_manager.gateway.http_reply import Reply, ReplyReader
from risk_manager.gateway.payloads import Envelope, read_envelope
from risk_manager.gateway.port import Urgency, Verdict
from risk_manager.gateway.reading import Reading
from risk_manager.gateway.rest import Rest
from tests.fuzz.examples import ANYTHING, damaged, fuzzed
from tests.fuzz.test_hub_frames import SOUND, STAMP

NOW = datetime(2026, 8, 19, 20, tzinfo=UTC)
CONTRACT = {
    "id": "CON.F.US.EP.U26",
    "name": "ESU6",
    "tickSize": 0.25,
    "tickValue": 12.5,
    "activeContract": True,
    "symbolId": "F.US.EP",
}
ROWS: dict[str, dict[str, Any]] = {
    "accounts": SOUND["GatewayUserAccount"],
    "contracts": CONTRACT,
    "positions": SOUND["GatewayUserPosition"],
    "orders": SOUND["GatewayUserOrder"],
    "trades": SOUND["GatewayUserTrade"],
    "bars": {"t": STAMP, "o": 1, "h": 2, "l": 1, "c": 1.25, "v": 3},
}
Question = Callable[[Reading], Awaitable[object]]
QUESTIONS: dict[str, tuple[str, Question]] = {
    "accounts": ("accounts", lambda reading: reading.accounts()),
    "contracts": ("contracts", lambda reading: reading.contracts()),
    "contract": ("contract", lambda reading: reading.contract("CON.F.US.EP.U26")),
    "positions": ("positions", lambda reading: reading.positions(11, Urgency.ROUTINE)),
    "working_orders": ("orders", lambda reading: reading.working_orders(11, Urgency.ROUTINE)),
    "orders_since": ("orders", lambda reading: reading.orders_since(11, NOW)),
    "trades": ("trades", lambda reading: reading.trades(11, NOW)),
    "last_price": ("bars", lambda reading: reading.last_price("CON.F.US.EP.U26")),
}


class OneAnswer:
    """A REST connection on which every request has the same answer."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.asked = 0

    async def read(self, path: str, body: object, *more: object, **named: object) -> Envelope:
        del path, body, more, named
        self.asked += 1
        assert self.asked < 1000, "it asks without end"
        return read_envelope(self._body)


@st.composite
def answers(draw: st.DrawFn, name: str) -> bytes:
    row = ROWS.get(name, CONTRACT)
    rows = st.lists(st.one_of(damaged(row), ANYTHING), max_size=3)
    envelope = {
        "success": True,
        "errorCode": 0,
        "errorMessage": None,
        name: [row],
        "contract": CONTRACT,
        "totalCount": 1,
    }
    said = draw(damaged(envelope))
    if draw(st.booleans()):
        said[name] = draw(rows)
    text = json.dumps(said).encode()
    return text if draw(st.integers(0, 9)) else text[: draw(st.integers(0, len(text)))]


@pytest.mark.parametrize("question", sorted(QUESTIONS))
@fuzzed
@given(data=st.data())
def test_every_question_ends_in_knowledge_or_in_an_error_of_the_tree(question: str, data: st.DataObject) -> None:
    name, ask = QUESTIONS[question]
    venue = OneAnswer(data.draw(answers(name)))
    reading = Reading(cast("Rest", venue), now=lambda: NOW, misread=lambda _excerpt, _reason: None)
    known: object = None
    with contextlib.suppress(GatewayError):
        known = asyncio.run(_wait(ask(reading)))
    assert not isinstance(known, Decimal) or known.is_finite()


async def _wait(answer: Awaitable[object]) -> object:
    return await answer


CHANGES = (verdicts.CLOSE, verdicts.REDUCE, verdicts.CANCEL, verdicts.MODIFY, verdicts.PLACE)
STATUSES = st.sampled_from([100, 200, 204, 301, 400, 401, 403, 404, 429, 500, 503, 599, 999])


@fuzzed
@given(st.sampled_from(CHANGES), STATUSES, st.one_of(answers("orderId"), st.binary(max_size=60)))
def test_a_change_is_accepted_only_by_a_200_that_says_so(change: verdicts.Change, status: int, body: bytes) -> None:
    answer = verdicts.answer_of(change, Reply(status=status, headers={}, body=body, keep_alive=True))
    if answer.verdict is Verdict.ACCEPTED:
        assert status == 200
        assert json.loads(body)["success"] in (True, "true", 1)


@fuzzed
@given(st.lists(st.binary(max_size=80), max_size=6))
def test_any_bytes_are_a_reply_or_no_http(chunks: list[bytes]) -> None:
    _feed(chunks)


HEADS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 204\r\n",
        b"HTTP/1.1 99999 X\r\n",
        b"Content-Length: 4\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"Content-Length: \xb2\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Date: Thu, 99 Foo 2026 25:61:61 GMT\r\n",
        b": nothing\r\n",
        b"X: \xff\xfe\r\n",
        b"\r\n",
        b"4\r\nabcd\r\n",
        b"ffffffffffff\r\n",
        b"-4\r\n",
        b"0\r\n\r\n",
        b"abcd",
    ]
)


@fuzzed
@given(st.lists(HEADS, max_size=8), st.integers(1, 40))
def test_pieces_of_http_in_any_order_are_a_reply_or_no_http(pieces: list[bytes], cut: int) -> None:
    text = b"".join(pieces)
    _feed([text[at : at + cut] for at in range(0, len(text), cut)])


def _feed(chunks: list[bytes]) -> None:
    reader = ReplyReader()
    with contextlib.suppress(GatewayMisread):
        for chunk in chunks:
            if reader.feed(chunk) is not None:
                return
        reader.end()
