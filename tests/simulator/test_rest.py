import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.client import ACCOUNT, Client, at_the_venue


async def test_a_business_failure_is_http_200_with_success_false() -> None:
    async with at_the_venue() as client:
        reply = await client.post("Order/cancel", {"accountId": ACCOUNT, "orderId": 1})
        assert reply.status == 200
        assert reply.json == {"success": False, "errorCode": 2, "errorMessage": None}


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
async def test_a_wrong_token_is_401_with_an_empty_body(token: str) -> None:
    async with at_the_venue() as client:
        reply = await client.post("Account/search", {"onlyActiveAccounts": True}, token=token)
        assert (reply.status, reply.text) == (401, "")


@pytest.mark.parametrize(
    "body", [{}, {"accountId": "1001"}, {"accountId": None}, {"accountId": 1.5}, b"", b"{", b"[]", b"null"]
)
async def test_a_bad_body_is_400_with_a_problem(body: object) -> None:
    async with at_the_venue() as client:
        reply = await client.post("Order/searchOpen", body)
        assert (reply.status, reply.headers["Content-Type"]) == (400, "application/problem+json")
        assert reply.json["status"] == 400
        assert reply.json["errors"]


async def test_a_string_enum_is_told_as_a_missing_request() -> None:
    async with at_the_venue() as client:
        body = {"accountId": ACCOUNT, "contractId": client.mnq, "type": "Market", "side": 0, "size": 1}
        reply = await client.post("Order/place", body)
        assert (reply.status, reply.json["errors"]["request"]) == (400, ["The request field is required."])


async def test_a_path_that_does_not_exist_is_404_and_another_method_405() -> None:
    async with at_the_venue() as client:
        assert (await client.post("Position/account/1001", {})).status == 404
        assert (await client.get("api/Account/search")).status == 405


async def test_ping_is_plain_text() -> None:
    async with at_the_venue() as client:
        assert (await client.get("api/Status/ping")).text == "pong"


async def test_unknown_properties_are_ignored() -> None:
    async with at_the_venue() as client:
        reply = await client.post("Order/searchOpen", {"accountId": ACCOUNT, "bogus": [1]})
        assert reply.json["orders"] == []


async def test_the_200th_request_of_a_minute_passes_and_the_201st_does_not() -> None:
    async with at_the_venue() as client:
        for _ in range(199):
            assert (await client.post("Account/search", {"onlyActiveAccounts": False})).status == 200
        assert (await client.post("Account/search", {"onlyActiveAccounts": False})).status == 429


async def test_bars_are_limited_to_50_in_30_seconds() -> None:
    async with at_the_venue(switches={"retry_after": 7}) as client:
        body = _bars(client, limit=1)
        statuses = [(await client.post("History/retrieveBars", body)).status for _ in range(51)]
        assert statuses == [200] * 50 + [429]
        assert (await client.post("History/retrieveBars", body)).headers["Retry-After"] == "7"


async def test_without_the_switch_nobody_is_limited() -> None:
    async with at_the_venue(switches={"rate_limit": False}) as client:
        body = _bars(client, limit=1)
        assert {(await client.post("History/retrieveBars", body)).status for _ in range(60)} == {200}


async def test_replies_can_say_text_plain() -> None:
    async with at_the_venue(switches={"text_plain": True}) as client:
        reply = await client.post("Account/search", {"onlyActiveAccounts": False})
        assert reply.headers["Content-Type"].startswith("text/plain")
        assert reply.json["success"]


async def test_rest_shows_nulls_and_short_instants() -> None:
    async with at_the_venue() as client:
        await client.place(type_=1, limitPrice=23400.5, customTag="rest")
        row = (await client.post("Order/search", _since_ever())).json["orders"][0]
        assert row["filledPrice"] is row["stopPrice"] is row["parentOrderId"] is None
        assert row["creationTimestamp"].endswith("+00:00")
        assert len(row["creationTimestamp"]) <= len("2026-01-01T00:00:00.123456+00:00")


