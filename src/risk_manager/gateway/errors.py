"""What can go wrong with the venue, as a tree by who must act.

Messages say what happened, where, and what to do. They never hold a key, a token or a password.
"""


class GatewayError(Exception):
    """Anything that the venue, or the way to it, got wrong; `retry_after` in seconds where it is known."""

    def __init__(self, message: str, *, retry_after: float | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status
        """The HTTP status, where there was one."""


class GatewayUnavailable(GatewayError):  # noqa: N818  named for who must act; the tree says that it is an error
    """Nothing was learned: out of reach, too slow, too busy. Retry."""


class GatewayRefused(GatewayError):  # noqa: N818  named for who must act; the tree says that it is an error
    """A definite no. Do not retry before a person, or time, has changed something."""


class GatewayMisread(GatewayError):  # noqa: N818  named for who must act; the tree says that it is an error
    """It answered with something that cannot be read. What it holds is unknown: reconcile."""
