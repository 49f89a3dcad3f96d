"""The commented sample configuration that a new home begins with."""

import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from risk_manager.config.files import Home, keep_private
from risk_manager.core.rules import RULES

_SECTION = re.compile(r"  (\w+):")
_NOTE = "  # This version does not know the next rule yet; a later one will.\n"


def sample_text(name: str) -> str:
    """Read one of the samples as it is kept in the package."""
    return (files(__package__) / "samples" / name).read_text(encoding="utf-8")


def sample_rules(known: Iterable[str]) -> str:
    """Write the sample of risk_config.yaml; a rule that is not among the `known` stays in it as a comment."""
    names, within_rules, silent = set(known), False, False
    lines: list[str] = []
    for line in sample_text("risk_config.yaml").splitlines(keepends=True):
        if line[0] not in " \n":
            within_rules, silent = line.startswith("rules:"), False
        section = _SECTION.match(line) if within_rules else None
        if section is not None:
            silent = section[1] not in names
            lines += [_NOTE] if silent else []
        if line.startswith("  #"):  # the words above a section belong to the next one
            silent = False
        lines.append(f"  # {line[2:]}" if silent and line.strip() else line)
    return "".join(lines)


def write_samples(home: Home) -> list[Path]:
    """Write what is missing and return it; nothing is ever overwritten. Raises `OSError`."""
    home.create_folders()
    texts = {
        home.accounts: sample_text("accounts.yaml"),
        home.risk_config: sample_rules(rule.name for rule in RULES),
        home.holidays: sample_text("holidays.yaml"),
    }
    return [path for path, text in texts.items() if _write_new(path, text)]


def _write_new(path: Path, text: str) -> bool:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            keep_private(path)
            file.write(text)
    except FileExistsError:
        return False
    return True
