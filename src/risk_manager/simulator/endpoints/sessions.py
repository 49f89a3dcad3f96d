"""The endpoints of Auth."""

from __future__ import annotations

from risk_manager.simulator import requests
from risk_manager.simulator.endpoints.call import Call, Reply, failure, success
from risk_manager.simulator.exchange import codes


def login_key(call: Call, body: requests.LoginKey) -> Reply:
    """Auth/loginKey: an unknown user is an unknown error, a wrong key invalid credentials."""
    user = call.stage.sessions.user(body.user_name)
    if user is None:
        return failure(codes.Login.UNKNOWN_ERROR, "An unknown error occurred.", token=None)
    name, key = user
    if body.api_key != key:
        return failure(codes.Login.INVALID_CREDENTIALS, token=None)
    if call.stage.switches.login_evicts:
        call.stage.evict(name)
    return success(token=_new_token(call, name))


def validate(call: Call, _: requests.Empty) -> Reply:
    """Auth/validate: a new token for the old one."""
    session = call.session
    if session is None:
        return failure(codes.Validate.SESSION_NOT_FOUND, newToken=None)
    if not call.stage.switches.validate_returns_new_token:
        return success(newToken=None)
    if not call.stage.switches.old_token_survives_validate:
        session.is_revoked = True
    return success(newToken=_new_token(call, session.caller))


def logout(call: Call, _: requests.Empty) -> Reply:
    """Auth/logout: the session is over."""
    if call.session is not None:
        call.session.is_revoked = True
    return success()


def _new_token(call: Call, caller: str) -> str:
    lifetime = call.stage.switches.token_lifetime
    return call.stage.sessions.open(caller, now=call.now, lifetime=lifetime).token
