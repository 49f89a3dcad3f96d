"""trade_frequency_limit beside its naive model."""

from tests.models.examples import agree


def test_trade_frequency_limit_agrees_with_its_model_on_random_streams() -> None:
    agree("trade_frequency_limit")
