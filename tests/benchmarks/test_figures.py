"""Percentiles, ratios and the closing line."""

import re

import pytest

from benchmarks.figures import Figures, Latency, latency_of, percentile, ratios


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile(list(range(101)), 0.99) == 99
    assert percentile([7], 0.99) == 7


def test_a_round_is_told_in_microseconds() -> None:
    assert latency_of([1_000, 2_000, 3_000]) == Latency(p50=2.0, p99=2.98)


def test_a_round_without_an_answer_is_no_measurement() -> None:
    with pytest.raises(ValueError, match="says nothing"):
        latency_of([])


def test_each_round_is_compared_with_the_floor_beside_it() -> None:
    product = [Latency(20, 30), Latency(40, 90), Latency(900, 900)]
    floor = [Latency(10, 10), Latency(20, 30), Latency(10, 10)]

    assert ratios(product, floor) == (2.0, 3.0)


def test_the_closing_line_has_the_form_that_scripts_rely_on() -> None:
    figures = Figures(p50_ratio=1.5, p99_ratio=2.25, events_per_second=51234.6, megabytes=48.66, idle_percent=0.044)

    assert re.fullmatch(
        r"bench: first request p50 [\d.]+x p99 [\d.]+x floor, \d+ events/s, [\d.]+ MB, idle [\d.]+ %", figures.line()
    )
