import pytest

from risk_manager.alerts.discretion import HIDDEN, without_secrets


def test_known_secrets_are_taken_out_the_longer_ones_first() -> None:
    assert without_secrets("key abcdefgh, abcd", ["abcd", "abcdefgh"]) == f"key {HIDDEN}, {HIDDEN}"


def test_a_secret_that_is_as_short_as_a_word_changes_no_text() -> None:
    assert without_secrets("a cat", ["a", ""]) == "a cat"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("wss://x/hub?access_token=S3CRET&id=1", "S3CRET"),
        ("Authorization: Bearer S3CRET.x", "S3CRET"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.S3CRET there", "S3CRET"),
        ("https://hooks.slack.com/services/T0/B0/S3CRET failed", "S3CRET"),
        ("https://discord.com/api/webhooks/1/S3CRET", "S3CRET"),
        ("https://api.telegram.org/bot123456789:AAExxxxxxxxxxxxxxxxxxxS3CRET/sendMessage", "S3CRET"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out_too(text: str, secret: str) -> None:
    assert secret not in without_secrets(text, [])


def test_numbers_of_a_message_stay() -> None:
    text = "Daily loss: $512.50, limit $500.00, order 12345678, until 2026-03-10 17:00:00 CDT"
    assert without_secrets(text, ["s3cret"]) == text
