"""Every part of the daemon."""

import msgspec

from risk_manager.dashboard.connections_view import connections_lines
from risk_manager.dashboard.lines import length
from risk_manager.local_api.messages import Snapshot
from tests.dashboard import canned, canned_day
from tests.dashboard.looks import look, text


def _with(**states: str) -> Snapshot:
    return msgspec.structs.replace(canned.calm(), parts=canned_day.parts(**states))


def test_a_part_tells_state_since_age_and_meaning() -> None:
    page = text(connections_lines(look()))

    assert "● User stream trader      live            for 2 h         heard 0.2 s ago" in page
    assert "fills, orders and positions are seen as they happen" in page


def test_each_account_of_a_login_is_named_by_its_own_number() -> None:
    assert "● Account 123456          live" in text(connections_lines(look()))


def test_what_is_amiss_comes_first_and_is_marked() -> None:
    rows = text(connections_lines(look(_with(rest="silent", login="starting")))).splitlines()

    assert rows[1].startswith("▲ Login trader            starting")
    assert rows[3].startswith("✖ REST trader             silent")


def test_while_the_daemon_is_away_no_part_is_called_well() -> None:
    page = text(connections_lines(look(away=True)))

    assert "✖ nobody listens" in page
    assert "● " not in page
    assert "? User stream trader" in page


def test_where_there_is_room_a_part_takes_one_line() -> None:
    lines = connections_lines(look(width=158))

    assert any("User stream" in text((line,)) and "as they happen" in text((line,)) for line in lines)
    assert all(length(line) <= 158 for line in lines)


def test_a_daemon_that_tells_no_parts_tells_its_feeds() -> None:
    page = text(connections_lines(look(msgspec.structs.replace(canned.calm(), parts=()))))
    assert "● user" in page


def test_of_a_daemon_that_is_away_nothing_is_announced_that_is_not_there() -> None:
    remembered = msgspec.structs.replace(canned.calm(), parts=(), feeds=())

    assert "below is the last word" in text(connections_lines(look(away=True)))
    assert "how its parts were is not known" in text(connections_lines(look(remembered, away=True)))
