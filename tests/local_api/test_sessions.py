"""Logins, tokens and guesses."""

import pytest

from risk_manager.local_api.sessions import LIFETIME, LoginRefused, Sessions


class Watch:
    """A monotonic clock that stands still until told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Password:
    """A password check that counts how often it was asked."""

    def __init__(self, right: str) -> None:
        self.right = right
        self.asked = 0

    def __call__(self, guess: str) -> bool:
        self.asked += 1
        return guess == self.right


async def test_the_password_buys_a_token_that_holds_ten_minutes() -> None:
    watch = Watch()
    sessions = Sessions(check_password=Password("open sesame"), monotonic=watch)

    token = await sessions.log_in("open sesame")

    watch.now += LIFETIME - 0.001
    assert sessions.holds(token)
    watch.now += 0.001
    assert not sessions.holds(token)


async def test_a_wrong_password_buys_nothing() -> None:
    sessions = Sessions(check_password=Password("open sesame"), monotonic=Watch())

    with pytest.raises(LoginRefused, match="wrong password"):
        await sessions.log_in("open barley")


async def test_an_invented_token_does_not_hold() -> None:
    sessions = Sessions(check_password=Password("open sesame"), monotonic=Watch())

    assert not sessions.holds("")
    assert not sessions.holds("x" * 10_000)
    assert not sessions.holds("\ud800")


async def test_the_next_guess_must_wait_longer_each_time() -> None:
    watch, password = Watch(), Password("open sesame")
    sessions = Sessions(check_password=password, monotonic=watch)
    waits = (1, 2, 4, 8, 16, 32, 60, 60)

    for wait in waits:
        with pytest.raises(LoginRefused, match="wrong"):
            await sessions.log_in("guess")
        asked = password.asked
        watch.now += wait - 0.5
        with pytest.raises(LoginRefused, match="try again"):
            await sessions.log_in("open sesame")
        assert password.asked == asked, "a guess that comes too soon is not even looked at"
        watch.now += 0.5

    assert sessions.holds(await sessions.log_in("open sesame"))


async def test_the_right_password_forgives_earlier_guesses() -> None:
    watch = Watch()
    sessions = Sessions(check_password=Password("open sesame"), monotonic=watch)
    with pytest.raises(LoginRefused):
        await sessions.log_in("guess")
    watch.now += 1
    await sessions.log_in("open sesame")

    with pytest.raises(LoginRefused):
        await sessions.log_in("guess")

    watch.now += 1
    await sessions.log_in("open sesame")


@pytest.mark.parametrize("password", ["", "x" * 73, "\ud800"])
async def test_what_bcrypt_cannot_read_is_wrong_and_never_reaches_it(password: str) -> None:
    check = Password(password)
    sessions = Sessions(check_password=check, monotonic=Watch())

    with pytest.raises(LoginRefused):
        await sessions.log_in(password)

    assert check.asked == 0


async def test_without_a_password_set_nobody_can_log_in() -> None:
    sessions = Sessions(check_password=None, monotonic=Watch())

    with pytest.raises(LoginRefused, match="no admin password is set"):
        await sessions.log_in("")


async def test_the_oldest_token_makes_room_when_there_are_too_many() -> None:
    sessions = Sessions(check_password=Password("open sesame"), monotonic=Watch())
    tokens = [await sessions.log_in("open sesame") for _ in range(33)]

    assert not sessions.holds(tokens[0])
    assert all(sessions.holds(token) for token in tokens[1:])
