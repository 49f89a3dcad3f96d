"""The daemon's WebSocket on the loopback interface: a snapshot to everyone who connects, then what happens."""

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Callable, Hashable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from picows import (
    WSCloseCode,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from risk_manager.local_api.beat import LONGEST, SHORTEST, Beat, Produce
from risk_manager.local_api.commands import WITHOUT_TOKEN, Command, Login, Result, Session
from risk_manager.local_api.errors import PortTaken
from risk_manager.local_api.frames import DEFAULT_PORT, HOST, Message, encode_message, encode_snapshot
from risk_manager.local_api.listener import MOST_WAITING
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.quotes import MarketQuote
from risk_manager.local_api.sessions import LIFETIME, LoginRefused, Sessions
from risk_manager.local_api.visit import Visit

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})

_SOCKET_LOG: Final = logging.getLogger("risk_manager.api.socket")
_SOCKET_LOG.setLevel(logging.WARNING)  # below, picows writes whole requests
_MOST_LISTENERS = 32
_MOST_KNOCKING = 16
_AT_A_TIME = 1  # asyncio accepts as many in one go as the backlog; out of descriptors, it would complain for each
_LONGEST_REQUEST = 64 * 1024
_MOST_BAD_REQUESTS = 5
_MOST_REQUESTS = 200  # of one connection in the window below; a person's screen sends a handful
_REQUEST_WINDOW = 10.0

OnCommand = Callable[[str, Mapping[str, Any]], Awaitable[Result]]
"""Carries out a command by name with its arguments; raises nothing, and journals what it did."""


