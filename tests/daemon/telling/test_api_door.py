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
                port=holder.getsockname()[1],
                opened=opened.append,
                failing=told.append,
            )
            assert not await door.open()
            trying = asyncio.create_task(door.open_when_free())
            await asyncio.sleep(TRY_EVERY * 2.5)
            assert opened == []
            assert len(told) == 3
            assert "cannot listen" in told[-1]
        await asyncio.sleep(TRY_EVERY)
        await trying
        assert told[-1] == ""
        assert [server.listeners for server in opened] == [0]
        await opened[0].aclose()

    in_virtual_time(scene())
