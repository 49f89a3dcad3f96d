"""Why a hub connection ended or never began, and the errors that tell it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LocallyClosed:
    """We said goodbye."""


@dataclass(frozen=True, slots=True)
class ServerClosed:
    """The hub said goodbye; `allow_reconnect` is its word on coming back."""

    error: str | None
    allow_reconnect: bool


@dataclass(frozen=True, slots=True)
class PeerSilent:
    """Nothing was heard for `seconds`, though the socket looked well."""

    seconds: float


@dataclass(frozen=True, slots=True)
class TransportLost:
    """The socket closed without a goodbye of the hub."""

    detail: str


@dataclass(frozen=True, slots=True)
class ReceiverFailed:
    """Our own `on_message` raised: an event may be lost, so the connection is not kept."""

    error: Exception


@dataclass(frozen=True, slots=True)
class HandshakeRefused:
    """The hub answered the handshake with an error."""

    detail: str


@dataclass(frozen=True, slots=True)
class UpgradeRefused:
    """The HTTP server refused the WebSocket: 401 and 403 mean the token."""

    status: int

    @property
    def is_unauthorized(self) -> bool:
        """Whether another token may help."""
        return self.status in {401, 403}


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No name, no route, no TLS, no answer in time."""

    detail: str


Ending = (
    LocallyClosed
    | ServerClosed
    | PeerSilent
    | TransportLost
    | ReceiverFailed
    | HandshakeRefused
    | UpgradeRefused
    | Unreachable
)


class HubError(Exception):
    """Something that a hub connection could not do."""


class ConnectFailed(HubError):  # noqa: N818  says what happened; the tree says that it is an error
    """The connection never came to be."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(f"hub connection failed: {ending}")
        self.ending = ending


class ConnectionEnded(HubError):  # noqa: N818  says what happened; the tree says that it is an error
    """The connection ended before the invocation was answered; whether it was carried out is not known."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(f"hub connection ended: {ending}")
        self.ending = ending


class InvocationRefused(HubError):  # noqa: N818  says what happened; the tree says that it is an error
    """The hub answered the invocation with an error."""

    def __init__(self, target: str, error: str) -> None:
        super().__init__(f"{target} refused: {error}")
        self.target = target
        self.error = error


class InvocationTimedOut(HubError):  # noqa: N818  says what happened; the tree says that it is an error
    """The hub did not answer in time; whether the invocation was carried out is not known."""

    def __init__(self, target: str, seconds: float) -> None:
        super().__init__(f"{target} not answered within {seconds:g} s")
        self.target = target
        self.seconds = seconds
