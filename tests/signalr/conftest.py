"""What every test of a connection must leave behind: nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest


@pytest.fixture
async def nothing_left_running() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    assert asyncio.all_tasks() <= before | {asyncio.current_task()}
