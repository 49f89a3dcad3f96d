import pytest

from tests.simulator.client import at_the_venue


@pytest.mark.parametrize(
    ("deed", "values", "words"),
    [
        ("place", {"account": 1, "contract": "NOPE", "side": "buy"}, "no such contract"),
        ("place", {"account": 1, "contract": "MNQ", "side": "up"}, "no such side"),
        ("place", {"account": 1, "contract": "MNQ", "side": "buy", "sise": 2}, "sise"),
        ("liquidate", {"account": 9}, "no such account"),
        ("switches", {"liquidty": 1}, "no such switch"),
        ("switches", {"liquidity": "much"}, "liquidity"),
        ("price", {"contract": "MNQ", "last": "1.1"}, "in steps of"),
    ],
)
async def test_a_deed_that_cannot_be_done_says_why(deed: str, values: dict[str, object], words: str) -> None:
    async with at_the_venue() as client:
        status, said = await client.control_refused(deed, **values)
        assert (status, words in said["error"]) == (400, True), said


async def test_an_unknown_deed_names_the_known_ones() -> None:
    async with at_the_venue() as client:
        status, said = await client.control_refused("sing")
        assert (status, "place" in said["deeds"]) == (404, True)


async def test_switches_can_be_read_and_changed() -> None:
    async with at_the_venue() as client:
        changed = await client.control("switches", liquidity=1, envelope="bare")
        assert (changed["liquidity"], changed["envelope"]) == (1, "bare")
        assert (await client.get("control/switches")).json == changed


async def test_the_state_tells_prices_and_connections() -> None:
    async with at_the_venue() as client:
        hub = await client.market_hub()
        state = (await client.get("control/state")).json
        assert state["prices"][client.mnq]["last"] == 23500
        assert [(row["hub"], row["user"]) for row in state["connections"]] == [("market", "trader")]
        assert not hub.socket.closed


async def test_the_log_can_be_read_from_a_number_on() -> None:
    async with at_the_venue() as client:
        entries = (await client.get("control/log")).json["entries"]
        later = (await client.get(f"control/log?since={entries[-1]['number']}")).json["entries"]
        assert len(entries) > 2
        assert later == []
