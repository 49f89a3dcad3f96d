import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from risk_manager.admin.alerts import try_channels
from risk_manager.admin.office import NO, OUT_OF_REACH, NotDoneError
from tests.admin.desk import Desk, in_a_loop_of_its_own
from tests.alerts.post_office import Service, running


@contextmanager
def service_at(port_of: list[Service], *answers: int) -> Iterator[None]:
    async def scene(ready: Callable[[], None], end: asyncio.Event) -> None:
        service = Service(answers=list(answers))
        async with running(service):
            port_of.append(service)
            ready()
            await end.wait()

    with in_a_loop_of_its_own(scene):
        yield


def add_channels(desk: Desk, *urls: str) -> None:
    lines = "".join(f"  - {{kind: webhook, url: '{url}'}}\n" for url in urls)
    desk.home.risk_config.write_text(f"{desk.rules}alerts:\n{lines}", encoding="utf-8")


def test_every_channel_is_tried(desk: Desk) -> None:
    found: list[Service] = []
    with service_at(found):
        add_channels(desk, found[0].url)
        try_channels(desk.office())
    assert desk.said == ["ok     webhook              taken by the service"]
    assert found[0].titles == ["Risk manager: this is a test"]


def test_a_channel_that_fails_is_named_without_its_address_and_the_shell_is_told(desk: Desk) -> None:
    found: list[Service] = []
    with service_at(found, 404):
        add_channels(desk, found[0].url)
        with pytest.raises(NotDoneError) as refused:
            try_channels(desk.office())
    assert refused.value.code == OUT_OF_REACH
    assert "answered HTTP 404" in desk.told
    assert "s3same" not in desk.told + str(refused.value)


def test_without_a_channel_the_answer_is_no(desk: Desk) -> None:
    with pytest.raises(NotDoneError, match="no channel is configured") as refused:
        try_channels(desk.office())
    assert refused.value.code == NO


def test_files_with_problems_are_told(desk: Desk) -> None:
    add_channels(desk, "s3same")
    with pytest.raises(NotDoneError, match="the configuration has problems") as refused:
        try_channels(desk.office())
    assert "s3same" not in str(refused.value)
