"""The tree of what can go wrong."""

import pytest

from risk_manager.gateway.errors import GatewayError, GatewayMisread, GatewayRefused, GatewayUnavailable


@pytest.mark.parametrize("kind", [GatewayUnavailable, GatewayRefused, GatewayMisread])
def test_every_error_is_caught_as_one_of_the_gateway(kind: type[GatewayError]) -> None:
    with pytest.raises(GatewayError, match="what happened") as caught:
        raise kind("what happened", retry_after=2.0, status=429)
    assert caught.value.retry_after == 2.0
    assert caught.value.status == 429
