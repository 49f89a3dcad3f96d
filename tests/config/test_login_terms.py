"""Logins and addresses, named so that the same is the same however it is written, and no key is betrayed."""

import pytest

from risk_manager.config.login_terms import TOPSTEPX, Addresses, Login, fingerprint, login_of, venue_of


@pytest.mark.parametrize(
    "api",
    [
        "https://api.topstepx.com",
        "https://API.TopstepX.com/",
        "https://api.topstepx.com:443",
        "HTTPS://api.topstepx.com.",
    ],
)
def test_a_venue_has_one_name_however_its_address_is_written(api: str) -> None:
    assert venue_of(api) == "api.topstepx.com:443"


def test_a_venue_is_named_by_its_addresses_and_topstepx_by_its_name() -> None:
    assert str(TOPSTEPX) == str(Addresses("https://API.topstepx.com:443/")) == "TopstepX"
    assert str(Addresses("http://a", "http://b", "http://c")) == "http://a, http://b, http://c"
    assert Addresses(user_hub="https://b").plain != TOPSTEPX.plain


def test_a_login_tells_a_bit_of_the_fingerprint_and_nothing_of_the_key() -> None:
    login = login_of("trader", "s3cret")
    assert login == Login("trader", fingerprint("s3cret"))
    assert str(login) == f"trader (key {login.mark[:6]})"
    assert "s3cret" not in repr(login)
    assert str(login_of("trader", "")) == "trader (no key)"


def test_a_fingerprint_tells_keys_apart() -> None:
    assert fingerprint("one") != fingerprint("two")
