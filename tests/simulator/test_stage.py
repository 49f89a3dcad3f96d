import pytest

from risk_manager.simulator.exchange.changes import PositionRow
from tests.simulator.client import ACCOUNT, at_the_venue


@pytest.mark.parametrize(
    ("stream", "target"),
    [
        ("Orders", "GatewayUserOrder"),
        ("Positions", "GatewayUserPosition"),
        ("Trades", "GatewayUserTrade"),
    ],
)
async def test_a_new_listener_hears_how_things_stand_where_the_switch_says_so(stream: str, target: str) -> None:
    async with at_the_venue(switches={"user_snapshot": True}) as client:
        first = await client.user_hub()
        await client.place()
        await client.place(type_=1, limitPrice=23400)
        await first.event("GatewayUserOrder", lambda event: event["data"]["status"] == 1)
        hub = await client.hub("user")
        await hub.invoke(f"Subscribe{stream}", ACCOUNT)
        assert (await hub.event(target))["data"]["accountId"] == ACCOUNT


async def test_a_delayed_event_reaches_only_who_listened_then() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.control("faults/event", deed="delay", target="GatewayUserPosition", seconds=0.02)
        await client.place()
        await hub.event("GatewayUserAccount")
        await hub.event("GatewayUserPosition")


async def test_positions_are_shown_as_they_are_unless_the_venue_lags() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place(size=3)
        await hub.event("GatewayUserPosition")
        stage = client.venue.stage
        rows: list[PositionRow] = stage.positions_shown(ACCOUNT)
        assert [row.size for row in rows] == [3]


async def test_the_logout_can_be_told_in_lower_case_with_arguments() -> None:
    switches = {"lower_case_logout": True, "logout_arguments": ["another login"]}
    async with at_the_venue(switches=switches) as client:
        hub = await client.user_hub()
        await client.control("logout")
        assert await hub.event("gatewaylogout") == "another login"
