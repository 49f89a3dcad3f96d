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


async def test_faults_can_be_called_off() -> None:
    async with at_the_venue() as client:
        await client.control("faults/rest", endpoint="*", status=500, times=9)
        await client.control("hub", hub="both", deed="refuse")
        await client.control("faults/clear")
        assert (await client.post("Account/search", {"onlyActiveAccounts": True})).status == 200
        await client.hub("user")


async def test_a_voided_trade_is_told_again_and_its_money_booked_back() -> None:
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await client.place()
        trade = (await hub.event("GatewayUserTrade"))["data"]
        await client.control("void_trade", account=ACCOUNT, trade=trade["id"])
        event = await hub.event("GatewayUserTrade")
        assert (event["action"], event["data"]["id"], event["data"]["voided"]) == (1, trade["id"], True)
        assert (await client.state())["balance"] == 150000
        status, said = await client.control_refused("void_trade", account=ACCOUNT, trade=trade["id"])
        assert (status, said["error"]) == (400, f"no such trade: {trade['id']}")
