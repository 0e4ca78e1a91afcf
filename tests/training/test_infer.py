"""A task made from rows alone, in every format that `train` reads.

Example run: python -m pytest tests/training/test_infer.py -v
"""

import json

import pytest

from lib.errors import DataError
from lib.training.infer import read_training_rows


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
    ],
)
def test_rows_that_make_no_task_are_refused_in_one_sentence(tmp_path, records, says):
    with pytest.raises(DataError, match=says.replace("{", r"\{").replace("}", r"\}")):
        read_training_rows(write(tmp_path, *records), None)
