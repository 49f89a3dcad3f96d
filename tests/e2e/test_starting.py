"""What a start can meet: each gets a clear answer, and nothing is lost or hammered."""

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest

from risk_manager.demo.home import furnish
from risk_manager.demo.processes import daemon, free_port, played_venue
from tests.e2e.kit import ACCOUNT, PATIENCE, PROGRAM, Scene, account_of, comes_true, scene, size_of

pytestmark = pytest.mark.e2e
RULES = "rules: {max_contracts: {limit: 2}}\n"


async def run_to_its_end(*arguments: str) -> tuple[int, str]:
    """Run a command; return its exit code and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(PATIENCE):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_second_daemon_on_the_same_home_is_refused(tmp_path: Path) -> None:
    async with scene(tmp_path, RULES) as stage:
        code, said = await run_to_its_end("run", "--home", str(tmp_path))
        assert code == 1
        assert len(said.strip().splitlines()) == 1
        assert str(tmp_path) in said
        assert (await stage.status())["daemon"]["state"] == "live"


if sys.platform != "win32":  # which lets nobody move what is open

    async def test_a_home_moved_away_under_its_daemon_is_told_and_lets_no_second_one_into_a_new_home_in_its_place(
        tmp_path: Path,
    ) -> None:
        home = tmp_path / "home"
        home.mkdir()
        async with scene(home, RULES) as stage:
            home.rename(tmp_path / "moved")
            shutil.copytree(tmp_path / "moved" / "config", home / "config")
            code, said = await run_to_its_end("run", "--home", str(home))
            assert code == 1
            assert f"another daemon (process {stage.process and stage.process.pid}) works on {home}" in said
            await stage.buy(3, "MNQ")
            await stage.until(lambda truth: size_of(truth, "MNQ") == 0 and len(truth["trades"]) > 1)
            told = await stage.until_status(lambda status: status["daemon"]["state"] == "degraded")
            assert "moved away or replaced" in told["daemon"]["detail"]
            await stage.kill()
            await stage.start()


async def test_a_wrong_key_is_told_and_not_tried_again_and_again(tmp_path: Path) -> None:
    async with scene(tmp_path, RULES, starts=False) as stage:
        accounts = tmp_path / "config" / "accounts.yaml"
        accounts.write_text(
            accounts.read_text(encoding="utf-8").replace("simulated-key", "wrong-key"), encoding="utf-8"
        )
        async with daemon(tmp_path, program=PROGRAM, log=stage.log):
            told = await stage.until_status(lambda status: "key" in json.dumps(status).lower())
            assert told["daemon"]["state"] != "live"
            assert "wrong-key" not in json.dumps(told)
        assert len(await stage.requests("/Auth/loginKey")) == 1


async def test_a_venue_that_is_down_at_the_start_is_waited_for(tmp_path: Path) -> None:
    where, port = free_port(), free_port()
    async with played_venue(port=where, patience=PATIENCE) as venue:
        furnish(tmp_path, venue, rules=RULES, nicknames={ACCOUNT: "Main"}, port=port)
    async with daemon(tmp_path, program=PROGRAM, log=tmp_path / "daemon.out"):
        stage = Scene(venue, tmp_path, port)
        await stage.until_status(lambda status: status["daemon"]["state"] not in {"away", "live"})
        async with played_venue(port=where, patience=PATIENCE) as back:
            stage = Scene(back, tmp_path, port)
            await stage.until_status(lambda status: status["daemon"]["state"] == "live")
            await stage.buy(3, "MNQ")
            await stage.until(lambda truth: size_of(truth, "MNQ") == 0 and len(truth["trades"]) > 1)


async def test_without_its_port_the_daemon_protects_all_the_same(tmp_path: Path) -> None:
    async with scene(tmp_path, RULES, starts=False) as stage:
        squatter = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", stage.port)
        async with squatter, daemon(tmp_path, program=PROGRAM, log=stage.log):
            await comes_true(lambda: stage.requests("/Position/searchOpen"), bool, stage.log)
            await stage.buy(3, "MNQ")
            await stage.until(lambda truth: size_of(truth, "MNQ") == 0 and len(truth["trades"]) > 1)


async def test_an_account_that_the_login_does_not_have_is_named_and_the_others_are_protected(tmp_path: Path) -> None:
    async with (
        scene(tmp_path, RULES, nicknames={ACCOUNT: "Main", 999: "Nobody"}, starts=False) as stage,
        daemon(tmp_path, program=PROGRAM, log=stage.log),
    ):
        await stage.until_status(lambda status: bool(account_of(status).get("can_trade")))
        await stage.buy(3, "MNQ")
        await stage.until(lambda truth: size_of(truth, "MNQ") == 0 and len(truth["trades"]) > 1)
        told = await stage.until_status(lambda status: "999" in json.dumps(status))
        assert account_of(told, 999).get("locks", []) == []


async def test_a_home_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    code, said = await run_to_its_end("run", "--home", str(tmp_path / "file" / "home"))
    assert code in {1, 2}
    assert "Traceback" not in said
    assert "file" in said


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("rules: [", "risk_config.yaml"),
        ("rules: {max_contracts: {limmit: 2}}", "limit"),
        ("rules: {max_contract: {limit: 2}}", "max_contracts"),
        ("rules: {max_contracts: {limit: 0}}", "limit"),
        ("rules: {daily_realized_loss: {loss_limit: .nan}}", "loss_limit"),
    ],
)
async def test_a_broken_configuration_is_refused_by_check_and_by_run(tmp_path: Path, text: str, named: str) -> None:
    async with scene(tmp_path, RULES, starts=False):
        (tmp_path / "config" / "risk_config.yaml").write_text(text, encoding="utf-8")
        checked, complaint = await run_to_its_end("check", "--home", str(tmp_path))
        refused, said = await run_to_its_end("run", "--home", str(tmp_path))
    assert (checked, refused) == (1, 2)
    assert named in complaint
    assert named in said
    assert "Traceback" not in complaint + said


async def test_duplicate_account_ids_are_refused(tmp_path: Path) -> None:
    async with scene(tmp_path, RULES, starts=False):
        accounts = tmp_path / "config" / "accounts.yaml"
        row = accounts.read_text(encoding="utf-8").splitlines()[-1]
        accounts.write_text(accounts.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")
        code, said = await run_to_its_end("run", "--home", str(tmp_path))
    assert code == 2
    assert str(ACCOUNT) in said


async def test_what_will_not_survive_a_restart_is_said_where_the_daemon_was_started(tmp_path: Path) -> None:
    async with scene(tmp_path, RULES, starts=False) as stage:
        (tmp_path / "data" / "state.db").mkdir(parents=True)
        await stage.start_anew()
        assert "state.db cannot be opened" in stage.log.read_text(encoding="utf-8")
        await stage.buy(3, "MNQ")
        await stage.until(lambda truth: size_of(truth, "MNQ") == 0 and len(truth["trades"]) > 1)