class Server:
    """Tells listeners what happens, and takes commands from those who know the password.

    `snapshot` is asked whenever somebody connects, in the loop's thread. Telling never waits: it queues for each
    listener, and one that reads too slowly is dropped. `check_password` is run in a thread. `seconds` is the clock on
    whose beat prices are told.
    """

    def __init__(
        self,
        *,
        snapshot: Callable[[], Snapshot],
        on_command: OnCommand,
        check_password: Callable[[str], bool] | None = None,
        monotonic: Callable[[], float] | None = None,
        seconds: Callable[[], float] | None = None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._snapshot = snapshot
        self._on_command = on_command
        self._loop = asyncio.get_running_loop()
        self._monotonic = monotonic or self._loop.time
        self._sessions = Sessions(check_password=check_password, monotonic=self._monotonic)
        self._most_waiting = most_waiting
        self._seconds = seconds or self._loop.time
        self._visits: set[Visit] = set()
        self._beats: dict[float, Beat] = {}
        self._listening: asyncio.Server | None = None
        self._bad: dict[Visit, int] = {}
        self.port = 0

    @property
    def listeners(self) -> int:
        """How many listen; with none, nothing needs to be told."""
        return len(self._visits)

    async def start(self, port: int = DEFAULT_PORT) -> None:
        """Listen on the port (0: any free one, see `port`).

        Raises:
            PortTaken: another program listens there.
        """
        try:
            listening = _listening_socket(port)
        except OSError as error:
            raise PortTaken(port, error.strerror or str(error)) from error
        self.port = listening.getsockname()[1]
        self._listening = await ws_create_server(
            self._receive,
            sock=listening,
            max_frame_size=_LONGEST_REQUEST,
            logger_name=_SOCKET_LOG,
            use_aiofastnet=False,  # out of descriptors, its server turns in circles
            backlog=_AT_A_TIME,
        )
        listening.listen(_MOST_KNOCKING)

    async def aclose(self) -> None:
        """Say goodbye to every listener and stop listening."""
        for beat in self._beats.values():
            beat.stop()
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        visits = tuple(self._visits)
        for visit in visits:
            visit.say_goodbye(WSCloseCode.GOING_AWAY, b"the daemon stops")
        if visits:
            await asyncio.wait([visit.gone for visit in visits])

    def broadcast(self, message: Message) -> None:
        """Tell every listener; of a contract's quotes only the latest, on the beat."""
        if not self._visits:
            return
        match message.data:
            case MarketQuote(contract_id=contract_id):
                self.broadcast_latest(("quote", contract_id), lambda: message)
            case _:
                frame = encode_message(message)
                for visit in tuple(self._visits):
                    visit.listener.put(frame)

    def broadcast_snapshot(self) -> None:
        """Tell everything anew, as after a reload that added accounts."""
        if not self._visits:
            return
        frame = encode_snapshot(self._snapshot())
        for visit in tuple(self._visits):
            visit.listener.put(frame)

    def broadcast_latest(self, key: Hashable, produce: Produce, *, every: float = 0.0) -> None:
        """Tell on each listener's beat what `produce` then says: the latest under this key, once in `every` seconds.

        `produce` is called only when it is sent, so that what changes with every quote costs nothing until then;
        None is nothing to tell. No timer runs while nothing comes.
        """
        for beat in self._beats.values():
            beat.tell(key, produce, every=every)

    def _receive(self, request: WSUpgradeRequest) -> Visit | WSUpgradeResponseWithListener:
        refusal, pace = _refusal(request), _pace(request)
        if refusal is None and len(self._visits) >= _MOST_LISTENERS:
            refusal = HTTPStatus.SERVICE_UNAVAILABLE, b"too many listeners"
        if refusal is not None or pace is None:
            refusal = refusal or (HTTPStatus.BAD_REQUEST, b"prices_every is in seconds, from 0.2 to 1")
            return WSUpgradeResponseWithListener(WSUpgradeResponse.create_error_response(*refusal), None)
        window = _Window(self._loop.time)
        return Visit(self, most_waiting=self._most_waiting, is_flood=window.is_overfull, pace=pace)

    def came(self, visit: Visit) -> None:
        """Tell a new listener everything, and from now on what happens."""
        visit.listener.put(encode_snapshot(self._snapshot()))
        self._visits.add(visit)
        if visit.pace not in self._beats:
            self._beats[visit.pace] = Beat(visit.pace, seconds=self._seconds)
        self._beats[visit.pace].listeners.add(visit.listener)

    def left(self, visit: Visit) -> None:
        """Forget a listener who is gone."""
        self._visits.discard(visit)
        beat = self._beats.get(visit.pace)
        if beat is not None:
            beat.listeners.discard(visit.listener)
            if not beat.listeners:
                beat.stop()
                del self._beats[visit.pace]
        self._bad.pop(visit, None)

    async def answer(self, visit: Visit, request: bytes | None) -> None:
        """Answer one request of a visitor; who never says anything sensible is shown the door."""
        reply = None if request is None else await self._answer(request)
        if reply is None:
            self._bad[visit] = self._bad.get(visit, 0) + 1
            reply = Result(ok=False, message="not understood: send a text frame with a login or a command")
        visit.listener.put(msgspec.json.encode(reply))
        if self._bad.get(visit, 0) >= _MOST_BAD_REQUESTS:
            visit.say_goodbye(WSCloseCode.POLICY_VIOLATION, b"too much that is no request")

    async def _answer(self, text: bytes) -> Session | Result | None:
        """Answer a request; None when it is none."""
        try:
            request = msgspec.json.decode(text, type=Login | Command)
            arguments = msgspec.json.decode(text, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None
        if isinstance(request, Login):
            return await self._log_in(request.password, request.id)
        if request.command not in WITHOUT_TOKEN and not self._sessions.holds(request.token):
            return Result(ok=False, message="log in first: this token does not hold any more", id=request.id)
        for name in ("type", "token", "command", "id"):
            arguments.pop(name, None)
        result = await self._on_command(request.command, arguments)
        return msgspec.structs.replace(result, id=request.id)

    async def _log_in(self, password: str, request_id: int | str | None) -> Session | Result:
        try:
            token = await self._sessions.log_in(password)
        except LoginRefused as refusal:
            return Result(ok=False, message=str(refusal), id=request_id)
        return Session(token=token, expires_in=LIFETIME, id=request_id)


class _Window:
    """Counts the requests of one connection, in spans of time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._begun = clock()
        self._count = 0

    def is_overfull(self) -> bool:
        """Count one more; tell whether that is more than a person's screen can mean."""
        if self._clock() - self._begun > _REQUEST_WINDOW:
            self._begun, self._count = self._clock(), 0
        self._count += 1
        return self._count >= _MOST_REQUESTS


def _refusal(request: WSUpgradeRequest) -> tuple[HTTPStatus, bytes] | None:
    """Refuse what a web page could send: an Origin, or a name that merely resolves to this machine."""
    if "Origin" in request.headers:
        return HTTPStatus.FORBIDDEN, b"no browsers"
    host = request.headers.get("Host", "").lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name not in LOOPBACK_NAMES:
        return HTTPStatus.FORBIDDEN, b"only by a loopback name"
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return HTTPStatus.UPGRADE_REQUIRED, b"this is a WebSocket"
    return None


def _pace(request: WSUpgradeRequest) -> float | None:
    """Read how often prices are wanted, `/?prices_every=0.5`; None is no answer to that."""
    query = request.path.decode("latin-1").partition("?")[2]
    wanted = parse_qs(query, keep_blank_values=True).get("prices_every", [])
    try:
        pace = float(wanted[-1]) if wanted else SHORTEST
    except ValueError:
        return None
    return pace if SHORTEST <= pace <= LONGEST else None


def _listening_socket(port: int) -> socket.socket:
    """Bind so that nobody can share the port (Windows lets them unless told) and a restart need not wait."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(_MOST_KNOCKING)
    except OSError:
        listening.close()
        raise
    return listening
