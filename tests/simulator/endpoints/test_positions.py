from typing import Any

import pytest

from tests.simulator.client import ACCOUNT, at_the_venue


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("Order/searchOpen", "orders"),
        ("Order/search", "orders"),
        ("Position/searchOpen", "positions"),
        ("Trade/search", "trades"),
    ],
)
async def test_an_unknown_account_is_number_1_and_no_list(path: str, payload: str) -> None:
    async with at_the_venue() as client:
        reply = (await client.post(path, {"accountId": 5, "startTimestamp": "2020-01-01T00:00:00Z"})).json
        assert (reply["success"], reply["errorCode"], reply[payload]) == (False, 1, None)


async def test_the_positions_of_rest_can_lag_behind() -> None:
    async with at_the_venue(switches={"position_lag": 60}) as client:
        hub = await client.user_hub()
        await client.place()
        await hub.event("GatewayUserPosition")
        assert (await client.post("Position/searchOpen", {"accountId": ACCOUNT})).json["positions"] == []
        await client.control("clock", advance=61)
        assert len((await client.post("Position/searchOpen", {"accountId": ACCOUNT})).json["positions"]) == 1


async def test_trades_come_newest_first_and_carry_their_costs() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place(size=2)
        await hub.event("GatewayUserAccount")
        await client.close()
        await hub.event("GatewayUserAccount")
        closing, opening = (await client.post("Trade/search", _since_ever())).json["trades"]
        assert opening["profitAndLoss"] is None
        assert (closing["profitAndLoss"], closing["fees"], closing["commissions"]) == (-1, 0.72, 0.5)


def _since_ever() -> dict[str, Any]:
    return {"accountId": ACCOUNT, "startTimestamp": "2020-01-01T00:00:00Z"}
