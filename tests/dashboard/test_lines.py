"""Lines of text with tones."""

from risk_manager.dashboard.lines import (
    Span,
    Tone,
    bar,
    beside,
    fit,
    fit_line,
    gauge,
    joined,
    length,
    padded,
    plain,
    section,
    spread,
    wrapped,
)


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


def test_where_there_is_no_room_nothing_is_written() -> None:
    assert fit("Main", 0) == ""
    assert length(fit_line((Span("ab"), Span("c")), 2)) == 2


def test_a_line_is_filled_to_its_width_or_cut() -> None:
    assert length(padded((Span("ab"),), 5)) == 5
    assert plain(padded((Span("abcdef"),), 5)) == "abcd…"


def test_two_pieces_stand_at_both_ends_and_the_right_one_goes_first() -> None:
    assert plain(spread((Span("left"),), (Span("right"),), 12)) == "left   right"
    assert plain(spread((Span("left"),), (Span("right"),), 9)) == "left"


def test_a_heading_draws_a_rule_to_the_edge() -> None:
    assert plain(section("Locks", 10)) == "Locks ────"


def test_columns_stand_side_by_side_however_long_each_is() -> None:
    left, right = ((Span("a"),), (Span("b"),)), ((Span("x"),), (), (Span("z"),))

    assert [plain(row) for row in beside(left, right, left_width=3, gap=1)] == ["a   x", "b", "    z"]


def test_a_gauge_marks_where_people_are_warned_while_that_is_ahead() -> None:
    assert plain(gauge(0.5, 10, tone=Tone.GOOD, ticks=(0.7, 0.9))) == "━━━━━─┼─┼─"
    assert plain(gauge(0.8, 10, tone=Tone.WARN, ticks=(0.7, 0.9))) == "━━━━━━━━┼─"


def test_what_a_click_does_stays_with_what_is_cut() -> None:
    assert fit_line((Span("abcdef", act="quit"),), 3)[0].act == "quit"
