import pytest

from tests.simulator.client import ACCOUNT, at_the_venue


async def test_suspended_children_are_hidden_from_search_open_and_shown_by_the_query() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place(type_=1, limitPrice=23400, stopLossBracket={"ticks": -20, "type": 4}, customTag="in")
        await hub.event("GatewayUserOrder", lambda event: event["data"]["status"] == 1)
        shown = (await client.post("Order/searchOpen", {"accountId": ACCOUNT})).json["orders"]
        query = {"filter": {"accountId": ACCOUNT, "statuses": [1, 8]}, "sortDirection": 0}
        every = (await client.post("Order/v2/query", query)).json["orders"]
        assert [row["customTag"] for row in shown] == ["in"]
        assert [(row["customTag"], row["status"]) for row in every] == [("in-SL", 8), ("in", 1)]


async def test_the_query_pages_newest_first() -> None:
    async with at_the_venue() as client:
        ids = [(await client.place(type_=1, limitPrice=23400))["orderId"] for _ in range(3)]
        body = {"filter": {"accountId": ACCOUNT}, "pageSize": 2, "pageOffset": 1, "includeTotalCount": True}
        reply = (await client.post("Order/v2/query", body)).json
        assert [row["id"] for row in reply["orders"]] == [ids[1], ids[0]]
        assert reply["totalCount"] == 3


@pytest.mark.parametrize("paging", [{"pageSize": 0}, {"pageOffset": -1}, {"sortBy": 9}])
async def test_bad_paging_is_400(paging: dict[str, int]) -> None:
    async with at_the_venue() as client:
        reply = await client.post("Order/v2/query", {"filter": {"accountId": ACCOUNT}} | paging)
        assert (reply.status, reply.json["title"][:8]) == (400, "pageSize")


async def test_the_newer_order_endpoints_can_be_missing() -> None:
    async with at_the_venue(switches={"missing": "order_query"}) as client:
        assert (await client.post("Order/v2/query", {"filter": {"accountId": ACCOUNT}})).status == 404


async def test_a_reused_tag_fails_with_an_order_id_and_a_rejected_order() -> None:
    async with at_the_venue() as client:
        await client.place(customTag="once")
        again = await client.place(customTag="once")
        assert (again["success"], again["errorCode"]) == (False, 2)
        assert "already in use" in again["errorMessage"]
        found = await client.post("Order/searchById", {"accountId": ACCOUNT, "orderId": again["orderId"]})
        assert found.json["order"]["status"] == 5


async def test_a_null_in_a_modify_can_be_refused() -> None:
    async with at_the_venue() as client:
        order = (await client.place(type_=1, limitPrice=23400))["orderId"]
        body = {"accountId": ACCOUNT, "orderId": order, "size": 2, "limitPrice": None}
        assert (await client.post("Order/modify", body)).json["success"]
        await client.control("switches", modify_null_keeps=False)
        assert (await client.post("Order/modify", body)).json["errorCode"] == 3
        del body["limitPrice"]
        assert (await client.post("Order/modify", body)).json["success"]


async def test_the_offset_of_the_query_can_count_pages() -> None:
    async with at_the_venue(switches={"query_offset_counts_pages": True}) as client:
        ids = [(await client.place(type_=1, limitPrice=23400))["orderId"] for _ in range(3)]
        body = {"filter": {"accountId": ACCOUNT}, "pageSize": 2, "pageOffset": 1}
        assert [row["id"] for row in (await client.post("Order/v2/query", body)).json["orders"]] == [ids[0]]
