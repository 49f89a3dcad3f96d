"""trade_management beside its naive model."""

from tests.models.examples import agree


def test_trade_management_agrees_with_its_model_on_random_streams() -> None:
    agree("trade_management")
