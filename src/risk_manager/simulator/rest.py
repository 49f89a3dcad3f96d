"""The road of a REST request: log, faults, limits, token, body, endpoint, reply."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import InvalidOperation
from email.utils import format_datetime

import msgspec
from aiohttp import web

from risk_manager.simulator import requests, wire
from risk_manager.simulator.endpoints import ENDPOINTS, OPEN_TO_ALL
from risk_manager.simulator.endpoints.call import BadPaging, Call, failure
from risk_manager.simulator.exchange.orders import OrderRequest, Side, Type
from risk_manager.simulator.exchange.placing import record_rejected
from risk_manager.simulator.faults import RestFault
from risk_manager.simulator.rate_limit import Window
from risk_manager.simulator.stage import Stage
from risk_manager.simulator.switches import Missing
from risk_manager.simulator.tokens import Session

NEWER = {"/api/order/v2/query": Missing.ORDER_QUERY, "/api/order/searchbyid": Missing.ORDER_QUERY}
PAYLOADS = {"/api/order/place": "orderId", "/api/auth/loginkey": "token"}
UNFIT = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation)
SECRETS = frozenset({"apiKey", "token", "newToken"})
CLOSES = frozenset({"/api/position/closecontract", "/api/position/partialclosecontract"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Rest:
    """Serves every path below /api."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request, unless it was ordered that nobody answers."""
        stage, raw = self._stage, await request.read()
        number = stage.log.note("request", method=request.method, path=request.path, body=_as_json(raw))
        fault = stage.faults.take_rest(request.path)
        if fault is not None:
            stage.log.note("fault", path=request.path, data=msgspec.to_builtins(fault))
            await self._wait(fault.delay)
        answer = self._decide(request, raw, fault)
        if fault is not None:
            await self._wait(fault.hold)
            if fault.hang:
                await self._leave_hanging(request)
        stage.log.note("reply", request=number, path=request.path, status=answer.status, body=_as_json(answer.body))
        headers = {"Date": format_datetime(stage.clock.now(), usegmt=True), **answer.headers}
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type, headers=headers)

    async def _wait(self, seconds: float) -> None:
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._stage.closing.wait()

    async def _leave_hanging(self, request: web.Request) -> None:
        await self._stage.closing.wait()
        if request.transport is not None:
            request.transport.abort()

    def _decide(self, request: web.Request, raw: bytes, fault: RestFault | None) -> Answer:
        if fault is None or fault.executes or (fault.status is None and fault.code is None):
            answer = self._answer(request, raw)
            self._stage.pump_soon()
        else:
            answer = Answer(200)
        if fault is None:
            return answer
        path = request.path.lower()
        if fault.leaves_rejected and path in CLOSES:
            self._record_rejected(raw)
        if fault.status is not None:
            return _status_answer(fault)
        if fault.code is not None:
            payload = {PAYLOADS[path]: None} if path in PAYLOADS else {}
            return self._json(200, wire.encode(failure(fault.code, fault.text, **payload)))
        return answer

    def _answer(self, request: web.Request, raw: bytes) -> Answer:
        path, stage = request.path.lower().rstrip("/"), self._stage
        if path == "/api/status/ping":
            return Answer(200, b"pong", "text/plain")
        if path not in ENDPOINTS or NEWER.get(path) is stage.switches.missing:
            return Answer(404, content_type="text/plain")
        if request.method != "POST":
            return Answer(405, content_type="text/plain", headers={"Allow": "POST"})
        session = self._session(request, path)
        if session is None and path not in OPEN_TO_ALL:
            return Answer(401, content_type="text/plain")
        if not self._admits(f"login from {request.remote}" if session is None else session.caller, path):
            retry = stage.switches.retry_after
            return Answer(429, content_type="text/plain", headers={"Retry-After": str(retry)} if retry else {})
        return self._execute(path, session, raw)

    def _execute(self, path: str, session: Session | None, raw: bytes) -> Answer:
        kind, endpoint = ENDPOINTS[path]
        try:
            body = msgspec.json.decode(raw or b"{}" if kind is requests.Empty else raw, type=kind)
            reply = endpoint(Call(self._stage, session, self._stage.clock.now()), _in_utc(body))
        except UNFIT as trouble:
            return _unfit(str(trouble))
        except BadPaging as trouble:
            return Answer(400, wire.problem(400, str(trouble)), "application/problem+json")
        return self._json(200, wire.encode(reply))

    def _json(self, status: int, body: bytes) -> Answer:
        return Answer(status, body, "text/plain" if self._stage.switches.text_plain else "application/json")

    def _session(self, request: web.Request, path: str) -> Session | None:
        session = self._stage.sessions.find(bearer(request))
        if session is None:
            return None
        if session.is_valid(self._stage.clock.now()):
            return session
        may_renew = path == "/api/auth/validate" and self._stage.switches.validate_accepts_expired
        return session if may_renew and not session.is_revoked else None

    def _admits(self, caller: str, path: str) -> bool:
        switches = self._stage.switches
        if not switches.rate_limit:
            return True
        window = Window.SLIDING if switches.rate_window_slides else Window.FIXED
        return self._stage.limits.admit(caller, path, self._stage.clock.monotonic(), window=window)

    def _record_rejected(self, raw: bytes) -> None:
        body = msgspec.json.decode(raw, type=requests.CloseContract)
        floor = self._stage.exchange.floor
        position = floor.position(body.account_id, body.contract_id)
        if position is None:
            return
        request = OrderRequest(
            account_id=body.account_id,
            contract_id=body.contract_id,
            type=Type.MARKET,
            side=Side.SELL if position.net_size > 0 else Side.BUY,
            size=position.size,
        )
        record_rejected(floor, request, self._stage.clock.now())
        self._stage.pump_soon()


def bearer(request: web.Request) -> str | None:
    """The token in a request's header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


def hub_token(request: web.Request) -> str | None:
    """The token of a request to a hub: browsers cannot send headers there, so it may stand in the query."""
    return bearer(request) or request.query.get("access_token")


def _status_answer(fault: RestFault) -> Answer:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return Answer(fault.status or 500, (fault.body or "").encode(), "text/plain", headers)


def _unfit(trouble: str) -> Answer:
    errors = {"request": ["The request field is required."]}
    named = re.search(r"(?:field|at) `([^`]+)`", trouble)
    if named:
        where = named.group(1)
        errors[where if where.startswith("$") else f"$.{where}"] = [trouble]
    body = wire.problem(400, "One or more validation errors occurred.", errors)
    return Answer(400, body, "application/problem+json")


def _in_utc(body: requests.Body) -> requests.Body:
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if isinstance(value, datetime) and value.tzinfo is None:
            setattr(body, name, value.replace(tzinfo=UTC))
        elif isinstance(value, requests.Body):
            _in_utc(value)
    return body


def _as_json(raw: bytes) -> object:
    """What was said, without the secrets that must not lie about in a log."""
    if not raw:
        return None
    try:
        said = msgspec.json.decode(raw)
    except UNFIT:
        return repr(raw[:200])
    if isinstance(said, dict):
        return {name: "***" if name in SECRETS else value for name, value in said.items()}
    return said
