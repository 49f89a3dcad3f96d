import pytest

from tests.simulator.client import Client, at_the_venue


async def _search(client: Client, token: str | None = None) -> int:
    return (await client.post("Account/search", {"onlyActiveAccounts": False}, token=token)).status


async def _validate(client: Client) -> str | None:
    new: str | None = (await client.post("Auth/validate")).json["newToken"]
    return new


@pytest.mark.parametrize(("user", "key", "code"), [("trader", "wrong", 3), ("nobody", "simulated-key", 8)])
async def test_a_bad_login_is_http_200_without_a_token(user: str, key: str, code: int) -> None:
    async with at_the_venue() as client:
        reply = await client.post("Auth/loginKey", {"userName": user, "apiKey": key})
        assert (reply.status, reply.json["errorCode"], reply.json["token"]) == (200, code, None)


async def test_the_user_name_may_be_written_in_any_case() -> None:
    async with at_the_venue() as client:
        reply = await client.post("Auth/loginKey", {"userName": "TRADER", "apiKey": client.venue.api_key})
        assert reply.json["success"]


async def test_a_second_login_leaves_the_first_alone() -> None:
    async with at_the_venue() as client:
        first = client.token
        await client.login()
        assert client.token != first
        assert await _search(client, first) == 200


async def test_validate_gives_a_new_token_and_leaves_the_old_one_valid() -> None:
    async with at_the_venue() as client:
        new = await _validate(client)
        assert new not in {None, client.token}
        assert (await _search(client), await _search(client, new)) == (200, 200)


async def test_validate_can_revoke_the_old_token() -> None:
    async with at_the_venue(switches={"old_token_survives_validate": False}) as client:
        new = await _validate(client)
        assert (await _search(client), await _search(client, new)) == (401, 200)


async def test_validate_can_answer_without_a_token() -> None:
    async with at_the_venue(switches={"validate_returns_new_token": False}) as client:
        assert await _validate(client) is None
        assert await _search(client) == 200


async def test_a_token_runs_out_after_a_day() -> None:
    async with at_the_venue() as client:
        await client.control("clock", advance=86399)
        assert await _search(client) == 200
        await client.control("clock", advance=2)
        assert await _search(client) == 401
        assert (await client.post("Auth/validate")).status == 401


async def test_validate_can_take_an_expired_token() -> None:
    async with at_the_venue(switches={"validate_accepts_expired": True}) as client:
        await client.control("expire_tokens")
        assert await _search(client) == 401
        assert await _validate(client) is not None


async def test_logout_ends_the_session() -> None:
    async with at_the_venue() as client:
        assert (await client.post("Auth/logout")).json["success"]
        assert await _search(client) == 401


async def test_a_second_login_can_evict_the_first() -> None:
    async with at_the_venue(switches={"login_evicts": True}) as client:
        first, user, market = client.token, await client.user_hub(), await client.market_hub()
        await client.login()
        for hub in (user, market):
            await hub.end()
            assert "GatewayLogout" in hub.targets()
        assert (await _search(client, first), await _search(client)) == (401, 200)
