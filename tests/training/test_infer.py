"""A task made from rows alone, in every format that `train` reads.

Example run: python -m pytest tests/training/test_infer.py -v
"""

import json

import pytest

from lib.errors import DataError
from lib.training.infer import infer_task, read_training_rows


def write(tmp_path, *records):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return path


def test_keys_are_found_in_the_answers(tmp_path):
    path = write(
        tmp_path,
        {"text": "for 4", "target_json": '{"people": "4"}'},
        {"text": "at 8", "target_json": {"time": "8"}},
    )

    task, rows = read_training_rows(path, None)

    assert (task.kind, list(task.keys)) == ("extraction", ["people", "time"])
    assert [row.target for row in rows] == [{"people": "4"}, {"time": "8"}]


def test_chat_and_prompt_formats_become_rows_of_labels(tmp_path):
    chat = [{"role": "system", "content": "s"}, {"role": "user", "content": "my card is gone"}]
    path = write(
        tmp_path,
        {"messages": [*chat, {"role": "assistant", "content": "cards"}]},
        {"prompt": "what is the rate", "completion": "exchange"},
    )

    task, rows = read_training_rows(path, None)

    assert (task.kind, list(task.labels)) == ("classification", ["cards", "exchange"])
    assert rows[0].inputs == {"text": "my card is gone"}
    assert rows[1].target == "exchange"


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ([{"text": "a", "label": "x"}] * 3, "Every row has the same label"),
        ([{"text": "a", "label": str(n)} for n in range(60)], "60 labels and 50 is the most"),
        ([{"text": "a", "target_json": "{}"}] * 2, "Every answer is {}"),
        ([{"text": "a", "label": "x"}, {"text": "b", "target_json": "{}"}], "don't agree"),
        (
            [{"messages": [{"role": "user", "content": "a"}]}],
            "one user turn and then one assistant",
        ),
        ([{"prompt": "a", "completion": ""}], "must both be text"),
        ([{"prompt": "a", "completion": "word " * 13}] * 2, "are free texts"),
        ([{"prompt": "a", "completion": f"reply {n}"} for n in range(51)], "are free texts"),
        ([{"text": "a", "target_json": {str(n): "b"}} for n in range(31)], "31 keys and 30 is"),
        (
            [{"text": "a", "target_json": {"b": "c" * 1_000}}],
            "1,009 characters and 1,000 is the most",
        ),
    ],
)
def test_rows_that_make_no_task_are_refused_in_one_sentence(tmp_path, records, says):
    with pytest.raises(DataError, match=says.replace("{", r"\{").replace("}", r"\}")):
        read_training_rows(write(tmp_path, *records), None)


@pytest.mark.parametrize(
    ("answer", "tokens"),
    [("delivery", 4), ("2024-01-31", 10), ("ABC-7", 5), ("two words", 4), ("é", 2)],
)
def test_answers_have_room_for_the_tokens_they_may_have(tmp_path, answer, tokens):
    path = write(tmp_path, {"text": "a", "label": answer}, {"text": "b", "label": "x"})

    task, _ = read_training_rows(path, None)

    assert task.max_new_tokens == tokens + 16


def test_answers_are_counted_where_somebody_can():
    task = infer_task("rows", [{"text": "a", "label": "x y z"}, {"text": "b", "label": "x"}], count)

    assert task.max_new_tokens == 3 + 16


def count(text):
    return len(text.split())


def test_a_content_of_parts_is_read_as_its_text(tmp_path):
    parts = [{"type": "text", "text": "my card"}, {"type": "text", "text": "is gone"}]

    def chat(content, answer):
        turns = [{"role": "user", "content": content}, {"role": "assistant", "content": answer}]
        return {"messages": turns}

    _, rows = read_training_rows(write(tmp_path, chat(parts, "a"), chat("x", "b")), None)

    assert rows[0].inputs == {"text": "my card\nis gone"}
