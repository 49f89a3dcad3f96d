"""The loop of the daemon, over real sockets."""

import asyncio
import socket
import struct
import sys

from risk_manager.daemon.event_loop import make_loop
from risk_manager.local_api.client import fetch_snapshot
from tests.local_api.canned import serving

AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


def test_callers_who_hang_up_before_they_are_let_in_close_the_door_to_nobody_else() -> None:
    async def call_after_others_have_hung_up() -> str:
        async with serving() as server:
            for _ in range(3):
                for _ in range(4):
                    _hang_up_at_once(server.port)
                await asyncio.sleep(0)  # or the loop would let in none of them before the next
            return (await fetch_snapshot(server.port)).accounts[0].nickname

    with asyncio.Runner(loop_factory=make_loop) as runner:
        assert runner.run(call_after_others_have_hung_up()) == "Main"


def _hang_up_at_once(port: int) -> None:
    """Call, and break the connection off while the loop has no time to look."""
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
