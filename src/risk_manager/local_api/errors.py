"""What can go wrong between the daemon and those who listen to it."""


class LocalApiError(Exception):
    """Root of the tree; the text is one line of what, where, what to do."""


class PortTaken(LocalApiError):  # noqa: N818  says what happened; the tree says that it is an error
    """The port that the daemon wants cannot be had: most often another program listens there."""

    def __init__(self, port: int, why: str) -> None:
        """Name the port and the system's words."""
        super().__init__(
            f"cannot listen on port {port} of 127.0.0.1 ({why}): stop the program that holds it, "
            "or set local_api: {port: …} in risk_config.yaml"
        )
        self.port = port


class DaemonAway(LocalApiError):  # noqa: N818  says what happened; the tree says that it is an error
    """Nobody answers on the port, or the connection ended."""

    def __init__(self, port: int, why: str) -> None:
        """Name the port and what was seen there."""
        super().__init__(f"the daemon does not answer on 127.0.0.1:{port} ({why}): start it with risk-manager run")
        self.port = port
        self.why = why


class DaemonMisread(LocalApiError):  # noqa: N818  says what happened; the tree says that it is an error
    """Something answers on the port, but it does not speak this version of the daemon's language."""

    def __init__(self, port: int, why: str) -> None:
        """Name the port and what could not be read."""
        super().__init__(f"what answers on 127.0.0.1:{port} is not this version's daemon ({why})")
        self.port = port
        self.why = why
