"""The venue's REST address: requests out, envelopes in, under one login and one budget."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from decimal import Decimal
from typing import Any, Final

import msgspec

from risk_manager.gateway.errors import GatewayError, GatewayMisread, GatewayRefused, GatewayUnavailable
from risk_manager.gateway.http_link import REQUEST_TIMEOUT, LinkBroken
from risk_manager.gateway.http_pool import HttpPool
from risk_manager.gateway.http_reply import Reply, date_of
from risk_manager.gateway.login import Login, LoginReply
from risk_manager.gateway.payloads import UNREADABLE, Envelope, read_envelope
from risk_manager.gateway.port import Answer, Heard, Urgency, Verdict
from risk_manager.gateway.rate_limit import RateLimit
from risk_manager.gateway.verdicts import Change, answer_of

USER_AGENT: Final = "simple-risk-manager"
ASKED_AGAIN_AFTER: Final = 1.5
"""Seconds after which a reading of enforcement is asked for once more, beside the one that hangs."""
ASKED_AT_ONCE: Final = 3
Body = dict[str, object]
_OK, _UNAUTHORIZED, _TOO_MANY = 200, 401, 429
_SERVER_ERRORS: Final = range(500, 600)
_SHORTEST_SECRET: Final = 8
"""Bytes; a shorter one may stand in a reply by chance."""
_TRY_AGAIN: Final = frozenset({408, 425})
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_LOGIN_REPLY: Final = msgspec.json.Decoder(LoginReply, strict=False)


class Rest:
    """Sends what is asked of it; changing requests are written before the call returns, where a link is warm."""

    def __init__(
        self,
        base: str,
        *,
        username: str,
        api_key: str,
        jitter: Callable[[], float],
        heard: Heard | None = None,
        asked_again_after: float = ASKED_AGAIN_AFTER,
    ) -> None:
        self._pool = HttpPool(base)
        self._credentials: Body = {"userName": username, "apiKey": api_key}
        self._api_key = api_key.encode()
        self._clock = asyncio.get_running_loop().time
        self._heard = heard
        self._asked_again_after = asked_again_after
        self._heads: dict[str, bytes] = {}
        self._heads_token: str | None = None
        self.budget = RateLimit()
        self.login = Login(ask=self._log_in, validate=self._validate, clock=self._clock, jitter=jitter)

    async def read(
        self, path: str, body: Body, urgency: Urgency = Urgency.ROUTINE, budget: RateLimit | None = None
    ) -> Envelope:
        """Ask for something that can be asked again; a rejected token is renewed once.

        Raises:
            GatewayUnavailable: no connection, no budget, too slow, 429, 5xx, 401 twice.
            GatewayRefused: any other status than 200, or the login was refused.
            GatewayMisread: the reply is no envelope.
        """
        budget = budget or self.budget
        ask = self._ask_until_answered if urgency is Urgency.ENFORCEMENT else self._ask
        reply = await ask(path, body, urgency, budget)
        if reply.status == _UNAUTHORIZED:
            reply = await ask(path, body, urgency, budget)
        _require_ok(path, reply)
        try:
            return read_envelope(reply.body)
        except GatewayMisread as problem:
            raise GatewayMisread(f"{path}: the reply cannot be read: {problem}") from problem

    def take_key(self, api_key: str) -> None:
        """Log in with another key from now on."""
        self._credentials = {**self._credentials, "apiKey": api_key}
        self._api_key = api_key.encode()
        self.login.begin_anew()

    def change(self, change: Change, body: Body) -> Coroutine[Any, Any, Answer]:
        """Write a changing request now; await the answer. It is never sent twice, and raises nothing."""
        token = self.login.current
        if token is None or self.budget.delay(self._clock(), Urgency.CHANGE) > 0:
            return self._change_later(change, body)
        return self._answer(change, token, self._send(change.path, token, body, self.budget))

    async def keep_warm(self) -> None:
        """Hold connections open for ever."""
        await self._pool.keep_warm(self._ping)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def _ask_until_answered(self, path: str, body: Body, urgency: Urgency, budget: RateLimit) -> Reply:
        """Ask anew beside what hangs, over another connection; the first outcome counts, whichever it is of."""
        asks: list[asyncio.Task[Reply]] = []
        try:
            while True:
                if len(asks) < ASKED_AT_ONCE:
                    asks.append(asyncio.create_task(self._ask(path, body, urgency, budget)))
                done, _ = await asyncio.wait(asks, timeout=self._asked_again_after, return_when=asyncio.FIRST_COMPLETED)
                if done:
                    return await done.pop()
        finally:
            for ask in asks:
                ask.cancel()
            await asyncio.gather(*asks, return_exceptions=True)

    async def _ask(self, path: str, body: Body, urgency: Urgency, budget: RateLimit) -> Reply:
        token = await self.login.token()
        await self._wait_for_budget(budget, urgency)
        try:
            reply = await self._send(path, token, body, budget)
        except LinkBroken:  # the venue parts with idle connections when it likes
            reply = await self._send(path, token, body, budget)
        self._note(reply, token, budget)
        return self._discreet(reply, token)

    async def _change_later(self, change: Change, body: Body) -> Answer:
        try:
            token = await self.login.token()
            await self._wait_for_budget(self.budget, Urgency.CHANGE)
        except GatewayError as problem:
            return Answer(verdict=Verdict.UNCLEAR, text=f"not sent: {problem}")
        return await self._answer(change, token, self._send(change.path, token, body, self.budget))

    async def _answer(self, change: Change, token: str, sending: Awaitable[Reply]) -> Answer:
        try:
            reply = await sending
        except GatewayError as problem:
            return Answer(verdict=Verdict.UNCLEAR, text=str(problem))
        self._note(reply, token, self.budget)
        answer = answer_of(change, self._discreet(reply, token))
        if reply.status == _UNAUTHORIZED:
            await self._log_in_for_the_next()
        return answer

    def _discreet(self, reply: Reply, token: str) -> Reply:
        """Take out what the venue, or a proxy before it, quotes of our secrets: its words go to logs and journal."""
        body = reply.body
        for secret in (token.encode(), self._api_key):
            if len(secret) >= _SHORTEST_SECRET and secret in body:
                body = body.replace(secret, b"***")
        return reply if body is reply.body else msgspec.structs.replace(reply, body=body)

    async def _log_in_for_the_next(self) -> None:
        try:
            await self.login.token()
        except GatewayError:
            return  # whoever asks next is told

    def _note(self, reply: Reply, token: str, budget: RateLimit) -> None:
        if reply.status == _UNAUTHORIZED:
            self.login.drop(token)
        elif reply.status == _TOO_MANY:
            budget.exceeded(self._clock(), _retry_after(reply))
        else:
            budget.answered(self._clock())

    def _send(self, path: str, token: str | None, body: Body | None, budget: RateLimit) -> Awaitable[Reply]:
        content = b"" if body is None else _ENCODER.encode(body)
        sent_at = self._clock()
        budget.spend(sent_at)
        sending = self._pool.send(b"%b%d\r\n\r\n%b" % (self._head(path, token), len(content), content))
        return self._dated(sending, sent_at)

    async def _dated(self, sending: Awaitable[Reply], sent_at: float) -> Reply:
        """Pass a reply on, and what it says of the venue's time: to the second, and not older than the request."""
        reply = await sending
        if self._heard is not None and (date := date_of(reply)) is not None:
            self._heard(date, within=self._clock() - sent_at + 1)
        return reply

    def _head(self, path: str, token: str | None) -> bytes:
        """Build a request up to the number of its length; what repeats is kept."""
        if token != self._heads_token:
            self._heads.clear()
            self._heads_token = token
        head = self._heads.get(path)
        if head is None:
            bearer = "" if token is None else f"Authorization: Bearer {token}\r\n"
            head = self._heads[path] = (
                f"POST {self._pool.prefix}{path} HTTP/1.1\r\n"
                f"Host: {self._pool.host_header}\r\n"
                f"User-Agent: {USER_AGENT}\r\n"
                "Accept: application/json\r\n"
                f"{bearer}"
                "Content-Type: application/json\r\n"
                "Content-Length: "
            ).encode("latin-1")
        return head

    async def _ping(self) -> None:
        if self.budget.delay(self._clock(), Urgency.ROUTINE) > 0:
            return
        self.budget.spend(self._clock())
        await self._pool.send(
            f"GET {self._pool.prefix}/api/Status/ping HTTP/1.1\r\n"
            f"Host: {self._pool.host_header}\r\nUser-Agent: {USER_AGENT}\r\n\r\n".encode("latin-1")
        )

    async def _log_in(self) -> LoginReply:
        return await self._auth("/api/Auth/loginKey", None, self._credentials)

    async def _validate(self, token: str) -> LoginReply:
        return await self._auth("/api/Auth/validate", token, None)

    async def _auth(self, path: str, token: str | None, body: Body | None) -> LoginReply:
        await self._wait_for_budget(self.budget, Urgency.ENFORCEMENT)
        reply = await self._send(path, token, body, self.budget)
        if reply.status == _TOO_MANY:
            self.budget.exceeded(self._clock(), _retry_after(reply))
        if reply.status == _UNAUTHORIZED:
            raise GatewayRefused(f"{path}: HTTP 401; user name, key or session are not accepted", status=401)
        _require_ok(path, reply)
        try:
            return _LOGIN_REPLY.decode(reply.body)
        except UNREADABLE:  # the reason could quote the token
            raise GatewayUnavailable(f"{path}: the reply cannot be read; it will be asked again") from None

    async def _wait_for_budget(self, budget: RateLimit, urgency: Urgency) -> None:
        while (wait := budget.delay(self._clock(), urgency)) > 0:
            if wait > REQUEST_TIMEOUT:
                raise GatewayUnavailable(f"the request budget is used up for {wait:.0f} s", retry_after=wait)
            await asyncio.sleep(wait)


def price_of(price: Decimal) -> Decimal:
    """Write a price without an exponent, which not every reader takes."""
    return Decimal(f"{price:f}")


def _require_ok(path: str, reply: Reply) -> None:
    status = reply.status
    if status == _OK:
        return
    if status == _TOO_MANY:
        raise GatewayUnavailable(
            f"{path}: HTTP 429, too many requests; waiting", retry_after=_retry_after(reply), status=status
        )
    if status in _SERVER_ERRORS or status in _TRY_AGAIN or status == _UNAUTHORIZED:
        raise GatewayUnavailable(f"{path}: HTTP {status}; it will be asked again", status=status)
    raise GatewayRefused(f"{path}: HTTP {status}; check gateway.api and the versions", status=status)


def _retry_after(reply: Reply) -> float | None:
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < len("12345") else None
