"""A channel out by the web: one post of JSON for each alarm, over TLS."""

from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from risk_manager.alerts.alert import Alert
from risk_manager.alerts.channels import LONGEST_WAIT, Fate, Outcome
from risk_manager.alerts.forms import Body

_BAD_WORDS = frozenset({400, 413, 422})
"""What a service answers when it minds what is said, rather than who says it, or when."""


@dataclass(slots=True)
class WebChannel:
    """A service that takes a post of JSON; its address is a secret."""

    name: str
    address: str = field(repr=False)
    form: Callable[[Alert], Body]
    patience: float
    _session: aiohttp.ClientSession | None = field(default=None, repr=False)

    async def send(self, alert: Alert) -> Outcome:
        """Post an alarm. Errors are named by their kind alone: the words of many of them contain the address."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.patience))
        try:
            async with self._session.post(self.address, json=self.form(alert), allow_redirects=False) as answer:
                return _outcome(answer.status, answer.headers.get("Retry-After", ""))
        except TimeoutError:
            return Outcome(Fate.AWAY, f"no answer within {self.patience:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(Fate.AWAY, f"cannot be reached ({type(error).__name__})")

    async def aclose(self) -> None:
        """Let connections go."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _outcome(status: int, retry_after: str) -> Outcome:
    if 200 <= status < 300:  # noqa: PLR2004  the range is HTTP's
        return Outcome(Fate.TAKEN)
    if status in _BAD_WORDS:
        return Outcome(Fate.REFUSED, f"refused with HTTP {status}: look at the address, or the chat")
    wait = float(retry_after) if retry_after.replace(".", "", 1).isdecimal() else 0.0
    return Outcome(Fate.AWAY, f"answered HTTP {status}", min(wait, LONGEST_WAIT))
