import sqlite3
from contextlib import closing
from pathlib import Path

from trials.kills.record import planned, unrecorded

CLOSE = {"path": "/api/Position/closeContract", "body": {"contractId": "C"}}
READ = {"path": "/api/Position/searchOpen", "body": {}}


def test_a_close_without_a_plan_is_found_and_one_with_a_plan_is_not() -> None:
    assert unrecorded([CLOSE, READ], [{"cancel_all"}])
    assert not unrecorded([CLOSE, READ], [{"lock"}, {"close_all", "cancel_all"}])


def test_plans_are_read_without_touching_what_the_next_life_finds(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    assert planned(path) == []
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE journal (kind TEXT, body TEXT)")
        database.execute(
            """INSERT INTO journal VALUES ('plan', '{"actions": [{"do": "close_all"}, {"do": "lock"}]}')"""
        )
        database.commit()
        before = {one: one.read_bytes() for one in tmp_path.iterdir()}
        assert planned(path) == [{"close_all", "lock"}]
        assert {one: one.read_bytes() for one in tmp_path.iterdir()} == before
