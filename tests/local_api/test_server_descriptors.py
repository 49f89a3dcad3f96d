"""A process without a file descriptor left: the server waits for one, and does not turn in circles."""

import asyncio
import socket
import sys
from typing import Any

from tests.e2e.skipping_time import in_skipping_time
from tests.local_api.canned import serving

if sys.platform != "win32":  # where descriptors are not what limits sockets
    import os
    import resource

    def test_out_of_descriptors_the_server_complains_once_a_second_and_goes_on_afterwards() -> None:
        async def scene() -> None:
            complaints: list[dict[str, Any]] = []
            asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
            async with serving() as server:
                knocking = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
                taken = _take_all()
                try:
                    await asyncio.sleep(3.5)
                finally:
                    for descriptor in taken:
                        os.close(descriptor)
                assert 1 <= len(complaints) <= 5
                await asyncio.sleep(1.5)
                for one in knocking:
                    one.settimeout(0)
                    one.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                await asyncio.sleep(0.5)
                assert [one.recv(12) for one in knocking] == [b"HTTP/1.1 426"] * 5
                for one in knocking:
                    one.close()

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
        try:
            in_skipping_time(scene())
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    def _take_all() -> list[int]:
        taken: list[int] = []
        while True:
            try:
                taken.append(os.dup(0))
            except OSError:
                return taken
