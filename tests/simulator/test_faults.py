from risk_manager.simulator.faults import EventDeed, EventFault, Faults, RestFault


def test_a_fault_is_used_up_by_the_requests_it_is_meant_for() -> None:
    faults = Faults()
    faults.rest.append(RestFault(endpoint="Order/place", times=2))
    paths = ["/api/order/cancel", "/api/Order/place", "/api/order/place", "/api/Order/place"]
    assert [faults.take_rest(path) is not None for path in paths] == [False, True, True, False]


def test_a_fault_of_events_can_be_meant_for_all() -> None:
    faults = Faults()
    faults.events.append(EventFault(deed=EventDeed.SWALLOW, times=2))
    taken = [faults.take_event(target) is not None for target in ("GatewayUserOrder", "GatewayQuote", "GatewayQuote")]
    assert taken == [True, True, False]


def test_cleared_faults_happen_to_nobody() -> None:
    faults = Faults()
    faults.rest.append(RestFault())
    faults.events.append(EventFault(deed=EventDeed.DELAY))
    faults.clear()
    assert faults.take_rest("/x") is None
    assert faults.take_event("x") is None
