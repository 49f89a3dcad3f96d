"""The rules, in order."""

from risk_manager.core.rule import Rule

RULES: tuple[type[Rule], ...] = ()
"""Every rule there is; a rule that is not listed here does not exist."""
