import asyncio
import socket

from risk_manager.daemon.telling.api_door import TRY_EVERY, ApiDoor
from risk_manager.local_api.server import Server
from tests.daemon.virtual_time import in_virtual_time
from tests.local_api.canned import Commands, calm_snapshot


def test_a_port_that_is_held_is_tried_again_until_it_is_free() -> None:
    async def scene() -> None:
        opened: list[Server] = []
        told: list[str] = []
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            door = ApiDoor(
                lambda: Server(snapshot=calm_snapshot, on_command=Commands()),
                opened=opened.append,
                failing=told.append,
            )
            port = holder.getsockname()[1]
            assert not await door.open(port)
            trying = asyncio.create_task(door.open_when_free(port))
            await asyncio.sleep(TRY_EVERY * 2.5)
            assert opened == []
            assert len(told) == 3
            assert "cannot listen" in told[-1]
        await asyncio.sleep(TRY_EVERY)
        await trying
        assert told[-1] == ""
        assert opened == [door.server]
        assert not door.has_listeners
        await door.aclose()

    in_virtual_time(scene())


def test_a_door_that_never_opened_tells_nobody_and_closes() -> None:
    async def scene() -> None:
        door = ApiDoor(
            lambda: Server(snapshot=calm_snapshot, on_command=Commands()), opened=lambda _: None, failing=lambda _: None
        )
        assert not door.has_listeners
        door.tell_anew()
        await door.aclose()

    in_virtual_time(scene())
