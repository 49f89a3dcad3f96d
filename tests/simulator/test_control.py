import pytest

from tests.simulator.client import ACCOUNT, at_the_venue


async def test_the_trader_places_modifies_cancels_and_closes() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        resting = await client.control(
            "place", account=ACCOUNT, contract="MNQ", side="buy", type="limit", limit="23490", tag="mine"
        )
        await hub.event("GatewayUserOrder", lambda event: event["data"]["status"] == 1)
        await client.control("modify", account=ACCOUNT, order=resting["order"], limit="23480")
        moved = await hub.event("GatewayUserOrder", lambda event: event["data"].get("limitPrice") == 23480)
        assert moved["data"]["customTag"] == "mine"
        await client.control("cancel", account=ACCOUNT, order=resting["order"])
        await hub.event("GatewayUserOrder", lambda event: event["data"]["status"] == 3)
        await client.control("place", account=ACCOUNT, contract="ES", side="sell", size=3)
        await hub.event("GatewayUserPosition", lambda event: event["data"]["type"] == 2)
        await client.control("close", account=ACCOUNT, contract="ES", size=1)
        await hub.event("GatewayUserPosition", lambda event: event["data"]["size"] == 2)
        await client.control("close", account=ACCOUNT, contract="ES")
        await hub.event("GatewayUserPosition", lambda event: event["action"] == 2)


async def test_a_moved_price_fills_what_it_reaches() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.control(
            "place", account=ACCOUNT, contract="MNQ", side="buy", stop_loss_ticks=-20, take_profit_ticks=20
        )
        await hub.event("GatewayUserAccount")
        await client.control("price", contract="MNQ", ticks=-40)
        assert (await hub.event("GatewayUserPosition", lambda event: event["action"] == 2))["data"]["size"] == 0
        assert {order["status"] for order in (await client.state())["orders"]} == {2, 3}


async def test_a_locked_account_is_pushed_and_refuses_orders() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.control("account", account=ACCOUNT, can_trade=False)
        assert (await hub.event("GatewayUserAccount"))["data"]["canTrade"] is False
        assert (await client.place())["errorCode"] == 4


async def test_a_lock_can_go_untold() -> None:
    async with at_the_venue(switches={"pushes_can_trade": False}) as client:
        hub = await client.user_hub()
        await client.control("account", account=ACCOUNT, can_trade=False)
        await hub.invoke("SubscribeAccounts")
        assert hub.targets() == []
        assert (await client.state())["canTrade"] is False


async def test_a_deposit_changes_the_balance() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.control("account", account=ACCOUNT, deposit="-150.25")
        assert (await hub.event("GatewayUserAccount"))["data"]["balance"] == 149849.75


async def test_the_platform_liquidates_with_untagged_orders() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place(size=2)
        await hub.event("GatewayUserAccount")
        await client.control("liquidate", account=ACCOUNT)
        await hub.event("GatewayUserPosition", lambda event: event["action"] == 2)
        assert (await hub.event("GatewayUserAccount", lambda e: not e["data"]["canTrade"]))["data"]["id"] == ACCOUNT
        last = (await client.state())["orders"][-1]
        assert (last["type"], last["customTag"]) == (2, None)


async def test_a_reset_account_lives_on_under_a_new_id() -> None:
    async with at_the_venue() as client:
        fresh = (await client.control("reset_account", account=ACCOUNT))["account"]
        rows = (await client.post("Account/search", {"onlyActiveAccounts": False})).json["accounts"]
        flags = {row["id"]: (row["canTrade"], row["isVisible"]) for row in rows}
        assert flags[ACCOUNT] == (False, False)
        assert flags[fresh] == (True, True)


async def test_accounts_can_be_added() -> None:
    async with at_the_venue() as client:
        await client.control("accounts/add", id=5, name="50KTC-V2-DLL-5", balance="50000", daily_loss_limit="1000")
        assert (await client.state(5))["name"] == "50KTC-V2-DLL-5"


async def test_the_session_gate_closes_the_market_by_the_venues_clock() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place()
        await hub.event("GatewayUserAccount")
        await client.control("session", gate="clock")
        await client.control("clock", at="2030-01-08T21:30:00+00:00")
        await client.login()
        placed, closed = await client.place(), await client.close()
        assert (placed["errorCode"], "trading status" in placed["errorMessage"]) == (2, True)
        assert (closed["errorCode"], closed["errorMessage"]) == (5, None)
        await client.control("clock", at="2030-01-08T23:00:01+00:00")
        assert (await client.close())["success"]


async def test_a_cut_close_leaves_a_part_of_the_position() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place(size=3)
        await hub.event("GatewayUserPosition")
        await client.control("faults/cut_close", contracts=2)
        await client.close()
        assert (await hub.event("GatewayUserPosition"))["data"]["size"] == 1


@pytest.mark.parametrize(
    ("deed", "values", "words"),
    [
        ("place", {"account": 1, "contract": "NOPE", "side": "buy"}, "no such contract"),
        ("place", {"account": 1, "contract": "MNQ", "side": "up"}, "no such side"),
        ("place", {"account": 1, "contract": "MNQ", "side": "buy", "sise": 2}, "sise"),
        ("liquidate", {"account": 9}, "no such account"),
        ("switches", {"liquidty": 1}, "no such switch"),
        ("switches", {"liquidity": "much"}, "liquidity"),
        ("price", {"contract": "MNQ", "last": "1.1"}, "in steps of"),
    ],
)
async def test_a_deed_that_cannot_be_done_says_why(deed: str, values: dict[str, object], words: str) -> None:
    async with at_the_venue() as client:
        status, said = await client.control_refused(deed, **values)
        assert (status, words in said["error"]) == (400, True), said


async def test_an_unknown_deed_names_the_known_ones() -> None:
    async with at_the_venue() as client:
        status, said = await client.control_refused("sing")
        assert (status, "place" in said["deeds"]) == (404, True)


async def test_faults_can_be_called_off() -> None:
    async with at_the_venue() as client:
        await client.control("faults/rest", endpoint="*", status=500, times=9)
        await client.control("hub", hub="both", deed="refuse")
        await client.control("faults/clear")
        assert (await client.post("Account/search", {"onlyActiveAccounts": True})).status == 200
        await client.hub("user")


async def test_switches_can_be_read_and_changed() -> None:
    async with at_the_venue() as client:
        changed = await client.control("switches", liquidity=1, envelope="bare")
        assert (changed["liquidity"], changed["envelope"]) == (1, "bare")
        assert (await client.get("control/switches")).json == changed


async def test_the_state_tells_prices_and_connections() -> None:
    async with at_the_venue() as client:
        hub = await client.market_hub()
        state = (await client.get("control/state")).json
        assert state["prices"][client.mnq]["last"] == 23500
        assert [(row["hub"], row["user"]) for row in state["connections"]] == [("market", "trader")]
        assert not hub.socket.closed


async def test_the_log_can_be_read_from_a_number_on() -> None:
    async with at_the_venue() as client:
        entries = (await client.get("control/log")).json["entries"]
        later = (await client.get(f"control/log?since={entries[-1]['number']}")).json["entries"]
        assert len(entries) > 2
        assert later == []
