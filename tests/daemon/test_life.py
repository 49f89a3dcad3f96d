from collections.abc import Iterator

import pytest

from risk_manager.daemon.life import Life, Sign
from risk_manager.store.database import Database, open_in_memory
from tests.admin.desk import NOW, StandingClock


@pytest.fixture
def database() -> Iterator[Database]:
    opened = open_in_memory()
    yield opened
    opened.close()


def test_the_last_sign_of_life_is_found_again(database: Database) -> None:
    life = Life(database, clock=StandingClock())
    assert life.earlier() is None
    life.beat()
    database.flush()
    assert life.earlier() == Sign(NOW)
    life.end()
    database.flush()
    assert life.earlier() == Sign(NOW, stopped=True)


def test_a_sign_that_cannot_be_read_is_none(database: Database) -> None:
    database.writer.change(
        "INSERT INTO daemon_life (account_id, key, body, saved_at) VALUES (0, :key, '[]', '')", {"key": "daemon"}
    )
    assert Life(database, clock=StandingClock()).earlier() is None
