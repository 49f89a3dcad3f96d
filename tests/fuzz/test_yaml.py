"""Whatever stands in the YAML files: it is a configuration, or a list of problems that people can act on."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_manager.config.configuration import load
from risk_manager.config.files import Home
from risk_manager.config.problems import ConfigurationRefusedError, Problem
from risk_manager.config.sample import sample_text
from tests.fuzz.examples import ANYTHING, fuzzed

RULES = sample_text("risk_config.yaml").replace("enabled: false", "enabled: true")
ACCOUNTS = "accounts:\n  - {account_id: 7, username: trader, api_key: 'env:KEY', nickname: Main}\n"
HOLIDAYS = "- {date: 2026-12-25}\n- {date: 2026-11-27, close: '12:00'}\n"
SOUND = {"risk_config.yaml": RULES, "accounts.yaml": ACCOUNTS, "holidays.yaml": HOLIDAYS}
WORDS = """
.nan -.inf 1e999 0x7f 0o17 1_000 12:30:45 2026-13-45 ~ yes true -1 0 { } [ ] [[[[[[[[ ' " # é &a *a
rules: rules:{} accounts: ... --- ? ! % @ ` \\
"""
SIGNS = (": ", "- ", "!!python/object:os.system ", "!!binary aGk=", "<<: *a\n", "\t", "\x00", "---\n", "%YAML 9.9\n")
NOISE = st.sampled_from([*WORDS.split(), *SIGNS, "9" * 5000, "\ud83d\ude00", "\ufeff", "| \n"])


def problems_of(home: Home) -> Sequence[Problem]:
    """Load it; nothing but a refusal with problems may be raised."""
    try:
        load(home, environ={"KEY": "k"})
    except ConfigurationRefusedError as refused:
        return tuple(refused.problems) or pytest.fail("refused without a problem")
    return ()


def read(name: str, text: str) -> None:
    """Read a home in which one file says this."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create_folders()
        files = {"risk_config.yaml": home.risk_config, "accounts.yaml": home.accounts, "holidays.yaml": home.holidays}
        for one, path in files.items():
            said = text if one == name else SOUND[one]
            path.write_bytes(said.encode("utf-8", errors="surrogatepass"))
        problems = problems_of(home)
    for problem in problems:
        assert problem.file
        assert "Traceback" not in str(problem)


@st.composite
def edited(draw: st.DrawFn, name: str) -> str:
    """A sound file after somebody's cat: pieces gone, doubled, moved, or with noise between."""
    lines = SOUND[name].splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        cut = draw(st.integers(0, len(line)))
        match draw(st.integers(0, 4)):
            case 0:
                lines[at] = line[:cut] + draw(NOISE) + line[cut:]
            case 1:
                lines[at] = line[:cut] + line[min(cut + 3, len(line)) :]
            case 2:
                lines.insert(at, line)
            case 3:
                lines[at] = " " * draw(st.integers(1, 9)) + line.lstrip()
            case _:
                key, colon, _ = line.partition(":")
                lines[at] = f"{key}{colon} {draw(st.one_of(NOISE, ANYTHING.map(json.dumps)))}\n"
    return "".join(lines)


@pytest.mark.parametrize("name", sorted(SOUND))
@fuzzed
@given(data=st.data())
def test_a_damaged_file_is_a_configuration_or_problems(name: str, data: st.DataObject) -> None:
    read(name, data.draw(edited(name)))


@pytest.mark.parametrize("name", sorted(SOUND))
@fuzzed
@given(body=st.one_of(ANYTHING.map(json.dumps), st.text(max_size=80), st.lists(NOISE, max_size=6).map("".join)))
def test_anything_at_all_in_a_file_is_a_configuration_or_problems(name: str, body: str) -> None:
    read(name, body)
