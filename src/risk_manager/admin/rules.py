"""What an admin does with the rules: look at them, set, enable, disable, put into shadow."""

import json
import textwrap
from typing import Any

from risk_manager.admin import pending
from risk_manager.admin.changes import Change, apply_change, place
from risk_manager.admin.office import WRONG_USE, NotDoneError, Office
from risk_manager.admin.rule_words import allowed, settings_of, words_of
from risk_manager.config.document import Document, parse_document
from risk_manager.config.editing import Original, see
from risk_manager.config.problems import Path, nearest
from risk_manager.config.sample import sample_text
from risk_manager.config.setting_text import setting_text
from risk_manager.config.settings import Settings
from risk_manager.config.splice import EditRefusedError, set_value
from risk_manager.core.rule import Rule
from risk_manager.core.rules import RULE_NAMED, RULES

_WIDTH = 78


def look(office: Office) -> Original:
    """Read risk_config.yaml as it is now."""
    return see(office.home.risk_config)


def document_of(original: Original) -> Document:
    """Read what a file says; what cannot be read says nothing."""
    try:
        return parse_document(original.text, name=original.path.name)
    except UnicodeDecodeError:
        return Document(original.path.name)


def rule_named(name: str) -> type[Rule]:
    """Find a rule; raise `NotDoneError` with what there is."""
    if name not in RULE_NAMED:
        raise NotDoneError(f"there is no rule {name}; {nearest(name, RULE_NAMED)}", WRONG_USE)
    return RULE_NAMED[name]


def state_of(document: Document, name: str) -> str:
    """Tell in a word how a rule stands in the file."""
    sections, section = document.value(("rules",)), document.value(("rules", name))
    if not isinstance(sections, dict) or name not in sections:
        return "off"
    inner = section if isinstance(section, dict) else {}
    if inner.get("enabled") is False:
        return "off"
    return "shadow" if inner.get("mode") == "shadow" else "on"


def list_rules(office: Office) -> None:
    """Tell of every rule how it stands and what it protects from."""
    document = document_of(look(office))
    for rule in RULES:
        office.say(f"{state_of(document, rule.name):7} {rule.name}")
        for line in textwrap.wrap(rule.protects, _WIDTH - 8):
            office.say(f"        {line}")
    pending.tell_waiting(office)


def show_rule(office: Office, name: str) -> None:
    """Tell of every setting of a rule its value, what is allowed, and what it does."""
    rule, document = rule_named(name), document_of(look(office))
    office.say(f"{name}: {state_of(document, name)}. {rule.protects}")
    for path, field in settings_of(rule):
        value = document.value(("rules", name, *path.split(".")))
        shown = f"{flow_text(value)}" if value is not None else f"{default_text(rule, path)} (not written)"
        office.say(f"  {path}: {shown}")
        for words in (f"allowed: {allowed(field)}", words_of(rule, path)):
            for line in textwrap.wrap(words, _WIDTH - 6):
                office.say(f"      {line}")
    pending.tell_waiting(office)


def set_setting(
    office: Office, key: str, value: str, *, account: int | None = None, seen: Original | None = None
) -> None:
    """Change one setting, for all accounts or for one; raise `NotDoneError`."""
    original = seen or look(office)
    path = _path(key, account)
    old = document_of(original).value(path)
    office.say(effect(path, old, value))
    change = Change(
        file=original.path.name, what=place(path), old=None if old is None else flow_text(old), new=value.strip()
    )
    apply_change(office, original, lambda text: set_value(text, path, value), change)


def enable(office: Office, name: str, *, seen: Original | None = None) -> None:
    """Let a rule act; one that is not in the file begins with the settings of the sample."""
    rule_named(name)
    original = seen or look(office)
    document = document_of(original)
    if state_of(document, name) == "on":
        office.say(f"{name} is on already; nothing was changed.")
        return
    section = document.value(("rules", name))
    if section is None:
        sample = parse_document(sample_text("risk_config.yaml"), name="sample").value(("rules", name))
        values = {**(sample if isinstance(sample, dict) else {}), "enabled": True}
        office.say(f"{name} was not in the file; it begins as in the sample: {flow_text(values)}")
        _write(office, original, ("rules", name), flow_text(values), "not written")
        return
    _switch(office, original, name, [("enabled", "true"), ("mode", "enforce")])


