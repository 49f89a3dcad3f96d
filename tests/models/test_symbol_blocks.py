"""symbol_blocks beside its naive model."""

from tests.models.examples import agree


def test_symbol_blocks_agrees_with_its_model_on_random_streams() -> None:
    agree("symbol_blocks")
