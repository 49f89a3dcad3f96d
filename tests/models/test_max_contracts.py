"""max_contracts beside its naive model."""

from tests.models.examples import agree


def test_max_contracts_agrees_with_its_model_on_random_streams() -> None:
    agree("max_contracts")
