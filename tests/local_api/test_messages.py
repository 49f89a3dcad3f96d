"""What the local API says."""

from datetime import UTC, datetime

import msgspec
import pytest

from risk_manager.local_api.messages import Deed, EnforcementAction, Snapshot

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_a_deed_tells_only_what_belongs_to_it() -> None:
    assert msgspec.to_builtins(Deed(do="close_all")) == {"do": "close_all"}


def test_an_enforcement_has_no_stage_but_the_four() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode('{"id": "1", "state": "dreamt", "at": "2026-03-10T12:00:00Z"}', type=EnforcementAction)


def test_fields_of_a_newer_daemon_are_no_harm() -> None:
    text = '{"at": "2026-03-10T12:00:00Z", "moon": "full", "daemon": {"state": "live", "since": null, "version": "9"}}'
    text = text.replace("null", '"2026-03-10T12:00:00Z"')

    assert msgspec.json.decode(text, type=Snapshot).at == NOON
