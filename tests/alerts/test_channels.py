import os

import pytest

from risk_manager.alerts.channels import Fate, ToastChannel, close_all, opened
from risk_manager.config.alerts import AlertChannel, ChannelKind
from tests.alerts.post_office import alarm


async def test_without_a_desktop_a_toast_is_given_up() -> None:
    channel = ToastChannel("toast", None)
    assert (await channel.send(alarm())).fate is Fate.NOWHERE
    await close_all([channel])


async def test_a_toast_channel_finds_its_own_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith("DISPLAY") or name.startswith("DBUS"):
            monkeypatch.delenv(name)
    (channel,) = opened([AlertChannel(kind=ChannelKind.TOAST, name="toast")])
    assert channel.name == "toast"
