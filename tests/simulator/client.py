"""A plain client of the played venue, on aiohttp and the hub protocol alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec

from risk_manager.signalr.messages import Close, Completion, Invocation, Ping
from risk_manager.signalr.protocol import ClientProtocol, Event
from risk_manager.simulator.switches import Switches
from risk_manager.simulator.venue import Venue, running_venue
from tests.patience import patience

PATIENCE_SECONDS = patience(5)
_SHORT_GOODBYE = aiohttp.ClientWSTimeout(ws_close=0.05)  # a hub that was told to freeze says none
ACCOUNT = 1001
Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Json:
        said: Json = json.loads(self.text)
        return said


@dataclass
class Hub:
    """One hub connection: everything heard is kept in order."""

    socket: aiohttp.ClientWebSocketResponse
    protocol: ClientProtocol = field(default_factory=ClientProtocol)
    heard: list[Event] = field(default_factory=list)

    async def invoke(self, target: str, *arguments: object) -> Completion:
        await self.socket.send_str(self.protocol.send_invocation(target, arguments, invocation_id=target))
        answer = await self.until(lambda e: isinstance(e, Completion) and e.invocation_id == target)
        assert isinstance(answer, Completion)
        return answer

    async def event(self, target: str, where: Callable[[Any], bool] = lambda _: True) -> Any:
        """The arguments of the next event of that name; the one argument alone if there is one."""

        def fits(event: Event) -> bool:
            return isinstance(event, Invocation) and event.target == target and where(arguments_of(event))

        event = await self.until(fits)
        return arguments_of(event)

    async def until(self, condition: Callable[[Event], bool]) -> Event:
        """Read on until an event fits; what comes before stays in `heard`."""
        start = 0
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for index in range(start, len(self.heard)):
                    if condition(self.heard[index]):
                        return self.heard.pop(index)
                start = len(self.heard)
                await self.read()

    async def read(self) -> None:
        frame = await self.socket.receive()
        if frame.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionResetError(f"{frame.type.name} {frame.data}")
        self.heard += self.protocol.receive_data(frame.data)

    async def end(self) -> list[Event]:
        """Read until the connection ends; what was heard on the way."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                while True:
                    await self.read()
            except ConnectionResetError:
                return self.heard

    def targets(self) -> list[str]:
        return [event.target for event in self.heard if isinstance(event, Invocation)]


def arguments_of(event: Event) -> Any:
    assert isinstance(event, Invocation)
    decoded = [json.loads(bytes(argument)) for argument in event.arguments]
    return decoded[0] if len(decoded) == 1 else decoded


def is_ping(event: Event) -> bool:
    return isinstance(event, Ping)


def is_close(event: Event) -> bool:
    return isinstance(event, Close)


class Client:
    def __init__(self, venue: Venue, session: aiohttp.ClientSession, until_left: AsyncExitStack) -> None:
        self.venue = venue
        self.token: str | None = None
        self._session = session
        self._until_left = until_left
        self.mnq = ""

    async def login(self) -> None:
        body = {"userName": self.venue.username, "apiKey": self.venue.api_key}
        self.token = (await self.post("Auth/loginKey", body)).json["token"]
        contracts = (await self.post("Contract/available", {"live": False})).json["contracts"]
        self.mnq = next(contract["id"] for contract in contracts if contract["name"].startswith("MNQ"))

    async def post(self, path: str, body: object = None, *, token: str | None = None) -> Reply:
        used = token or self.token
        headers = {"Authorization": f"Bearer {used}"} if used else {}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        url = f"{self.venue.api}/api/{path}"
        async with (
            asyncio.timeout(PATIENCE_SECONDS),
            self._session.post(url, data=data, headers=headers | {"Content-Type": "application/json"}) as reply,
        ):
            return Reply(reply.status, await reply.text(), dict(reply.headers))

    async def get(self, path: str) -> Reply:
        async with self._session.get(f"{self.venue.api}/{path}") as reply:
            return Reply(reply.status, await reply.text(), dict(reply.headers))

    async def control(self, deed: str, /, **values: object) -> Json:
        body = json.dumps(values).encode()
        async with self._session.post(f"{self.venue.control}/{deed}", data=body) as reply:
            said: Json = await reply.json()
            assert reply.status == 200, said
            return said

    async def control_refused(self, deed: str, /, **values: object) -> tuple[int, Json]:
        async with self._session.post(f"{self.venue.control}/{deed}", json=values) as reply:
            return reply.status, await reply.json()

    async def state(self, account: int = ACCOUNT) -> Json:
        accounts: list[Json] = (await self.get("control/state")).json["accounts"]
        return next(row for row in accounts if row["id"] == account)

    async def log(self, kind: str) -> list[Json]:
        entries: list[Json] = (await self.get(f"control/log?kind={kind}")).json["entries"]
        return entries

    async def place(self, *, side: int = 0, size: int = 1, type_: int = 2, **fields: object) -> Json:
        body = {"accountId": ACCOUNT, "contractId": self.mnq, "type": type_, "side": side, "size": size}
        return (await self.post("Order/place", body | fields)).json

    async def close(self) -> Json:
        body = {"accountId": ACCOUNT, "contractId": self.mnq}
        return (await self.post("Position/closeContract", body)).json

    async def hub(self, name: str) -> Hub:
        url = self.venue.user_hub if name == "user" else self.venue.market_hub
        connecting = self._session.ws_connect(f"{url}?access_token={self.token}", timeout=_SHORT_GOODBYE)
        socket = await self._until_left.enter_async_context(connecting)
        hub = Hub(socket)
        await socket.send_str(hub.protocol.send_handshake())
        await hub.read()
        hub.heard.clear()
        return hub

    async def user_hub(self) -> Hub:
        """Connected and subscribed to everything of the account; the account's snapshot is consumed."""
        hub = await self.hub("user")
        await hub.invoke("SubscribeAccounts")
        for stream in ("Orders", "Positions", "Trades"):
            await hub.invoke(f"Subscribe{stream}", ACCOUNT)
        hub.heard.clear()
        return hub

    async def market_hub(self) -> Hub:
        hub = await self.hub("market")
        await hub.invoke("SubscribeContractQuotes", self.mnq)
        return hub


@asynccontextmanager
async def at_the_venue(**settings: Any) -> AsyncIterator[Client]:
    """A venue whose prices stand still unless told otherwise, and a client that is logged in."""
    switches = settings.pop("switches", {})
    from_switches = msgspec.convert({"prices_move": False, "account_snapshot": False} | switches, Switches)
    async with (
        running_venue(switches=from_switches, **settings) as venue,
        aiohttp.ClientSession() as session,
        AsyncExitStack() as until_left,
    ):
        client = Client(venue, session, until_left)
        await client.login()
        yield client
