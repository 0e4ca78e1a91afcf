"""What hosted services would reject: each rule on a row that breaks it alone."""

import json
from typing import Any

import pytest

from lib.columns import find_roles, row_texts
from lib.estimator.hosted_formats import find_rejections, load_rules
from lib.uploads import read_upload

USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
GOOD = {"messages": [USER, ANSWER]}


def broken(records: list[Any]) -> dict[str, tuple[int, ...]]:
    upload = read_upload("\n".join(map(json.dumps, records)).encode(), "rows.jsonl")
    roles = find_roles(upload)
    found = find_rejections(upload, roles, row_texts(upload, roles), None)
    return {one.rule.id: one.rows for one in found}


def test_ten_good_chats_are_rejected_by_nobody() -> None:
    system = {"role": "system", "content": "Be kind."}

    assert broken([GOOD] * 9 + [{"messages": [system, USER, ANSWER]}]) == {}


def test_nine_rows_are_too_few() -> None:
    assert broken([GOOD] * 9) == {"too-few-rows": ()}


@pytest.mark.parametrize(
    ("messages", "rules"),
    [
        ([], {"no-messages"}),
        ("text", {"no-messages"}),
        (None, {"no-messages"}),
        ([USER, {"role": "assistant"}], {"missing-key"}),
        ([{"content": "Hi"}, USER, ANSWER], {"missing-key"}),
        (["Hi", USER, ANSWER], {"missing-key"}),
        ([USER, {"role": "assistant", "content": " "}], {"empty-content"}),
        ([USER, {"role": "assistant", "content": None}], {"empty-content"}),
        ([{"role": "human", "content": "Hi"}, USER, ANSWER], {"unknown-role"}),
        ([{"role": "system", "content": "Go"}, ANSWER], {"no-user"}),
        ([USER, ANSWER, USER], {"last-not-assistant"}),
        ([USER, USER, ANSWER], {"role-repeated"}),
    ],
)
def test_a_broken_chat_is_named_by_rule_and_row(messages: Any, rules: set[str]) -> None:
    found = broken([GOOD] * 9 + [{"messages": messages}])

    assert found == dict.fromkeys(rules, (10,))


def test_an_answer_that_calls_a_tool_needs_no_content() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    result = {"role": "tool", "content": "42"}

    assert broken([GOOD] * 9 + [{"messages": [USER, call, result, result, ANSWER]}]) == {}


def test_rows_that_are_no_chats_are_judged_as_if_they_were() -> None:
    rows = [{"text": "a", "label": "b"}] * 10 + [{"text": "a", "label": ""}]

    assert broken(rows) == {"empty-content": (11,)}


def test_a_row_of_more_tokens_than_the_limit_is_too_long() -> None:
    long = {"prompt": "x" * 90_000, "completion": "y"}
    longer = {"prompt": ["ignored"], "completion": "y"}
    chats = {"messages": [{"role": "user", "content": "x" * 99_000}] * 3 + [ANSWER]}

    assert broken([long] * 10 + [longer]) == {}
    assert broken([GOOD] * 9 + [chats])["too-long"] == (10,)


def test_the_limit_on_length_is_told_in_the_sentence() -> None:
    assert load_rules()["too-long"].problem_shown == "a row has more than 65,536 tokens"


def test_every_rule_names_who_applies_it_and_where_that_is_written() -> None:
    assert all(one.who and one.source and one.checked_on for one in load_rules().values())
