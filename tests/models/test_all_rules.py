"""All rules together beside their naive models."""

from tests.models.examples import agree_on_all


def test_all_rules_together_agree_with_their_models_on_random_streams() -> None:
    agree_on_all()
