"""What all tests of commitment start from: a key that the files find, and a venue with doors."""

import pytest

from tests.daemon.commitment.doors import World


@pytest.fixture(autouse=True)
def key_of_the_venue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k")


@pytest.fixture
def world() -> World:
    return World()
