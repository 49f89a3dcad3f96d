"""An alarm: something that people are told of, once, or as one of several that were folded into it."""

from dataclasses import dataclass, replace
from datetime import datetime

from risk_manager.config.alerts import AlertKind

MOST_NAMED = 5
"""Different alarms that a digest names."""
DIGEST = "digest"
"""The topic of an alarm that several different ones were folded into."""
_MORE = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What happened, in words. Alarms with the same `fold` are the same alarm again.

    `topic` tells alarms of one kind and account apart. `count` is how many are told by this one, the first of
    which happened at `since` (None: it is the only one). `account_id` 0 is the daemon itself.
    """

    kind: AlertKind
    at: datetime
    title: str
    text: str
    account_id: int = 0
    account: str = ""
    topic: str = ""
    count: int = 1
    since: datetime | None = None

    @property
    def fold(self) -> str:
        """What alarms that are the same have in common."""
        return f"{self.kind.value}|{self.account_id}|{self.topic}"


def folded(first: Alert, then: Alert) -> Alert:
    """Make one of the same alarm twice: the later words, and how often since when."""
    return replace(then, count=first.count + then.count, since=first.since or first.at)


def digest(first: Alert, then: Alert) -> Alert:
    """Make one of different alarms: how many, and the first few by name."""
    if first.fold == then.fold:
        return folded(first, then)
    names = first.text.split("\n") if first.topic == DIGEST else [first.title]
    named = then.text.split("\n") if then.topic == DIGEST else [then.title]
    names += [name for name in named if name not in names]
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], _MORE]
    count = first.count + then.count
    is_one_account = first.account_id == then.account_id
    return Alert(
        kind=first.kind if first.kind is then.kind else AlertKind.DAEMON,
        at=then.at,
        title=f"{count} alarms that could not be told one by one",
        text="\n".join(names),
        account_id=first.account_id if is_one_account else 0,
        account=first.account if is_one_account else "",
        topic=DIGEST,
        count=count,
        since=first.since or first.at,
    )