def disable(office: Office, name: str, *, seen: Original | None = None) -> None:
    """Take a rule out of force; its settings stay in the file."""
    rule_named(name)
    original = seen or look(office)
    if state_of(document_of(original), name) == "off":
        office.say(f"{name} is off already; nothing was changed.")
        return
    _switch(office, original, name, [("enabled", "false")])


def shadow(office: Office, name: str, *, seen: Original | None = None) -> None:
    """Let a rule only say what it would do."""
    rule_named(name)
    original = seen or look(office)
    if document_of(original).value(("rules", name)) is None:
        raise NotDoneError(f"{name} is not in the file; enable it first: risk-manager admin rules enable {name}")
    _switch(office, original, name, [("enabled", "true"), ("mode", "shadow")])


def effect(path: Path, old: object, new: str) -> str:
    """Tell a change in words, before it is made."""
    name, *inner = path[path.index("rules") + 1 :] if "rules" in path else ("",)
    words = words_of(RULE_NAMED[name], ".".join(inner)) if name in RULE_NAMED else ""
    before = "not written" if old is None else flow_text(old)
    return f"{place(path)}: {before} → {new.strip()}. {words}".rstrip()


def flow_text(value: Any) -> str:
    """Write a value as YAML on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {flow_text(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(flow_text(inner) for inner in value) + "]"
        case str() if ":" in value or "," in value or not value:
            return json.dumps(value, ensure_ascii=False)
    return setting_text(value) if value is not None and not isinstance(value, bool) else json.dumps(value)


def default_text(rule: type[Rule], path: str) -> str:
    """Tell what holds where nothing is written."""
    value: Any = rule
    for part in path.split("."):
        if not isinstance(value, type):
            value = getattr(value, part, None)
            continue
        field = rule.model_fields[part]
        value = None if field.is_required() else field.get_default(call_default_factory=True)
    return flow_text(value) if isinstance(value, bool) else setting_text(value)


def _path(key: str, account: int | None) -> Path:
    """Understand `daily_realized_loss.loss_limit`, and settings of the whole such as `lockouts.admin_may_clear`."""
    parts = tuple(key.split("."))
    if parts[0] == "rules":
        parts = parts[1:]
    if not all(parts):
        raise NotDoneError(f"{key} is no setting; write RULE.SETTING, as in daily_realized_loss.loss_limit", WRONG_USE)
    if parts[0] not in Settings.model_fields:
        rule = rule_named(parts[0])
        known = {path.split(".")[0] for path, _ in settings_of(rule)}
        if len(parts) == 1 or parts[1] not in known:
            wrong = parts[1] if len(parts) > 1 else ""
            raise NotDoneError(f"{parts[0]} has no setting {wrong}; {nearest(wrong, known)}", WRONG_USE)
        parts = ("rules", *parts)
    return parts if account is None else ("overrides", str(account), *parts)


def _write(office: Office, original: Original, path: Path, value: str, old: str | None) -> None:
    change = Change(file=original.path.name, what=place(path), old=old, new=value)
    apply_change(office, original, lambda text: set_value(text, path, value), change)


def _switch(office: Office, original: Original, name: str, wanted: list[tuple[str, str]]) -> None:
    """Bring a rule into a state with as few words as that takes."""
    document = document_of(original)

    def edit(text: str) -> str:
        for key, value in wanted:
            present = document.value(("rules", name, key))
            is_default = present is None and value in ("true", "enforce")
            if not is_default and flow_text(present) != value:
                text = set_value(text, ("rules", name, key), value)
        return text

    try:
        if edit(original.text) == original.text:
            office.say(f"{name} is so already; nothing was changed.")
            return
    except (EditRefusedError, UnicodeDecodeError) as error:
        raise NotDoneError(f"nothing was changed: {error}") from None
    old = state_of(document, name)
    new = "off" if ("enabled", "false") in wanted else "shadow" if ("mode", "shadow") in wanted else "on"
    office.say(f"{name}: {old} → {new}. {rule_named(name).protects}")
    apply_change(office, original, edit, Change(file=original.path.name, what=name, old=old, new=new))
