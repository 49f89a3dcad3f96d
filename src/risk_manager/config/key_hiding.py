"""Moving API keys out of accounts.yaml into the vault, comments and layout untouched."""

import io

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from risk_manager.config.files import Home, write_privately
from risk_manager.config.secrets import SecretVault, is_reference


def hide_keys(home: Home) -> list[str]:
    """Encrypt every key that stands in the clear; return the names under which they are kept now.

    Raises `OSError` when a file cannot be read or written, `ValueError` when accounts.yaml makes no sense (see
    `risk-manager check`). The keys are stored before the file is changed: nothing is lost in between.
    """
    editor = YAML()
    editor.preserve_quotes = True
    editor.width = 4096
    try:
        body = editor.load(home.accounts.read_text(encoding="utf-8-sig"))
        entries = [entry for entry in body["accounts"] if not is_reference(str(entry["api_key"]))]
        names = [str(entry["username"]).strip() for entry in entries]
    except (YAMLError, KeyError, TypeError):
        raise ValueError(f"{home.accounts} makes no sense; `risk-manager check` tells why") from None
    vault = SecretVault(home)
    for name, entry in zip(names, entries, strict=True):
        vault.store(name, str(entry["api_key"]).strip())
        entry["api_key"] = f"secret:{name}"
    if names:
        text = io.StringIO()
        editor.dump(body, text)
        write_privately(home.accounts, text.getvalue())
    return sorted(set(names))
