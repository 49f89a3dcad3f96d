"""A configuration told to people: what is enforced for whom."""

from collections.abc import Iterator

from risk_manager.config.configuration import Configuration
from risk_manager.config.setting_text import setting_text
from risk_manager.core.policy import Policy
from risk_manager.core.rule import Rule, RuleMode


def enforced_lines(configuration: Configuration) -> Iterator[str]:
    """Tell account by account which rules hold, with their settings."""
    for account in configuration.accounts:
        name = f"Account {account.account_id}" + (f" ({account.nickname})" if account.nickname else "")
        if not account.enabled:
            yield f"{name}: not enabled"
            continue
        policy = configuration.policies[account.account_id]
        yield f"{name}: {_mode(policy)}, day from {policy.calendar.reset:%H:%M} {policy.calendar.zone}"
        for rule in policy.rules:
            yield f"  {_rule(rule)}"
        if not policy.rules:
            yield "  no rule is enabled"


def _mode(policy: Policy) -> str:
    words = "shadow: nothing is done" if policy.shadow else "enforced"
    return f"{words}, strict" if policy.strict else words


def _rule(rule: Rule) -> str:
    mode = " [shadow]" if rule.mode is RuleMode.SHADOW else ""
    return f"{rule.name}{mode}: {settings_words(rule)}"


def settings_words(rule: Rule) -> str:
    """Tell a rule's own settings: `loss_limit 500, basis realized`."""
    shown = (name for name in type(rule).model_fields if name not in Rule.model_fields)
    return ", ".join(f"{name} {setting_text(rule.setting(name))}" for name in shown)
