"""The one session: who asks for it, how often, and what a refusal means."""

import asyncio
import base64
from collections import deque

import msgspec
import pytest

from risk_manager.gateway.errors import GatewayMisread, GatewayRefused, GatewayUnavailable
from risk_manager.gateway.login import (
    LAST_BACK_OFF,
    MIN_SPACING,
    PERMANENT_CODES,
    REFUSED_PAUSE,
    TOKEN_LIFE,
    Login,
    LoginReply,
    life_of,
)

Script = LoginReply | Exception


def given(token: str) -> LoginReply:
    return LoginReply(success=True, error_code=0, token=token)


def refused(code: int, message: str | None = None) -> LoginReply:
    return LoginReply(success=False, error_code=code, error_message=message)


def jwt(**claims: object) -> str:
    return f"head.{base64.urlsafe_b64encode(msgspec.json.encode(claims)).decode().rstrip('=')}.signature"


class Desk:
    """The venue's login desk, and a clock that a test winds."""

    def __init__(self, *logins: Script, validations: tuple[Script, ...] = ()) -> None:
        self.now = 1000.0
        self.asked = 0
        self.logins, self.validations = deque(logins), deque(validations)
        self.login = Login(ask=self.ask, validate=self.validate, clock=lambda: self.now, jitter=lambda: 1.0)

    async def ask(self) -> LoginReply:
        self.asked += 1
        await asyncio.sleep(0)
        return self._play(self.logins)

    async def validate(self, token: str) -> LoginReply:
        del token
        return self._play(self.validations)

    @staticmethod
    def _play(script: deque[Script]) -> LoginReply:
        step = script.popleft()
        if isinstance(step, Exception):
            raise step
        return step


async def test_many_who_ask_at_once_share_one_login() -> None:
    desk = Desk(given("a"))
    tokens = await asyncio.gather(*(desk.login.token() for _ in range(10)))
    assert tokens == ["a"] * 10
    assert desk.asked == 1


async def test_a_refusal_is_forgotten_where_the_next_login_is_another_one() -> None:
    desk = Desk(refused(3), given("a"))
    with pytest.raises(GatewayRefused):
        await desk.login.token()
    desk.login.begin_anew()
    assert await desk.login.token() == "a"


async def test_a_session_that_holds_stays_where_the_next_login_is_another_one() -> None:
    desk = Desk(given("a"))
    await desk.login.token()
    desk.login.begin_anew()
    assert await desk.login.token() == "a"
    assert desk.asked == 1


@pytest.mark.parametrize("code", sorted(PERMANENT_CODES))
async def test_a_permanent_refusal_is_not_repeated_for_a_long_time(code: int) -> None:
    desk = Desk(refused(code), given("a"))
    with pytest.raises(GatewayRefused, match=f"code {code}"):
        await desk.login.token()
    desk.now += REFUSED_PAUSE - 1
    with pytest.raises(GatewayRefused) as caught:
        await desk.login.token()
    assert caught.value.retry_after == 1
    assert desk.asked == 1
    desk.now += 1
    assert await desk.login.token() == "a"


async def test_what_may_pass_is_tried_again_ever_more_slowly_up_to_a_minute() -> None:
    failures: list[Script] = [refused(8, "unknown error"), GatewayUnavailable("away")]
    desk = Desk(*failures * 4, given("a"))
    pauses = []
    for _ in range(8):
        with pytest.raises(GatewayUnavailable) as caught:
            await desk.login.token()
        assert caught.value.retry_after is not None
        pauses.append(caught.value.retry_after)
        desk.now += caught.value.retry_after
    assert pauses == [2, 4, 8, 16, 32, LAST_BACK_OFF, LAST_BACK_OFF, LAST_BACK_OFF]
    assert await desk.login.token() == "a"


async def test_within_a_back_off_nothing_is_sent() -> None:
    desk = Desk(GatewayUnavailable("away"), given("a"))
    for _ in range(5):
        with pytest.raises(GatewayUnavailable, match="away"):
            await desk.login.token()
    assert desk.asked == 1


