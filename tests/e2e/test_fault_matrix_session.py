"""Logouts, expired tokens, sleep and clocks that are set: the session and the time behind everything else."""

from pathlib import Path

import pytest

from tests.e2e.happenings import CLOSE, FAST, lose_sixty_dollars, user_hub_is_back
from tests.e2e.house import House
from tests.e2e.rows import row

pytestmark = pytest.mark.e2e
COUNTERS = """
rules:
  daily_realized_loss: {loss_limit: 1000}
  trade_frequency_limit: {limits: {per_session: 20}}
  cooldown_after_loss: {loss_thresholds: [{loss_amount: 50, cooldown: 15m}]}
"""


@row(CLOSE, settings=FAST)
async def test_after_a_logout_the_daemon_logs_in_anew_and_both_hubs_tell_again(house: House) -> None:
    began = house.now
    house.do("logout")
    house.buy(3)
    closed = await house.until(house.is_flat)
    assert closed < 6
    await house.until(lambda: user_hub_is_back(house) and house.part("market_feed")["state"] == "live")
    assert len(house.requests("/Auth/loginKey")) == 2
    assert house.gaps("user")
    house.measured(closed=closed, back=house.now - began)


@row(CLOSE, settings=FAST)
async def test_a_fight_for_the_session_is_not_fought_but_alarmed_and_rest_goes_on(house: House) -> None:
    for _ in range(6):
        await house.until(lambda: user_hub_is_back(house), longest=60)
        house.do("logout")
        await house.until(lambda: not user_hub_is_back(house))
    noticed = await house.until(lambda: "SESSION_FIGHT" in house.alarms())
    assert noticed < 20
    seen, logins = house.venue.stage.log.note("note"), len(house.requests("/Auth/loginKey"))
    house.buy(3)
    closed = await house.until(house.is_flat)
    assert closed < 65
    await house.pass_by(400)
    assert [one for one in house.log("connect", since=seen) if one["hub"] == "user"] == []
    assert len(house.requests("/Auth/loginKey")) <= logins + 1
    await house.until(lambda: "another program" in house.told())
    back = noticed + closed + 400 + await house.until(lambda: user_hub_is_back(house), longest=300)
    assert 590 < back < 640
    house.measured(noticed=noticed, closed=closed, back=back)


@row(CLOSE, settings=FAST)
async def test_a_token_that_expires_while_connected_is_replaced_once_and_nothing_is_missed(house: House) -> None:
    house.do("switches", hub_drops_at_expiry=True)
    house.do("expire_tokens")
    house.buy(3)
    closed = await house.until(house.is_flat)
    assert closed < 6
    back = closed + await house.until(lambda: user_hub_is_back(house))
    assert len(house.requests("/Auth/loginKey")) == 2
    house.measured(closed=closed, back=back)


@row(CLOSE, settings=FAST)
async def test_a_close_whose_token_has_expired_is_sent_again_with_a_new_one(house: House) -> None:
    await house.pass_by(70)
    house.do("expire_tokens")
    house.buy(3)
    closed = await house.until(house.is_flat)
    assert closed < 2
    assert len(house.requests("/Auth/loginKey")) == 2
    assert len(house.requests("/closeContract")) == 2
    house.measured(closed=closed)


@row(CLOSE, settings=FAST)
async def test_what_happened_while_the_machine_slept_is_judged_when_it_wakes(house: House) -> None:
    house.do("hub", deed="freeze", hub="both")  # nobody on the other side notices a closed lid
    house.buy(3)
    house.machine.slept += 8 * 3600
    house.do("clock", advance=8 * 3600)
    closed = await house.until(house.is_flat)
    assert closed < 3
    await house.until(lambda: user_hub_is_back(house) and house.gaps("machine"))
    (gap,) = house.gaps("machine")
    assert abs(gap["seconds"] - 8 * 3600) < 3
    await house.until(lambda: "slept" in house.told())
    house.measured(closed=closed)


@pytest.mark.parametrize("hours", [2, -2])
def test_setting_the_pcs_clock_neither_ends_nor_lengthens_a_lock(tmp_path: Path, hours: int) -> None:
    @row(COUNTERS, settings=FAST)
    async def played(house: House) -> None:
        await lose_sixty_dollars(house)
        await house.until(house.locks)
        began = house.now
        house.set_clock(hours=hours)
        await house.pass_by(14 * 60)
        assert house.locks() == ["cooldown_after_loss"]
        assert "TopstepX" in house.part("clock")["meaning"]
        assert "set the PC's" in house.part("clock")["meaning"]
        await house.until(lambda: not house.locks())
        assert abs(house.now - began - 15 * 60) < 2
        house.buy(1)
        await house.pass_by(3)
        assert house.net() == 1

    played(tmp_path)
