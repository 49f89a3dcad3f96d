"""Lines of text with tones."""

from risk_manager.dashboard.lines import Span, Tone, bar, fit, fit_line, joined, plain, wrapped


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert fit("Evaluation", 6) == "Evalu…"
    assert fit("Main", 4) == "Main"
    assert plain(fit_line((Span("Main "), Span("LOCKED", Tone.BAD)), 8)) == "Main LO…"


def test_a_long_line_breaks_between_words_and_is_indented() -> None:
    rows = wrapped((Span("10:31:02 "), Span("close all, cancel all", Tone.BAD)), 20, indent=4)

    assert [plain(row) for row in rows] == ["10:31:02 close all,", "    cancel all"]
    assert rows[1][-1].tone is Tone.BAD


def test_a_word_longer_than_the_line_is_cut() -> None:
    assert [plain(row) for row in wrapped((Span("x" * 30),), 10, indent=2)] == ["x" * 9 + "…"]


def test_pieces_that_do_not_fit_are_left_out_whole() -> None:
    pieces = [(Span("Balance 1"),), (Span("Day 2"),), (Span("Open 3"),)]

    assert plain(joined(pieces, width=20, gap="  ")) == "Balance 1  Day 2"


def test_a_bar_shows_what_is_used_and_what_is_left() -> None:
    assert bar(0.0, 4) == ("", "────")
    assert bar(0.5, 4) == ("━━", "──")
    assert bar(0.625, 4) == ("━━╸", "─")
    assert bar(1.0, 4) == ("━━━━", "")


def test_a_bar_is_never_longer_than_its_room() -> None:
    assert bar(7.0, 4) == ("━━━━", "")
    assert bar(-1.0, 4) == ("", "────")
