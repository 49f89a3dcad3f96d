"""session_block_outside beside its naive model."""

from tests.models.examples import agree


def test_session_block_outside_agrees_with_its_model_on_random_streams() -> None:
    agree("session_block_outside")
