from datetime import UTC, datetime

import msgspec

from risk_manager.local_api.messages import DaemonStatus, Snapshot
from risk_manager.local_api.part_status import WELL, PartStatus

AT = datetime(2026, 8, 20, 14, tzinfo=UTC)


def test_a_snapshot_carries_the_parts_and_one_of_an_older_daemon_has_none() -> None:
    part = PartStatus(name="store", state=WELL, since=AT, meaning="locks survive a restart")
    snapshot = Snapshot(at=AT, daemon=DaemonStatus(state="live", since=AT, version="1"), parts=(part,))
    fields = msgspec.json.decode(msgspec.json.encode(snapshot))
    assert msgspec.convert(fields, Snapshot, strict=False) == snapshot
    del fields["parts"]
    assert msgspec.convert(fields, Snapshot, strict=False).parts == ()
