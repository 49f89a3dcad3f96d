import asyncio
import socket
from pathlib import Path
from urllib.request import urlopen

from risk_manager.config.configuration import load
from risk_manager.daemon.logs import open_logs, set_level
from risk_manager.demo.processes import free_port
from tests.daemon.fake_venue import ES
from tests.daemon.stage import RULES, Stage, home_with, play


def test_prometheus_reads_the_numbers_where_a_port_is_set(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=f"metrics: {{port: {free_port()}}}\n{RULES}")

    async def scene(stage: Stage) -> None:
        await stage.live()
        assert stage.daemon.metrics.endpoint is not None
        url = f"http://127.0.0.1:{stage.daemon.metrics.endpoint.port}/metrics"
        with await asyncio.to_thread(urlopen, url) as answer:
            assert b'risk_manager_part_well{account="",login="",part="store"' in answer.read()

    play(home, scene)


def test_a_taken_port_for_the_metrics_is_told_and_takes_nothing_from_the_protection(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        home = home_with(tmp_path, rules=f"metrics: {{port: {holder.getsockname()[1]}}}\n{RULES}")

        async def scene(stage: Stage) -> None:
            await stage.live()
            stage.says(5)
            await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
            assert "metrics: port" in stage.daemon.health.daemon_status().detail

        play(home, scene)


def test_a_reload_changes_the_level_of_the_logs_and_details_then_tell_what_happens(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    close_logs = open_logs(home.log)

    async def scene(stage: Stage) -> None:
        await stage.live()
        text = home.risk_config.read_text(encoding="utf-8")
        home.risk_config.write_text(f"logs: {{level: debug}}\n{text}", encoding="utf-8")
        stage.daemon.take_on(load(home, environ={"KEY": "k"}))
        stage.says(5)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    play(home, scene)
    set_level("info")
    close_logs()
    details = [line for line in home.log("daemon").read_text(encoding="utf-8").splitlines() if '"debug"' in line]
    assert any("PositionUpdated" in line for line in details)
