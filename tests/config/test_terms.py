"""The words of a change."""

from risk_manager.config.terms import Change


def test_a_change_is_told_with_its_old_and_its_new_value() -> None:
    assert str(Change("max_contracts.limit", "3", "5")) == "max_contracts.limit 3 → 5"
