"""Venue and daemon as processes of their own."""

import socket
import sys
from pathlib import Path

import pytest

from risk_manager.demo.processes import NotStartedError, daemon, free_port, played_venue
from tests.patience import patience

pytestmark = pytest.mark.e2e


def test_a_free_port_is_nobodys() -> None:
    with socket.socket() as mine:
        mine.bind(("127.0.0.1", free_port()))


async def test_a_venue_is_there_while_the_block_lasts_and_gone_after_it() -> None:
    async with played_venue(seed=3, patience=patience(60)) as venue:
        assert venue.accounts == tuple(account["id"] for account in (await venue.state())["accounts"])
        assert (await venue.account(venue.accounts[0]))["positions"] == []
        with pytest.raises(ValueError, match="no such contract"):
            await venue.do("price", contract="NOBODY", ticks=1)
        assert await venue.log(kinds=("request",)) == []
    assert venue.process.returncode is not None


async def test_a_program_that_ends_at_once_is_told() -> None:
    with pytest.raises(NotStartedError, match="exit code 3"):
        async with played_venue(program=(sys.executable, "-c", "raise SystemExit(3)")):
            pass


async def test_a_program_that_stays_silent_is_not_waited_for_longer_than_told() -> None:
    with pytest.raises(NotStartedError, match=r"said nothing for 0\.05 s"):
        async with played_venue(program=(sys.executable, "-c", "import time; time.sleep(600)"), patience=0.05):
            pass


async def test_a_daemon_writes_what_it_says_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "said"
    async with daemon(tmp_path, program=(sys.executable, "-c", "print('refused')"), log=log) as process:
        assert await process.wait() == 0
    assert "refused" in log.read_text(encoding="utf-8")
