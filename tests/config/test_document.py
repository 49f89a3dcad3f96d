import os
from decimal import Decimal
from pathlib import Path

import pytest

from risk_manager.config.document import parse_document, read_document


def complaints(text: str) -> list[str]:
    return [str(problem) for problem in parse_document(text, name="f").problems]


def test_numbers_are_exactly_what_is_written() -> None:
    body = parse_document("{a: 0.10, b: 1e3, c: 5, d: 1_000, e: 0x1f, f: -.5, g: '7'}", name="f").body
    assert body == {
        "a": Decimal("0.10"),
        "b": Decimal(1000),
        "c": 5,
        "d": 1000,
        "e": 31,
        "f": Decimal("-0.5"),
        "g": "7",
    }
    assert str(body["a"]) == "0.10"
    assert type(body["c"]) is int


def test_times_dates_and_yes_stay_text() -> None:
    body = parse_document("{a: 17:00, b: 2026-12-25, c: yes, d: true, e: null, f: }", name="f").body
    assert body == {"a": "17:00", "b": "2026-12-25", "c": "yes", "d": True, "e": None, "f": None}


def test_every_value_knows_its_line() -> None:
    document = parse_document("a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n", name="f")
    assert document.place(("b", "1", "d")).line == 5
    assert document.place(("b", "1", "missing")).line == 4


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "1e400", "1e-400", "9" * 5000])
def test_what_is_no_sensible_number_is_refused(number: str) -> None:
    (complaint,) = complaints(f"a: 1\nb: {number}\n")
    assert complaint.startswith("f:2: b: ")


def test_tabs_are_named() -> None:
    assert complaints("a:\n\tb: 1\n") == [
        "f:2: broken YAML: found character '\\t' that cannot start any token; indent with spaces, never with tabs"
    ]


@pytest.mark.parametrize(
    "text",
    ["a: [1, 2", "a: 'x", "a: 1\n--- b\n", "a: \x00", "%YAML 9", "a: *nowhere", "{" * 3000, "? [x]\n: 1\n", "!x 1"],
)
def test_broken_yaml_is_one_problem_and_no_crash(text: str) -> None:
    assert len(complaints(text)) == 1


def test_aliases_cannot_blow_a_small_file_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert len(complaints("\n".join(lines))) == 1


def test_a_list_that_holds_itself_is_refused() -> None:
    assert complaints("a: &a [*a]") == ["f:1: nested too deeply"]


def test_keys_given_twice_are_each_named_with_the_first_line() -> None:
    assert complaints("a: 1\nb: {c: 1, c: 2}\na: 2\n") == [
        "f:2: b.c: given twice; first on line 2",
        "f:3: a: given twice; first on line 1",
    ]


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("a: 1\nb: Zürich\n".encode("latin-1"))
    assert [str(problem) for problem in read_document(path, name="f").problems] == [
        "f:2: not UTF-8; save the file as UTF-8"
    ]


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_document(path, name="f").body == {"a": 1, "b": 2}


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"# " + b"x" * 3_000_000)
    assert [str(problem) for problem in read_document(path, name="f").problems] == [
        "f: larger than 256 KiB; this is no configuration"
    ]


@pytest.mark.parametrize("text", ['a: "\\ud800"', '"\\udfff": 1', '[{a: ["\\udcff"]}]'])
def test_half_a_character_is_refused_as_nothing_could_keep_or_send_it(text: str) -> None:
    assert "half a character" in complaints(text)[0]


def test_a_folder_in_place_of_a_file_is_a_problem(tmp_path: Path) -> None:
    (problem,) = read_document(tmp_path, name="f").problems
    assert "cannot be read" in problem.allowed


def test_a_pipe_in_place_of_a_file_is_a_problem_and_nobody_waits_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "f.yaml"
    getattr(os, "mkfifo", os.mkdir)(pipe)  # where there are no pipes, a folder
    (problem,) = read_document(pipe, name="f").problems
    assert "cannot be read" in problem.allowed


@pytest.mark.parametrize("directive", ["%YAML 9.9", "%YAML 1", "%YAML x.y", "%TAG ! !"])
def test_a_directive_that_the_parser_stumbles_over_is_a_problem_and_no_traceback(directive: str) -> None:
    document = parse_document(f"a: 1\n{directive}\n---\nb: 2\n", name="f.yaml")
    assert document.problems or document.body == {"a": 1}


def test_an_anchor_that_is_given_twice_is_a_problem_and_no_warning_of_the_parser() -> None:
    assert any("anchor" in one for one in complaints("a: &x 1\nb: &x 2\n"))
