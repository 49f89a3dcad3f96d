"""What survives the end of the process, and what is learned of the time in between."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.kit import ACCOUNT, Scene, account_of, comes_true, is_flat, scene, size_of
from tests.e2e.test_enforcement import LOSS, lose_the_days_limit

pytestmark = pytest.mark.e2e


def lasting(account: dict[str, Any]) -> dict[str, Any]:
    """What of an account's status does not move with the clock."""
    return {key: value for key, value in account.items() if key not in {"positions", "orders", "pnl_curve"}}


async def test_a_lock_and_the_days_loss_survive_a_kill(tmp_path: Path) -> None:
    async with scene(tmp_path, LOSS) as stage:
        await lose_the_days_limit(stage)
        await stage.until(is_flat)
        before = await stage.until_status(lambda status: not account_of(status)["positions"])
        await stage.kill()
        await stage.start()
        after = await stage.status()
        assert lasting(account_of(after)) == lasting(account_of(before))
        await stage.buy(1, "MES")
        await stage.until(lambda truth: is_flat(truth) and any("MES" in one["contractId"] for one in truth["orders"]))


async def test_a_position_opened_while_nobody_watched_is_closed_under_the_lock(tmp_path: Path) -> None:
    async with scene(tmp_path, LOSS) as stage:
        await lose_the_days_limit(stage)
        await stage.kill()
        await stage.until(is_flat)
        await stage.buy(1, "MES")
        await stage.until(lambda truth: size_of(truth, "MES") == 1)
        await stage.start()
        await stage.until(is_flat)


async def take_a_loss(stage: Scene) -> None:
    await stage.buy(2, "MNQ")
    await stage.until(lambda truth: size_of(truth, "MNQ") == 2)
    await stage.venue.do("price", contract="MNQ", ticks=-120)
    await stage.venue.do("close", account=ACCOUNT, contract="MNQ")
    await stage.until(is_flat)


async def test_a_loss_taken_while_the_daemon_was_dead_counts(tmp_path: Path) -> None:
    async with scene(tmp_path, LOSS) as stage:
        await stage.kill()
        await take_a_loss(stage)
        await stage.start()
        status = await stage.until_status(lambda status: bool(account_of(status)["locks"]))
        assert account_of(status)["locks"][0]["rule"] == "daily_realized_loss"


async def test_what_is_reported_after_a_restart_equals_an_uninterrupted_run(tmp_path: Path) -> None:
    reports = []
    for name, is_interrupted in (("through", False), ("interrupted", True)):
        async with scene(tmp_path / name, "rules: {daily_realized_loss: {loss_limit: 5000}}\n") as stage:
            if is_interrupted:
                await stage.kill()
            await take_a_loss(stage)
            if is_interrupted:
                await stage.start()
            await stage.buy(1, "MES")
            seen = await stage.until_status(
                lambda status: (
                    bool(account_of(status).get("positions")) and float(account_of(status)["realized_pnl"]) < -120
                )
            )
            account = account_of(seen)
            reports.append((account["realized_pnl"], account["balance"], [one["size"] for one in account["positions"]]))
    assert reports[0] == reports[1]


async def test_a_stop_in_the_middle_of_a_close_leaves_nothing_open(tmp_path: Path) -> None:
    async with scene(tmp_path, "rules: {max_contracts: {limit: 1}}\n") as stage:
        await stage.venue.do("switches", fill_latency=0.5)
        await stage.buy(3, "MES")
        await comes_true(lambda: stage.requests("/Position/closeContract"), bool, stage.log)
        assert stage.process is not None
        stage.process.terminate()
        await stage.process.wait()
        assert is_flat(await stage.venue.account(ACCOUNT))
