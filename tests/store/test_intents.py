import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_manager.store.database import open_database, open_for_daemon, open_in_memory
from risk_manager.store.intents import IntentFile, path_beside, take_in
from risk_manager.store.migrations import instant_text, migrate
from risk_manager.store.rows import LogRow, StateRow

AT = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
STAMP = instant_text(AT)
LOCK = StateRow("lockouts", 7, "a_rule|||CODE", '{"rule":"a_rule"}', STAMP)


def plan(number: int, body: str = '{"n":1}') -> LogRow:
    return LogRow("journal", number, STAMP, 7, "plan", body)


def step(number: int, kind: str) -> LogRow:
    return LogRow("enforcement_log", number, STAMP, 7, kind, "{}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        opened.row_factory = sqlite3.Row
        migrate(opened)
        yield opened


def left_behind(path: Path, *intents: list[StateRow | LogRow]) -> None:
    with closing(IntentFile(path)) as intent_file:
        for intent in intents:
            intent_file.append(intent)


def journaled(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    return [tuple(row) for row in connection.execute("SELECT id, body FROM journal ORDER BY id")]


def steps(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    return [tuple(row) for row in connection.execute("SELECT id, kind FROM enforcement_log ORDER BY id")]


def locks(connection: sqlite3.Connection) -> list[str]:
    return [row["body"] for row in connection.execute("SELECT body FROM lockouts")]


def test_what_an_earlier_life_left_is_taken_in(path: Path, connection: sqlite3.Connection) -> None:
    left_behind(path, [LOCK, plan(1)], [plan(2, '{"text":"two\\nlines"}')])
    take_in(path, connection)
    assert journaled(connection) == [(1, '{"n":1}'), (2, '{"text":"two\\nlines"}')]
    assert locks(connection) == ['{"rule":"a_rule"}']


def test_rows_of_the_daemon_s_own_are_taken_in_with_their_intent(path: Path, connection: sqlite3.Connection) -> None:
    sealed = StateRow("commitments", 0, "record of locks", '{"seal":"s"}', STAMP)
    left_behind(path, [sealed, LOCK, plan(1)])
    take_in(path, connection)
    assert locks(connection) == ['{"rule":"a_rule"}']
    assert [row["body"] for row in connection.execute("SELECT body FROM commitments")] == ['{"seal":"s"}']


def test_an_intent_that_the_journal_has_brings_no_older_state_back(path: Path, connection: sqlite3.Connection) -> None:
    left_behind(path, [LOCK, plan(1)])
    take_in(path, connection)
    connection.execute("DELETE FROM lockouts")  # an admin has cleared it since
    take_in(path, connection)
    assert journaled(connection) == [(1, '{"n":1}')]
    assert locks(connection) == []


def test_an_intent_whose_number_somebody_else_has_taken_gets_another(
    path: Path, connection: sqlite3.Connection
) -> None:
    left_behind(path, [LOCK, plan(1, '{"n":2}')])
    connection.execute("INSERT INTO journal (id, at, kind, body) VALUES (1, '2026-03-10', 'config_change', '{}')")
    take_in(path, connection)
    assert journaled(connection) == [(1, "{}"), (2, '{"n":2}')]
    assert locks(connection) == ['{"rule":"a_rule"}']


@pytest.mark.parametrize("end", [b'[{"table":"jour', b"\xff\xfe", b"{}", b'[{"table":"nobodys","key":"k"}]', b"[1]"])
def test_a_line_that_is_cut_short_or_makes_no_sense_costs_no_other(
    path: Path, connection: sqlite3.Connection, end: bytes
) -> None:
    left_behind(path, [plan(1)])
    with path_beside(path).open("ab") as intents:
        intents.write(end)
    take_in(path, connection)
    assert journaled(connection) == [(1, '{"n":1}')]


def test_an_intent_is_written_whole_or_not_at_all(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT raise(ABORT, 'no room'); END")
    left_behind(path, [LOCK, plan(1)])
    with pytest.raises(sqlite3.Error, match="no room"):
        take_in(path, connection)
    assert locks(connection) == []
    assert not connection.in_transaction


def test_the_file_is_emptied_at_the_end_when_the_database_has_all(path: Path) -> None:
    database = open_for_daemon(path)
    database.journal.commit_plan({"n": 1}, at=AT, account_id=7, state=[LOCK])
    assert path_beside(path).stat().st_size > 0
    assert database.flush()
    assert [entry.body for entry in database.journal.entries(since=AT)] == [{"n": 1}]
    database.close()
    assert path_beside(path).stat().st_size == 0


def test_a_full_file_is_emptied_once_the_database_has_all(path: Path) -> None:
    database = open_for_daemon(path)
    database.journal.commit_plan({"text": "x" * 100_000}, at=AT, account_id=7)
    assert path_beside(path).stat().st_size > 100_000
    assert database.flush()
    assert path_beside(path).stat().st_size == 0
    database.journal.commit_plan({"n": 2}, at=AT, account_id=7)
    assert path_beside(path).stat().st_size > 0
    database.close()


def test_an_intent_that_the_journal_has_deleted_with_its_age_is_not_taken_in_again(
    path: Path, connection: sqlite3.Connection
) -> None:
    left_behind(path, [LOCK, plan(1)], [plan(3)])
    connection.execute("INSERT INTO journal (id, at, kind, body) VALUES (2, '2026-03-10', 'alarm', '{}')")
    take_in(path, connection)
    assert journaled(connection) == [(2, "{}"), (3, '{"n":1}')]
    assert locks(connection) == []


def test_the_steps_of_an_enforcement_are_numbered_by_themselves(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO enforcement_log VALUES (1, ?, 7, 'started', '{}')", (STAMP,))
    left_behind(path, [plan(5)], [step(1, "started")], [step(2, "proven")])
    for _ in range(2):
        take_in(path, connection)
        assert steps(connection) == [(1, "started"), (2, "proven")]
        assert journaled(connection) == [(5, '{"n":1}')]


def test_a_daemon_begins_with_the_locks_of_a_life_that_ended_between_file_and_database(path: Path) -> None:
    open_database(path).close()
    left_behind(path, [LOCK, plan(1)])
    database = open_for_daemon(path)
    assert list(database.snapshots.load(7, "lockouts")) == [LOCK.key]
    database.journal.commit_plan({"n": 2}, at=AT, account_id=7)
    assert database.flush()
    assert [entry.id for entry in database.journal.entries(since=AT)] == [1, 2]
    database.close()


def test_a_store_in_memory_knows_the_intents_beside_the_database(path: Path) -> None:
    open_database(path).close()
    left_behind(path, [LOCK, plan(1)])
    database = open_in_memory(knowing=path)
    assert list(database.snapshots.load(7, "lockouts")) == [LOCK.key]
    database.close()
    assert path_beside(path).stat().st_size > 0


def test_without_the_file_plans_are_committed_by_transactions(path: Path) -> None:
    path_beside(path).mkdir()
    database = open_for_daemon(path)
    database.journal.commit_plan({"n": 1}, at=AT, account_id=7)
    with closing(sqlite3.connect(path)) as other:
        assert [row[1] for row in journaled(other)] == ['{"n":1}']
    database.close()


@pytest.mark.parametrize("cut_short", [b'[{"table":"jour', pytest.param(b"\0" * 512, id="zeros"), b"\xff\xfe garbage"])
def test_the_first_intent_of_a_life_is_not_glued_to_a_line_that_was_cut_short(
    path: Path, connection: sqlite3.Connection, cut_short: bytes
) -> None:
    path_beside(path).write_bytes(cut_short)
    left_behind(path, [LOCK, plan(1)])
    take_in(path, connection)
    assert journaled(connection) == [(1, '{"n":1}')]


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"[" * 100_000, id="deeply nested"),
        pytest.param(b"\0" * 100_000, id="zeros"),
        b'[{"table":"journal","id":99999999999999999999,"at":"x","account_id":7,"kind":"plan","body":"{}"}]',
        b'[{"table":"journal","id":9223372036854775807,"at":"x","account_id":7,"kind":"plan","body":"{}"}]',
        b'[{"table":"journal","id":1,"at":"x","account_id":7,"kind":"plan","body":"\\ud800"}]',
        b'[{"key":"a","table":"journal","account_id":7,"body":"{}","saved_at":"x"}]',
        b'[{"table":"lockouts","id":1,"at":"x","account_id":7,"kind":"plan","body":"{}"}]',
    ],
)
def test_garbage_among_the_intents_keeps_no_intent_after_it_from_being_taken_in(
    path: Path, connection: sqlite3.Connection, garbage: bytes
) -> None:
    path_beside(path).write_bytes(garbage + b"\n")
    left_behind(path, [LOCK, plan(1)])
    take_in(path, connection)
    assert journaled(connection)[-1][1] == '{"n":1}'
    assert locks(connection) == ['{"rule":"a_rule"}']
