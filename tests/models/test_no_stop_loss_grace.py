"""no_stop_loss_grace beside its naive model."""

from tests.models.examples import agree


def test_no_stop_loss_grace_agrees_with_its_model_on_random_streams() -> None:
    agree("no_stop_loss_grace")
