"""Stories written on the spot."""

from pathlib import Path

HEAD = """
about: A story for a test.
start: 2026-03-10T10:00:00-05:00
"""


def write(folder: Path, body: str, name: str = "story.yaml") -> Path:
    path = folder / name
    path.write_text(HEAD + body, encoding="utf-8")
    return path


LIMIT_OF_ONE = """
config: {rules: {max_contracts: {limit: 1}}}
events:
  - {at: +0s, position: {contract: MNQ, side: long, size: 1, price: 100}}
  - {at: +5s, position: {contract: MNQ, side: long, size: 2, price: 100}}
"""
AS_DECIDED = LIMIT_OF_ONE + "expect: [{at: +5s, decisions: [max_contracts], do: [{do: close_all}]}]\n"
OTHERWISE = LIMIT_OF_ONE + "expect: []\n"
