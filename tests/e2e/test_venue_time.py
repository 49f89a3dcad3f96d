"""The daemon's clock before a venue whose time is another than this machine's."""

from datetime import timedelta

import pytest

from risk_manager.daemon.clock import VenueClock
from risk_manager.gateway.client import TopstepX
from risk_manager.simulator.venue import running_venue


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(minutes=-5), timedelta(days=3)], ids=str)
async def test_the_login_sets_the_clock_to_the_venues_time(ahead: timedelta) -> None:
    async with running_venue() as venue:
        venue.stage.clock.set(venue.stage.clock.now() + ahead)
        clock = VenueClock()
        client = TopstepX(
            username=venue.username,
            api_key=venue.api_key,
            now=clock.now,
            heard=clock.heard,
            api=venue.api,
            user_hub=venue.user_hub,
            market_hub=venue.market_hub,
        )
        try:
            await client.accounts()  # logs in: two replies
        finally:
            await client.aclose()
        assert clock.is_anchored
        assert timedelta(seconds=-0.2) <= venue.stage.clock.now() - clock.now() <= timedelta(seconds=3)
