import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_manager.alerts.alert import Alert
from risk_manager.alerts.forms import (
    LONGEST_DISCORD,
    LONGEST_SLACK_HEADER,
    LONGEST_SLACK_SECTION,
    LONGEST_TELEGRAM,
    LONGEST_TOAST,
    WEB_FORMS,
    discord,
    escaped_for_notifications,
    slack,
    telegram,
    toast,
    webhook,
    within,
)
from tests.alerts.post_office import alarm

NASTY = Alert(
    kind=alarm().kind,
    at=alarm().at,
    title="@everyone **Main** <!channel> <https://evil|click>",
    text="[click](https://evil) `x` <b>bold</b> \u202egnp.exe \x1b[31m",
)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_the_generic_form_is_plain_fields() -> None:
    body = webhook(replace(alarm(), count=3))
    assert body["kind"] == "breach"
    assert body["at"] == "2026-08-20T14:00:00+00:00"
    assert (body["account_id"], body["count"], body["title"]) == (1, 3, "t")


def test_a_name_cannot_become_markup_on_discord() -> None:
    body = discord(NASTY)
    assert body["allowed_mentions"] == {"parse": []}
    content = body["content"]
    assert "@everyone" not in content
    assert "https://" not in content
    assert "\\*\\*Main\\*\\*" in content
    assert "\\[click\\]\\(" in content


def test_a_name_cannot_become_markup_on_slack() -> None:
    body = slack(NASTY)
    assert {block["text"]["type"] for block in body["blocks"]} == {"plain_text"}
    assert "<" not in json.dumps(body)
    assert "https://" not in json.dumps(body)


def test_a_name_cannot_become_markup_on_telegram() -> None:
    body = telegram(NASTY, chat_id="-5")
    assert "parse_mode" not in body
    assert body["chat_id"] == "-5"
    assert "https://" not in body["text"]
    assert body["link_preview_options"] == {"is_disabled": True}


def test_nothing_unseen_is_told() -> None:
    title, text = toast(NASTY)
    assert not {"\u202e", "\x1b"} & set(title + text)
    assert escaped_for_notifications("<b>&") == "&lt;b&gt;&amp;"


def test_how_often_is_told_with_the_title() -> None:
    assert toast(replace(alarm(), count=7))[0] == "t (×7)"


@pytest.mark.parametrize("most", [1, 5, 6, 50])
def test_a_text_is_cut_between_letters(most: int) -> None:
    cut = within("<<<<", most, lambda _: "&lt;")
    assert len(cut) <= most
    assert cut.removesuffix("…").replace("&lt;", "") == ""


@given(st.text(max_size=9000), st.text(max_size=9000))
def test_every_form_keeps_to_its_services_limits(title: str, text: str) -> None:
    told = replace(alarm(), title=title, text=text)
    assert units(discord(told)["content"]) <= LONGEST_DISCORD
    assert units(telegram(told, chat_id="1")["text"]) <= LONGEST_TELEGRAM
    header, section = (block["text"]["text"] for block in slack(told)["blocks"])
    assert units(header) <= LONGEST_SLACK_HEADER
    assert units(section) <= LONGEST_SLACK_SECTION
    assert units(toast(told)[1]) <= LONGEST_TOAST
    for form in WEB_FORMS.values():
        json.dumps(form(told)).encode()
