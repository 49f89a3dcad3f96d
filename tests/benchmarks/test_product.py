"""The home and the process that are measured."""

import asyncio
from pathlib import Path

from benchmarks.product import ALL_RULES, busy_percent, furnish, resident_megabytes, started
from benchmarks.seats import Seat
from benchmarks.venue import LoadVenue
from risk_manager.config.configuration import load
from risk_manager.config.document import parse_document
from risk_manager.config.files import home_at
from tests.patience import patience

MEASURED = parse_document(ALL_RULES, name="measured").body["rules"].keys()


def test_the_home_watches_every_seat_with_every_rule_that_is_measured(tmp_path: Path) -> None:
    seats = [Seat(101), Seat(102)]
    venue = LoadVenue(seats)
    venue.rest_port, venue.hub_port = 4711, 4712
    furnish(tmp_path, venue, seats)

    configuration = load(home_at(str(tmp_path)))

    assert [one.account_id for one in configuration.enabled_accounts] == [101, 102]
    assert {rule.name for rule in configuration.policies[101].rules} == MEASURED


async def test_a_process_is_measured_while_it_lives_and_ended_afterwards() -> None:
    async with asyncio.timeout(patience(20)), started("-c", "import time; time.sleep(60)") as program:
        assert resident_megabytes(program) > 0
        assert await busy_percent(program, 0.01) >= 0

    assert not program.is_running()
