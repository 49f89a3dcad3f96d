"""daily_unrealized_loss beside its naive model."""

from tests.models.examples import agree


def test_daily_unrealized_loss_agrees_with_its_model_on_random_streams() -> None:
    agree("daily_unrealized_loss")
