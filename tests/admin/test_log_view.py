import json

from risk_manager.admin.log_view import Follower, follow_logs, read_line, words
from tests.admin.desk import Desk


def event(at: int, level: str, name: str, **fields: object) -> str:
    return json.dumps({"at": f"2026-03-10T12:00:{at:02}.000001+00:00", "level": level, "event": name, **fields}) + "\n"


def test_the_latest_events_are_told_in_the_order_of_time(desk: Desk) -> None:
    desk.home.log("daemon").write_text(event(1, "info", "started", accounts=[1]) + event(3, "warning", "slow"))
    desk.home.log("api").write_text(event(2, "info", "command", command="reload"))
    assert desk.command("logs") == 0
    assert [line.split()[4] for line in desk.said] == ["started", "command", "slow"]
    assert "accounts=[1]" in desk.said[0]
    assert desk.command("logs", "--level", "warning") == 0
    assert len(desk.said) == 1
    assert desk.command("logs", "--lines", "1", "--log", "daemon") == 0
    assert "slow" in desk.told


def test_nothing_to_tell_is_said(desk: Desk) -> None:
    assert desk.command("logs", "--level", "error") == 1
    assert "nothing at level error" in desk.complaint


def test_only_the_end_of_a_long_log_is_read(desk: Desk) -> None:
    line = event(1, "info", "x", filler="y" * 1000)
    desk.home.log("daemon").write_text(line * 5000 + event(2, "info", "last"))
    assert desk.command("logs", "--log", "daemon", "--lines", "2") == 0
    assert "last" in desk.said[1]


def test_the_evening_is_still_told_after_midnight_has_begun_a_new_file(desk: Desk) -> None:
    desk.home.log("daemon").write_text(event(3, "info", "today"))
    desk.home.log("daemon").with_name("daemon.log.1").write_text(event(1, "info", "noon") + event(2, "info", "evening"))
    assert desk.command("logs", "--log", "daemon", "--lines", "2") == 0
    assert [line.split()[4] for line in desk.said] == ["evening", "today"]


def test_what_comes_is_followed_into_the_new_file(desk: Desk) -> None:
    path = desk.home.log("daemon")
    path.write_text(event(1, "info", "old" * 20))
    follower = Follower(path)
    assert list(follower.fresh()) == []
    with path.open("a") as log:
        log.write(event(2, "info", "new") + '{"half')
    assert [read_line(line)["event"] for line in follower.fresh()] == ["new"]
    path.write_text(event(3, "info", "x"))
    assert [read_line(line)["event"] for line in follower.fresh()] == ["x"]
    path.unlink()
    assert list(follower.fresh()) == []


def test_following_goes_on_until_it_is_stopped(desk: Desk) -> None:
    path = desk.home.log("api")
    looks: list[float] = []

    def pause(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            raise KeyboardInterrupt
        with path.open("a") as log:
            log.write(event(len(looks), "error", f"event-{len(looks)}") + event(9, "debug", "quiet"))

    office = desk.office()
    try:
        follow_logs(office, names=("api",), level="info", pause=pause)
    except KeyboardInterrupt:
        office.say("stopped")
    assert [line.split()[-1] for line in desk.said] == ["event-1", "event-2", "stopped"]


def test_lines_that_are_no_events_are_told_as_they_are() -> None:
    assert read_line(b"not json \xff") == {"event": "not json \ufffd"}
    assert read_line(b"[1]") == {"event": "[1]"}
    assert words({"event": "x\x1b[31m", "traceback": "Trace"}, "api").endswith("x?[31m\nTrace")
