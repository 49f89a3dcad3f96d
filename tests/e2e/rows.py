"""A row of the fault matrix: a house with rules, what happens to it, and the referee's look at the log after it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from risk_manager.config.files import Home
from risk_manager.demo.processes import free_port
from risk_manager.simulator.clock import VenueClock
from risk_manager.simulator.venue import Venue, running_venue
from tests.alerts.post_office import Service, running
from tests.e2e.house import ACCOUNT, MORNING, House, PlayedMachine
from tests.e2e.referee import judge
from tests.e2e.skipping_time import in_skipping_time

Row = Callable[[House], Awaitable[None]]


def row(
    rules: str,
    *,
    accounts: Sequence[int] = (ACCOUNT,),
    starts: bool = True,
    settings: str = "",
    may_turn: bool = False,
) -> Callable[[Row], Callable[[Path], None]]:
    """Make a test of one row of the matrix: a house is made for it, and the referee reads the venue's log after it.

    `may_turn`: the row lets the venue turn a position round, as no request can rule out; its own assertions judge that.
    """

    def made(played: Row) -> Callable[[Path], None]:
        def test(tmp_path: Path) -> None:
            in_skipping_time(
                _play(played, tmp_path, f"{settings}\n{rules}", accounts, starts=starts, may_turn=may_turn)
            )

        test.__name__, test.__module__ = played.__name__, played.__module__
        return test

    return made


async def _play(
    played: Row, folder: Path, config: str, accounts: Sequence[int], *, starts: bool, may_turn: bool
) -> None:
    async with house_of(folder, config, accounts) as house:
        if starts:
            await house.start()
        await played(house)
        for account in accounts:
            trades = [] if may_turn else house.truth(account)["trades"]
            judge(house.log(), account=account, trades=trades, traders=house.traders_orders)
        write_down(house.figures)


@asynccontextmanager
async def house_of(folder: Path, config: str, accounts: Sequence[int]) -> AsyncIterator[House]:
    clock = VenueClock(MORNING, counter=asyncio.get_running_loop().time)
    async with AsyncExitStack() as stack:
        people = await stack.enter_async_context(running(Service()))
        venue = await stack.enter_async_context(running_venue(clock=clock))
        home = _furnished(folder, venue, people, config, accounts)
        house = House(venue, home, PlayedMachine(), people)
        house.do("switches", prices_move=False, log_quotes=True)
        try:
            yield house
        finally:
            await house.stop()


def _furnished(folder: Path, venue: Venue, people: Service, config: str, accounts: Sequence[int]) -> Home:
    home = Home(folder)
    home.create_folders()
    gateway = f"gateway: {{api: '{venue.api}', user_hub: '{venue.user_hub}', market_hub: '{venue.market_hub}'}}\n"
    rows = "".join(
        f"  - {{account_id: {one}, username: {venue.username}, api_key: {venue.api_key}, nickname: N{one}}}\n"
        for one in accounts
    )
    home.accounts.write_text(f"{gateway}accounts:\n{rows}", encoding="utf-8")
    told = f"alerts: [{{kind: webhook, url: '{people.url}'}}]\n"
    home.risk_config.write_text(f"local_api: {{port: {free_port()}}}\n{told}{config}", encoding="utf-8")
    return home


def write_down(figures: dict[str, float]) -> None:
    """Append what a row measured where the table is made from."""
    place, test = os.environ.get("RISK_MANAGER_MEASURED"), os.environ.get("PYTEST_CURRENT_TEST", "")
    if place and figures:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"row": test.partition("::test_")[2].partition(" (")[0], **figures}) + "\n")
