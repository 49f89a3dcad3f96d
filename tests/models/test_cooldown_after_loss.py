"""cooldown_after_loss beside its naive model."""

from tests.models.examples import agree


def test_cooldown_after_loss_agrees_with_its_model_on_random_streams() -> None:
    agree("cooldown_after_loss")
