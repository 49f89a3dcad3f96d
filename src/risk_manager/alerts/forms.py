"""The bodies that the services want: within their limits, and with no way for a name to become markup or a link."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from risk_manager.alerts.alert import DIGEST, Alert

Body = dict[str, Any]

LONGEST_DISCORD = 2000
LONGEST_TELEGRAM = 4096
LONGEST_SLACK_HEADER = 150
LONGEST_SLACK_SECTION = 3000
LONGEST_WEBHOOK = 4000
LONGEST_TOAST_TITLE, LONGEST_TOAST = 60, 240
_CUT = "…"
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Control characters, and those that turn the direction of writing or have no width; a new line may stay."""
_DISCORD_MARKUP = frozenset("\\*_~`|>#[]()<-")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def webhook(alert: Alert) -> Body:
    """Write the generic form: plain fields, instants as ISO-8601 UTC."""
    return {
        "source": "risk-manager",
        "kind": alert.kind.value,
        "at": alert.at.isoformat(),
        "title": within(_seen(alert.title), LONGEST_WEBHOOK),
        "text": within(_seen(alert.text), LONGEST_WEBHOOK),
        "account_id": alert.account_id or None,
        "account": within(_seen(alert.account), LONGEST_WEBHOOK),
        "count": alert.count,
        "since": None if alert.since is None else alert.since.isoformat(),
    }


def discord(alert: Alert) -> Body:
    """Write the form of a Discord webhook; nobody can be mentioned by it."""
    title, text = _parts(alert)
    bold = f"**{within(title, 300, _discord_letter)}**"
    rest = within(text, LONGEST_DISCORD - len(bold) - 1, _discord_letter)
    return {"content": f"{bold}\n{rest}", "allowed_mentions": {"parse": []}}


def slack(alert: Alert) -> Body:
    """Write the form of a Slack webhook, as blocks of plain text."""
    title, text = _parts(alert)
    header = within(title, LONGEST_SLACK_HEADER, _slack_letter)
    section = within(text, LONGEST_SLACK_SECTION, _slack_letter)
    return {
        "text": header,
        "unfurl_links": False,
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": header, "emoji": False}},
            {"type": "section", "text": {"type": "plain_text", "text": section or header, "emoji": False}},
        ],
    }


def telegram(alert: Alert, *, chat_id: str) -> Body:
    """Write the form of a Telegram bot: without a parse mode nothing is markup."""
    title, text = _parts(alert)
    whole = within(f"{title}\n{text}".strip(), LONGEST_TELEGRAM)
    return {"chat_id": chat_id, "text": whole, "link_preview_options": {"is_disabled": True}}


def toast(alert: Alert) -> tuple[str, str]:
    """Write the title and the text of a notification."""
    title, text = _parts(alert)
    return within(title, LONGEST_TOAST_TITLE), within(text, LONGEST_TOAST)


def escaped_for_notifications(text: str) -> str:
    """Write a text so that a notification server that knows markup shows it as it is."""
    return "".join(_ENTITIES.get(letter, letter) for letter in text)


def within(text: str, most: int, written: Callable[[str], str] = lambda letter: letter) -> str:
    """Write a text letter by letter, and cut it before it is too long (in UTF-16 units, as the services count)."""
    parts = [written(letter) for letter in text]
    if _units("".join(parts)) <= most:
        return "".join(parts)
    kept: list[str] = []
    room = most - 1
    for part in parts:
        room -= _units(part)
        if room < 0:
            break
        kept.append(part)
    return "".join(kept) + _CUT


def _parts(alert: Alert) -> tuple[str, str]:
    """Word an alarm and how often it came; an address in a name is no link."""
    title = _seen(alert.title).replace("\n", " ")
    times = f" (×{alert.count})" if alert.count > 1 and alert.topic != DIGEST else ""
    since = "" if alert.since is None else f"\n{alert.count} in all, since {alert.since:%Y-%m-%d %H:%M:%S %Z}"
    return _unlinked(title) + times, _unlinked(_seen(alert.text)) + since


def _seen(text: str) -> str:
    return _UNSEEN.sub("", text)


def _unlinked(text: str) -> str:
    return text.replace("://", ": //").replace("@", "@\u200b")


def _discord_letter(letter: str) -> str:
    return f"\\{letter}" if letter in _DISCORD_MARKUP else letter


def _slack_letter(letter: str) -> str:
    return _ENTITIES.get(letter, letter)


def _units(text: str) -> int:
    return len(text) + sum(letter > "\uffff" for letter in text)


WEB_FORMS: Mapping[str, Callable[[Alert], Body]] = {"webhook": webhook, "discord": discord, "slack": slack}
"""Forms that need nothing but the alarm, by the kind of the channel."""
