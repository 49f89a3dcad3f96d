from risk_manager.daemon.telling.footprint import resident_bytes


def test_a_python_process_takes_some_megabytes() -> None:
    held = resident_bytes()
    assert held is not None
    assert 5_000_000 < held < 5_000_000_000
