from risk_manager.simulator.clock import VenueClock
from risk_manager.simulator.log import VenueLog


def test_entries_are_numbered_stamped_and_found_by_number_and_kind() -> None:
    log = VenueLog(VenueClock())
    first = log.note("request", path="/x")
    log.note("reply", status=200)
    assert [entry["kind"] for entry in log.since(0)] == ["request", "reply"]
    assert [entry["status"] for entry in log.since(first)] == [200]
    assert [entry["path"] for entry in log.since(0, frozenset({"request"}))] == ["/x"]
    assert all(entry["monotonic"] > 0 for entry in log.since(0))
