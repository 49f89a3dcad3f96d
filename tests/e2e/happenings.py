"""What happens in several rows of the fault matrix, and what is looked for after it."""

from decimal import Decimal

from tests.e2e.house import ACCOUNT, House

FAST = "feed: {poll_every: 2s, slow_poll_every: 30s}\n"
CLOSE = "rules: {max_contracts: {limit: 2, on_breach: close_all}}\n"
REDUCE = "rules: {max_contracts: {limit: 2, on_breach: reduce_to_limit}}\n"
WORKING = (0, 1, 6, 7, 8)
"""Numbers of the states in which an order may still fill."""


def user_hub_is_back(house: House) -> bool:
    return bool(house.part("user_feed")["state"] == "live")


async def lose_sixty_dollars(house: House) -> None:
    house.buy(1)
    await house.until(lambda: house.net() == 1)
    house.move(-120)
    house.sell(1)
    await house.until(lambda: len(house.truth()["trades"]) == 2)


def counts_are_right(house: House) -> bool:
    """Tell whether the day's loss is what the venue has taken off the balance."""
    return Decimal(house.status()["realized_pnl"]) == Decimal(str(house.truth()["balance"])) - 150000


def lose_sight(house: House, hub: str = "user") -> None:
    house.do("hub", deed="refuse", hub=hub)
    house.do("hub", deed="drop", hub=hub)


async def breach(house: House, size: int = 3) -> float:
    """Buy too much; tell the seconds until the venue is flat again."""
    began, fills = house.now, len(house.truth()["trades"])
    house.buy(size)
    await house.until(lambda: len(house.truth()["trades"]) > fills)
    await house.until(house.is_flat)
    return house.now - began


async def proof(house: House) -> None:
    await house.until(lambda: house.stages()[-1:] == ["proven"])
    assert house.part("enforcement", ACCOUNT)["state"] == "live"


def limit_order(house: House, ticks: int) -> float:
    """A price so many ticks from the last one."""
    return house.move(0) + ticks * 0.25
