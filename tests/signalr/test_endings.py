"""What an ending tells."""

import pytest

from risk_manager.signalr.endings import ConnectFailed, ConnectionEnded, PeerSilent, UpgradeRefused


@pytest.mark.parametrize(("status", "unauthorized"), [(401, True), (403, True), (404, False), (503, False)])
def test_only_401_and_403_are_about_the_token(status: int, unauthorized: bool) -> None:  # noqa: FBT001  a table
    assert UpgradeRefused(status).is_unauthorized is unauthorized


def test_the_errors_carry_the_ending() -> None:
    assert ConnectFailed(UpgradeRefused(401)).ending == UpgradeRefused(401)
    assert ConnectionEnded(PeerSilent(30)).ending == PeerSilent(30)
    assert "401" in str(ConnectFailed(UpgradeRefused(401)))
