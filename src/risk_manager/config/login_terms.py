"""Which login at which venue an account is watched through: as much a part of what was agreed as any limit."""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SHOWN_OF_MARK = 6
"""Letters of a fingerprint that are enough for people to tell two keys apart."""


@dataclass(frozen=True, slots=True)
class Login:
    """A username and the fingerprint of its API key; the mark is empty where the key cannot be had."""

    username: str = ""
    mark: str = ""

    def __str__(self) -> str:
        """Tell it in words that betray nothing of the key."""
        return f"{self.username} (key {self.mark[:_SHOWN_OF_MARK]})" if self.mark else f"{self.username} (no key)"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a venue is; TopstepX unless said otherwise."""

    api: str = "https://api.topstepx.com"
    user_hub: str = "https://rtc.topstepx.com/hubs/user"
    market_hub: str = "https://rtc.topstepx.com/hubs/market"

    @property
    def plain(self) -> tuple[str, ...]:
        """The same for every way in which the addresses can be written."""
        return tuple(map(venue_of, (self.api, self.user_hub, self.market_hub)))

    def __str__(self) -> str:
        """Name the venue."""
        return "TopstepX" if self.plain == TOPSTEPX.plain else f"{self.api}, {self.user_hub}, {self.market_hub}"


NOBODY, TOPSTEPX = Login(), Addresses()


def login_of(username: str, api_key: str) -> Login:
    """Name a login; without a key (empty), without its fingerprint."""
    return Login(username, fingerprint(api_key) if api_key else "")


def fingerprint(api_key: str) -> str:
    """Tell a key from another one without telling it."""
    return hashlib.sha256(f"held {api_key}".encode()).hexdigest()[:16]


def venue_of(api: str) -> str:
    """Name a venue by its address, the same for every way in which the address can be written."""
    parts = urlsplit(api.strip().lower())
    port = parts.port or _PORTS.get(parts.scheme, 0)
    return f"{(parts.hostname or '').rstrip('.')}:{port}{parts.path.rstrip('/')}"
