"""What must never leave in a message: keys, tokens, and the addresses of channels."""

import re
from collections.abc import Iterable

HIDDEN = "(hidden)"
_SHORTEST = 4
"""A shorter secret cannot be told from a word."""
_PATTERNS = (
    re.compile(r"(?<=access_token=)[^\s&\"']+", re.IGNORECASE),
    re.compile(r"(?<=Bearer )\S+", re.IGNORECASE),
    re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]+){0,2}"),
    re.compile(r"https?://(?:hooks\.slack\.com|(?:\w+\.)?discord(?:app)?\.com/api/webhooks)/\S+", re.IGNORECASE),
    re.compile(r"(?<!\d)\d{6,}:[\w-]{20,}"),
)


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """Take known secrets out of a text, and what looks like one."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text
