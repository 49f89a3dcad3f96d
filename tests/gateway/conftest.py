"""The venue of these tests."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.fake_venue import FakeVenue, fake_venue


@pytest.fixture
async def venue() -> AsyncIterator[FakeVenue]:
    async with fake_venue() as running:
        yield running