async def test_numbers_are_exact_without_trailing_zeros() -> None:
    async with at_the_venue() as client:
        reply = await client.post("Contract/searchById", {"contractId": client.mnq})
        assert '"tickSize":0.25,"tickValue":0.5,' in reply.text
        yen = next(
            row
            for row in json.loads((await client.post("Contract/available", {"live": False})).text)["contracts"]
            if row["symbolId"] == "F.US.JY6"
        )
        assert Decimal(str(yen["tickSize"])) == Decimal("0.0000005")


async def test_an_ordered_status_comes_as_often_as_ordered() -> None:
    async with at_the_venue() as client:
        await client.control("faults/rest", endpoint="Order/place", status=503, times=2)
        body = {"accountId": ACCOUNT, "contractId": client.mnq, "type": 2, "side": 0, "size": 1}
        assert [(await client.post("Order/place", body)).status for _ in range(3)] == [503, 503, 200]
        assert len((await client.state())["orders"]) == 1


async def test_a_lost_reply_may_have_been_executed() -> None:
    async with at_the_venue() as client:
        await client.control("faults/rest", endpoint="Order/place", status=500, executes=True)
        body = {"accountId": ACCOUNT, "contractId": client.mnq, "type": 2, "side": 0, "size": 1}
        assert (await client.post("Order/place", body)).status == 500
        assert len((await client.state())["orders"]) == 1


async def test_an_ambiguous_number_can_be_ordered() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place()
        await hub.event("GatewayUserAccount")
        await client.control("faults/rest", endpoint="closeContract", code=6, executes=True)
        assert (await client.close())["errorCode"] == 6
        await hub.event("GatewayUserPosition", lambda event: event["action"] == 2)


async def test_a_rejected_close_leaves_a_rejected_order() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place(side=1)
        await hub.event("GatewayUserAccount")
        await client.control("faults/rest", endpoint="closeContract", code=5, leaves_rejected=True)
        assert (await client.close())["errorCode"] == 5
        event = await hub.event("GatewayUserOrder", lambda e: e["data"]["status"] == 5)
        assert (event["data"]["side"], event["data"]["type"]) == (0, 2)
        assert len((await client.state())["positions"]) == 1


async def test_events_can_overtake_the_reply() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.control("faults/rest", endpoint="Order/place", hold=30)
        placing = asyncio.ensure_future(client.place())
        await hub.event("GatewayUserOrder", lambda event: event["data"]["status"] == 2)
        assert not placing.done()
        placing.cancel()


async def test_a_request_may_never_be_answered() -> None:
    async with at_the_venue() as client:
        await client.control("faults/rest", endpoint="Account/search", hang=True)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.post("Account/search", {"onlyActiveAccounts": False})
        assert (await client.post("Account/search", {"onlyActiveAccounts": False})).status == 200


async def test_the_log_has_every_request_with_its_reply_and_no_secret() -> None:
    async with at_the_venue() as client:
        await client.place()
        requests, replies = await client.log("request"), await client.log("reply")
        assert [entry["path"] for entry in requests][-1] == "/api/Order/place"
        assert [reply["request"] for reply in replies] == [entry["number"] for entry in requests]
        assert all(entry["monotonic"] > 0 and entry["at"] for entry in requests + replies)
        assert client.venue.api_key not in json.dumps(requests)
        assert str(client.token) not in json.dumps(replies)


def _since_ever() -> dict[str, Any]:
    return {"accountId": ACCOUNT, "startTimestamp": "2020-01-01T00:00:00Z"}


def _bars(client: Client, *, limit: int) -> dict[str, Any]:
    return {
        "contractId": client.mnq, "live": False, "startTime": "2026-01-01T00:00:00Z",
        "endTime": "2099-01-01T00:00:00Z", "unit": 2, "unitNumber": 1, "limit": limit, "includePartialBar": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"accountId":1001,"contractId":"%s","type":1,"side":0,"size":1,"limitPrice":"NaN"}',
        b'{"accountId":1001,"contractId":"%s","type":1,"side":0,"size":1,"limitPrice":1e999999}',
    ],
)
async def test_a_hostile_body_is_400(body: bytes) -> None:
    async with at_the_venue() as client:
        reply = await client.post("Order/place", body.replace(b"%s", client.mnq.encode()))
        assert reply.status == 400
