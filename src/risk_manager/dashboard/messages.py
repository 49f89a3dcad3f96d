"""What the screen's own parts tell each other."""

from textual.message import Message as ScreenMessage

from risk_manager.local_api.client import Away
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import Snapshot


class Told(ScreenMessage):
    """The local API told something."""

    def __init__(self, what: Snapshot | Message | Away) -> None:
        super().__init__()
        self.what = what
