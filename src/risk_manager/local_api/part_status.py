"""How one part of the daemon is doing, told with what that means for the trader."""

from datetime import datetime

import msgspec

WELL = "live"
"""The state of a part with which nothing is amiss."""


class PartStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the daemon; `name` says which.

    One of `login`, `user_feed`, `market_feed`, `rest`, `account`, `enforcement`, `rule`, `store`, `clock`, `local_api`,
    `configuration`; `commitment` only while its copies cannot be written.

    `since` is when it entered its state, `age` the seconds since its last word (None: it has none to tell),
    `meaning` one sentence for the trader. `login` and `account_id` say whose it is, `subject` which rule.
    """

    name: str
    state: str
    since: datetime
    meaning: str
    age: float | None = None
    login: str | None = None
    account_id: int | None = None
    subject: str = ""


class PartsTold(msgspec.Struct, frozen=True, kw_only=True):
    """`part_status`: every part of the daemon as it is, at its instant `at`; told every second.

    So silence means something, and a screen can follow the daemon's time where the PC's clock is wrong.
    """

    at: datetime
    parts: tuple[PartStatus, ...]
