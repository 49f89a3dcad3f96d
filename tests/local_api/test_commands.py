"""What may be asked, and what is answered."""

import msgspec
import pytest

from risk_manager.local_api.commands import Command, Login, Result, Session


def test_a_request_is_known_by_its_type() -> None:
    login = msgspec.json.decode('{"type": "login", "password": "x"}', type=Login | Command)
    command = msgspec.json.decode('{"type": "command", "token": "t", "command": "reload"}', type=Login | Command)

    assert login == Login(password="x")
    assert command == Command(token="t", command="reload")


def test_a_request_of_another_type_is_none() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode('{"type": "session", "token": "t"}', type=Login | Command)


def test_answers_carry_their_type() -> None:
    assert msgspec.to_builtins(Session(token="t", expires_in=600))["type"] == "session"
    assert msgspec.to_builtins(Result(ok=True, message="done"))["type"] == "result"
