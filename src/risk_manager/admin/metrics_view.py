"""The running daemon in numbers, as people read them."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from risk_manager.admin import daemon_link
from risk_manager.admin.office import OUT_OF_REACH, NotDoneError, Office
from risk_manager.local_api.errors import LocalApiError

BUDGET = 200
"""Requests that the venue allows in a minute."""


def show_metrics(office: Office) -> None:
    """Ask the daemon for its numbers and tell them; raise `NotDoneError` when it does not answer."""
    try:
        answer = daemon_link.command(office.home, office.password, "health")
    except LocalApiError as error:
        raise NotDoneError(str(error), OUT_OF_REACH) from None
    if answer.data is None:
        raise NotDoneError(answer.message)
    for line in lines(answer.data, detail=answer.message):
        office.say(line)


def follow_metrics(office: Office, *, every: float, pause: Callable[[float], None] = time.sleep) -> None:
    """Tell them again and again, until Ctrl-C."""
    while True:
        show_metrics(office)
        office.say("")
        pause(every)


def lines(told: Mapping[str, Any], *, detail: str) -> list[str]:
    """Put the numbers into lines."""
    state = str(told.get("state", "?"))
    memory = told.get("memory_bytes")
    breaches = told.get("breaches") or {}
    outcomes = told.get("enforcements") or {}
    found = [
        f"{'state':18}{state}{'' if detail in ('', state) else f': {detail}'}",
        f"{'first request':18}{_lengths(told.get('first_request_ms'))}",
        f"{'proof of flat':18}{_lengths(told.get('proven_ms'))}",
        f"{'events':18}{told.get('handled', 0)} handled, {told.get('failed', 0)} failed",
        f"{'queues':18}{told.get('queue', 0)} events, {told.get('store_queue', 0)} rows to be written",
        f"{'memory':18}{'not known' if memory is None else f'{memory / 1_000_000:.1f} MB'}",
    ]
    for login, used in (told.get("requests_last_minute") or {}).items():
        found.append(f"{'requests':18}{used} of {BUDGET} in the last minute ({login})")
    counts = ", ".join(f"{number} {stage}" for stage, number in outcomes.items())
    found.append(f"{'enforcements':18}{counts or 'none since the start'}")
    found += [f"{'breaches':18}{number} {rule}" for rule, number in sorted(breaches.items())]
    return found


def _lengths(percentiles: Mapping[str, float] | None) -> str:
    if not percentiles:
        return "nothing measured yet"
    return ", ".join(f"{name} {length:g} ms" for name, length in percentiles.items())
