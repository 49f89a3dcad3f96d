"""auth_loss_guard beside its naive model."""

from tests.models.examples import agree


def test_auth_loss_guard_agrees_with_its_model_on_random_streams() -> None:
    agree("auth_loss_guard")
