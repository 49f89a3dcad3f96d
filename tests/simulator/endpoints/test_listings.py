from typing import Any

import pytest

from risk_manager.simulator.exchange.accounts import AccountSpec
from tests.simulator.client import ACCOUNT, Client, at_the_venue


async def test_a_live_subscription_has_no_contracts() -> None:
    async with at_the_venue() as client:
        assert (await client.post("Contract/available", {"live": True})).json["contracts"] == []
        assert (await client.post("Contract/search", {"searchText": "ES", "live": True})).json["contracts"] == []


async def test_the_search_for_es_brings_more_than_es() -> None:
    async with at_the_venue() as client:
        found = (await client.post("Contract/search", {"searchText": "ES", "live": False})).json["contracts"]
        assert {"F.US.EP", "F.US.MES", "F.US.TYA"} <= {row["symbolId"] for row in found}


async def test_an_unknown_contract_is_number_1() -> None:
    async with at_the_venue() as client:
        reply = (await client.post("Contract/searchById", {"contractId": "CON.F.US.XX.U26"})).json
        assert (reply["success"], reply["errorCode"], reply["contract"]) == (False, 1, None)


async def test_nobody_sees_the_account_of_somebody_else() -> None:
    accounts = [AccountSpec(id=ACCOUNT), AccountSpec(id=7, owner="other")]
    async with at_the_venue(accounts=accounts, users={"trader": "k", "other": "o"}) as client:
        rows = (await client.post("Account/search", {"onlyActiveAccounts": False})).json["accounts"]
        assert [row["id"] for row in rows] == [ACCOUNT]
        assert (await client.post("Position/searchOpen", {"accountId": 7})).json["errorCode"] == 1


async def test_only_active_accounts_leaves_locked_ones_out() -> None:
    async with at_the_venue() as client:
        await client.control("account", account=ACCOUNT, can_trade=False)
        active = (await client.post("Account/search", {"onlyActiveAccounts": True})).json["accounts"]
        every = (await client.post("Account/search", {"onlyActiveAccounts": False})).json["accounts"]
        assert ACCOUNT not in [row["id"] for row in active]
        assert [row["canTrade"] for row in every if row["id"] == ACCOUNT] == [False]


async def test_bars_come_newest_first_and_end_at_the_price() -> None:
    async with at_the_venue() as client:
        await client.control("price", contract="MNQ", last="23511.5")
        rows = (await client.post("History/retrieveBars", _bars(client, limit=5))).json["bars"]
        assert rows[0]["c"] == 23511.5
        assert [row["t"] for row in rows] == sorted((row["t"] for row in rows), reverse=True)
        assert len(rows) == 5


@pytest.mark.parametrize(("change", "code"), [({"unit": 9}, 2), ({"unitNumber": 0}, 3), ({"limit": 0}, 4)])
async def test_bad_bars_have_numbers_of_their_own(change: dict[str, int], code: int) -> None:
    async with at_the_venue() as client:
        reply = (await client.post("History/retrieveBars", _bars(client, limit=5) | change)).json
        assert (reply["success"], reply["errorCode"]) == (False, code)


def _bars(client: Client, *, limit: int) -> dict[str, Any]:
    return {
        "contractId": client.mnq, "live": False, "startTime": "2026-01-01T00:00:00Z",
        "endTime": "2099-01-01T00:00:00Z", "unit": 2, "unitNumber": 1, "limit": limit, "includePartialBar": True,
    }  # fmt: skip