async def test_a_dropped_token_is_replaced_and_dropping_it_twice_changes_nothing() -> None:
    desk = Desk(given("a"), given("b"))
    await desk.login.token()
    desk.now += 3600
    assert desk.login.drop("a")
    assert not desk.login.drop("a")
    assert await desk.login.token() == "b"
    assert not desk.login.drop("a")
    assert desk.login.current == "b"


async def test_tokens_that_are_rejected_as_soon_as_given_do_not_make_us_hammer() -> None:
    desk = Desk(*(given(f"t{number}") for number in range(100)))
    until = desk.now + 600
    while desk.now < until:
        try:
            desk.login.drop(await desk.login.token())
        except GatewayUnavailable as problem:
            desk.now += problem.retry_after or 0.1
    assert desk.asked <= 18


async def test_logins_keep_a_distance() -> None:
    desk = Desk(given("a"), given("b"))
    await desk.login.token()
    desk.login.drop("a")
    with pytest.raises(GatewayUnavailable) as caught:
        await desk.login.token()
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= MIN_SPACING


async def test_half_way_through_its_life_a_token_is_renewed() -> None:
    desk = Desk(given("a"), validations=(LoginReply(success=True, new_token="b"),))
    await desk.login.token()
    assert desk.login.renew_at == desk.now + TOKEN_LIFE / 2
    desk.now = desk.login.renew_at
    await desk.login.renew()
    assert desk.login.current == "b"
    assert desk.login.renew_at == desk.now + TOKEN_LIFE / 2


async def test_a_validation_without_a_new_token_keeps_the_old_one() -> None:
    desk = Desk(given("a"), validations=(LoginReply(success=True, new_token=None),))
    await desk.login.token()
    await desk.login.renew()
    assert desk.login.current == "a"
    assert desk.login.renew_at > desk.now


async def test_a_validation_that_got_no_answer_keeps_the_token_and_is_tried_again() -> None:
    desk = Desk(given("a"), validations=(GatewayUnavailable("away"),))
    await desk.login.token()
    with pytest.raises(GatewayUnavailable):
        await desk.login.renew()
    assert desk.login.current == "a"
    assert desk.now < desk.login.renew_at <= desk.now + 60


@pytest.mark.parametrize("answer", [refused(3), GatewayRefused("401", status=401)])
async def test_a_session_that_is_no_more_is_dropped(answer: Script) -> None:
    desk = Desk(given("a"), given("b"), validations=(answer,))
    await desk.login.token()
    desk.now += 3600
    await desk.login.renew()
    assert desk.login.current is None
    assert await desk.login.token() == "b"


async def test_without_a_token_there_is_nothing_to_renew() -> None:
    desk = Desk()
    await desk.login.renew()
    assert desk.login.current is None


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "a b", "ä", "x" * 9000])
async def test_a_token_that_could_not_stand_in_a_header_is_not_taken(token: str) -> None:
    desk = Desk(given(token))
    with pytest.raises(GatewayUnavailable, match="cannot be one"):
        await desk.login.token()
    assert desk.login.current is None


async def test_a_success_without_a_token_is_no_login() -> None:
    desk = Desk(LoginReply(success=True, error_code=0))
    with pytest.raises(GatewayUnavailable):
        await desk.login.token()


async def test_an_address_that_does_not_speak_http_is_not_hammered() -> None:
    desk = Desk(GatewayMisread("not HTTP"))
    for _ in range(3):
        with pytest.raises(GatewayMisread):
            await desk.login.token()
    assert desk.asked == 1


@pytest.mark.parametrize(
    ("token", "seconds"),
    [
        (jwt(iat=1000, exp=4600), 3600),
        (jwt(nbf=1000, exp=2000), 1000),
        (jwt(exp=2000), TOKEN_LIFE),
        (jwt(iat=5000, exp=2000), TOKEN_LIFE),
        (jwt(iat="x"), TOKEN_LIFE),
        ("a.%%%.b", TOKEN_LIFE),
        ("opaque", TOKEN_LIFE),
    ],
)
def test_a_token_may_tell_its_life(token: str, seconds: float) -> None:
    assert life_of(token) == seconds
