"""The keys of the screen."""

from risk_manager.dashboard.app import TraderScreen
from risk_manager.dashboard.panels.tabs_screen import TabsScreen
from risk_manager.dashboard.view_state import KEYS, TABS


def test_every_key_leads_to_something_that_the_app_can_do() -> None:
    for binding in TabsScreen.BINDINGS:
        name = binding[1] if isinstance(binding, tuple) else binding.action
        action = name.removeprefix("app.").partition("(")[0]
        assert hasattr(TraderScreen, f"action_{action}"), action


def test_every_tab_has_its_number_and_every_key_that_is_told_exists() -> None:
    keys = {key for one in TabsScreen.BINDINGS if not isinstance(one, tuple) for key in one.key.split(",")}

    assert {str(number) for number in range(1, len(TABS) + 1)} <= keys
    assert {key for key, _, act in KEYS if act} <= keys | {"?"}
