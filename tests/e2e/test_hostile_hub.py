"""Frames that no venue should send: told, counted, survived."""

from pathlib import Path

import pytest

from tests.e2e.kit import scene, size_of

pytestmark = pytest.mark.e2e
END = "\x1e"
HOSTILE = (
    "this is no JSON",
    "{",
    "[]",
    "null",
    "7",
    '{"type":"1"}',
    '{"type":true}',
    '{"type":1e400}',
    '{"type":1}',
    '{"type":1,"target":7,"arguments":[]}',
    '{"type":1,"target":"GatewayUserPosition","arguments":"none"}',
    '{"type":1,"target":"GatewayUserPosition","arguments":[]}',
    '{"type":1,"target":"GatewayUserPosition","arguments":[null]}',
    '{"type":1,"target":"GatewayUserPosition","arguments":[{"action":1,"data":null}]}',
    '{"type":1,"target":"GatewayUserPosition","arguments":[{"action":1,"data":{"size":"NaN"}}]}',
    '{"type":1,"target":"GatewayUserTrade","arguments":[{"action":0,"data":{"id":1,"profitAndLoss":NaN}}]}',
    '{"type":1,"target":"GatewayUserOrder","arguments":[{"action":0,"data":{"id":{},"status":[]}}]}',
    '{"type":1,"target":"GatewayUserAccount","arguments":[{"action":1,"data":{"id":1001,"balance":"1e999999"}}]}',
    '{"type":1,"target":"' + "x" * 1_000_000 + '","arguments":[]}',
    '{"type":1,"target":"GatewayUserPosition","arguments":' + "[" * 100_000 + "]" * 100_000 + "}",
    '{"type":3,"invocationId":"nobody asked"}',
    '{"type":99}',
)


@pytest.mark.parametrize("hub", ["user", "market"])
async def test_hostile_frames_are_survived_and_the_next_breach_is_enforced(tmp_path: Path, hub: str) -> None:
    async with scene(tmp_path, "rules: {max_contracts: {limit: 2}}\n") as stage:
        for frame in HOSTILE:
            await stage.venue.do("raw", hub=hub, text=frame + END)
        await stage.buy(3, "MNQ")
        await stage.until(lambda truth: size_of(truth, "MNQ") == 0 and len(truth["trades"]) > 1)
        status = await stage.until_status(lambda status: status["daemon"]["state"] == "live")
        assert [feed["state"] for feed in status["feeds"] if feed["name"] == hub] == ["live"]
        written = (tmp_path / "logs" / "daemon.log").read_text(encoding="utf-8")
        assert written.count("misread") >= len(HOSTILE) // 2
