"""The one session with the venue, from which REST and both hubs take their token."""

import asyncio
import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from risk_manager.gateway.errors import GatewayError, GatewayRefused, GatewayUnavailable

TOKEN_LIFE: Final = 24 * 3600.0
"""Seconds from issue, by the venue's docs, for a token that does not tell its own life."""
PERMANENT_CODES: Final = frozenset({1, 2, 3, 4, 5, 6, 7, 9, 10})
REFUSED_PAUSE: Final = 15 * 60.0
FIRST_BACK_OFF: Final = 2.0
LAST_BACK_OFF: Final = 60.0
SETTLED: Final = 300.0
"""Seconds after which a session counts as one that held: what rejects the next one starts a new row of failures."""
MIN_SPACING: Final = 2.0
"""Seconds between two logins, however good the reasons."""
_WORDS: Final = {
    1: "it does not know the user name (it is the platform's login name, not the e-mail address)",
    2: "the key does not fit",
    3: "user name or key is wrong",
    4: "it does not know the application",
    5: "it does not accept the application",
    6: "it does not accept the device",
    7: "agreements wait to be signed on the platform",
    9: "there is no API subscription; buy it and link it under Settings, API on the platform",
    10: "login by API key is switched off for this user",
}
_TOKEN: Final = re.compile(r"[!-~]{1,8192}")
_JWT_PARTS: Final = 3


class LoginReply(msgspec.Struct, rename="camel"):
    """The reply of `loginKey` and `validate`."""

    success: bool | None = None
    error_code: int | None = None
    error_message: str | None = None
    token: str | None = None
    new_token: str | None = None


class _Claims(msgspec.Struct):
    exp: float | None = None
    iat: float | None = None
    nbf: float | None = None


class Login:
    """Gives out the newest token; logs in when there is none, once however many ask.

    It paces itself: within a back-off the failure that caused it is raised again, with `retry_after`.
    """

    def __init__(
        self,
        *,
        ask: Callable[[], Awaitable[LoginReply]],
        validate: Callable[[str], Awaitable[LoginReply]],
        clock: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        self._ask = ask
        self._validate = validate
        self._clock = clock
        self._jitter = jitter
        self._token: str | None = None
        self._taken_at = float("-inf")
        self._renew_at = float("inf")
        self._next_login_at = float("-inf")
        self._failures = 0
        self._failure: GatewayError | None = None
        self._lock = asyncio.Lock()

    @property
    def current(self) -> str | None:
        """The token in use, if there is one."""
        return self._token

    @property
    def renew_at(self) -> float:
        """When the token has lived half its life, by the monotonic clock."""
        return self._renew_at

    async def token(self) -> str:
        """Give the token, after a login where there is none; raise `GatewayRefused` or `GatewayUnavailable`."""
        if self._token is not None:
            return self._token
        async with self._lock:
            return self._token if self._token is not None else await self._log_in()

    def begin_anew(self) -> None:
        """Forget that a login was refused, and how often: it is another one now."""
        if self._token is None:
            self._failure, self._failures, self._next_login_at = None, 0, float("-inf")

    def drop(self, token: str) -> bool:
        """Forget a token that the venue no longer takes; tell whether it was the one in use."""
        if token != self._token:
            return False
        self._token = None
        self._renew_at = float("inf")
        if self._clock() - self._taken_at < LAST_BACK_OFF:
            self._back_off(GatewayUnavailable("the venue rejects the token that it has just given"))
        return True

    async def renew(self) -> None:
        """Have the token validated and take the new one if one is given; a failure keeps the old one."""
        token = self._token
        if token is None:
            return
        self._renew_at = self._clock() + LAST_BACK_OFF
        async with self._lock:
            try:
                reply = await self._validate(token)
            except GatewayRefused:
                self.drop(token)
                return
        if token != self._token:
            return
        if reply.success is not True:
            self.drop(token)
        elif reply.new_token:
            self._take(reply.new_token)
        else:
            self._renew_at = self._clock() + TOKEN_LIFE / 4

    async def _log_in(self) -> str:
        wait = self._next_login_at - self._clock()
        if wait > 0:
            raise self._paced(wait)
        try:
            reply = await self._ask()
        except GatewayUnavailable as problem:
            self._back_off(problem)
            raise
        except GatewayError as problem:
            self._failure = problem
            self._next_login_at = self._clock() + REFUSED_PAUSE
            raise
        if reply.success is True and reply.token and not reply.error_code:
            if self._clock() - self._taken_at >= SETTLED:
                self._failures = 0
            self._failure = None
            self._next_login_at = self._clock() + MIN_SPACING
            self._taken_at = self._clock()
            return self._take(reply.token)
        raise self._refusal(reply)

    def _take(self, token: str) -> str:
        if not _TOKEN.fullmatch(token):
            problem = GatewayUnavailable("the venue gave a login token that cannot be one; it will be asked again")
            self._back_off(problem)
            raise problem
        self._token = token
        self._renew_at = self._clock() + life_of(token) / 2
        return token

    def _refusal(self, reply: LoginReply) -> GatewayError:
        code = reply.error_code or 0
        words = _WORDS.get(code) or (reply.error_message or "it gave no reason")[:200]
        if code not in PERMANENT_CODES:
            problem: GatewayError = GatewayUnavailable(f"the venue did not log us in (code {code}): {words}")
            self._back_off(problem)
            return problem
        self._failure = GatewayRefused(
            f"the venue refused the login (code {code}): {words}; correct accounts.yaml or the account",
            retry_after=REFUSED_PAUSE,
        )
        self._next_login_at = self._clock() + REFUSED_PAUSE
        return self._failure

    def _back_off(self, problem: GatewayError) -> None:
        pause = min(FIRST_BACK_OFF * 2 ** min(self._failures, 10), LAST_BACK_OFF)
        pause *= 0.75 + self._jitter() / 4
        self._failures += 1
        problem.retry_after = max(pause, problem.retry_after or 0.0)
        self._failure = problem
        self._next_login_at = self._clock() + problem.retry_after

    def _paced(self, wait: float) -> GatewayError:
        failure = self._failure
        if failure is None:
            return GatewayUnavailable("logged in a moment ago; waiting before the next login", retry_after=wait)
        return type(failure)(str(failure), retry_after=wait, status=failure.status)


def life_of(token: str) -> float:
    """Read out of a JWT how many seconds it lives in all; 24 h for any other token."""
    parts = token.split(".")
    if len(parts) != _JWT_PARTS:
        return TOKEN_LIFE
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)), type=_Claims)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return TOKEN_LIFE
    issued = claims.iat if claims.iat is not None else claims.nbf
    if claims.exp is None or issued is None or not 0 < claims.exp - issued <= TOKEN_LIFE:
        return TOKEN_LIFE
    return claims.exp - issued
