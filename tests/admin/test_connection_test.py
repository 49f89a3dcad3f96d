from datetime import UTC, datetime

import pytest

from risk_manager.admin.connection_test import Step, listed_accounts, walk
from risk_manager.config.accounts import Gateway
from risk_manager.gateway.errors import GatewayRefused
from risk_manager.simulator.venue import API_KEY, USERNAME, Venue, running_venue

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ALL = ["network", "encryption", "ping", "login", "accounts", "contracts", "user hub", "market hub", "quotes"]


def gateway(venue: Venue) -> Gateway:
    return Gateway(api=venue.api, user_hub=venue.user_hub, market_hub=venue.market_hub)


async def steps(where: Gateway, *, key: str = API_KEY, wanted: int = 1001, patience: float = 10) -> list[Step]:
    way = walk(where, username=USERNAME, api_key=key, wanted=frozenset({wanted}), now=lambda: NOW, patience=patience)
    return [step async for step in way]


async def test_the_whole_way_is_gone_and_timed() -> None:
    async with running_venue() as venue:
        found = await steps(gateway(venue))
    assert [step.name for step in found] == ALL
    assert [step.ok for step in found[:-1]] == [True] * 8
    assert all(step.milliseconds > 0 for step in found), "each took some time, however coarsely the loop counts it"


@pytest.mark.parametrize(
    ("key", "wanted", "failing", "advice"),
    [("wrong", 1001, "login", "check username and key"), (API_KEY, 5, "accounts", "correct account_id")],
)
async def test_the_first_step_that_fails_ends_it_with_advice(key: str, wanted: int, failing: str, advice: str) -> None:
    async with running_venue() as venue:
        found = await steps(gateway(venue), key=key, wanted=wanted)
    assert found[-1].name == failing
    assert found[-1].ok is False
    assert advice in str(found[-1])


async def test_a_venue_that_is_not_there_is_told_at_the_first_step() -> None:
    async with running_venue() as venue:
        where = gateway(venue)
    found = await steps(where)
    assert [(step.name, step.ok) for step in found] == [("network", False)]


async def test_no_encryption_where_there_should_be_is_told() -> None:
    async with running_venue() as venue:
        where = gateway(venue).model_copy(update={"api": venue.api.replace("http:", "https:")})
        found = await steps(where, patience=5)
    assert [(step.name, step.ok) for step in found] == [("network", True), ("encryption", False)]


async def test_accounts_are_listed_for_a_key_that_is_taken() -> None:
    async with running_venue() as venue:
        found = await listed_accounts(gateway(venue), username=USERNAME, api_key=API_KEY, now=lambda: NOW)
        with pytest.raises(GatewayRefused):
            await listed_accounts(gateway(venue), username=USERNAME, api_key="wrong", now=lambda: NOW)
    assert [account.account_id for account in found] == [1001, 1002]


def test_a_step_is_one_line_and_its_advice_another() -> None:
    step = Step(name="login", ok=False, milliseconds=12.4, detail="no", advice="look")
    assert str(step) == "FAILED login            12 ms  no\n       → look"
