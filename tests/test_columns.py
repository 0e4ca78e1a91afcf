"""Which columns count as input and output, and why."""

import json

import pytest

from lib.columns import canonical, find_roles, normalised, output_kind, row_texts
from lib.errors import InputError
from lib.uploads import Upload, read_upload


def jsonl(*records: object) -> Upload:
    return read_upload("\n".join(map(json.dumps, records)).encode(), "rows.jsonl")


def csv(text: str) -> Upload:
    return read_upload(text.encode(), "rows.csv")


def test_a_chat_is_split_before_its_last_answer() -> None:
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": [{"type": "text", "text": "Bye"}]},
        {"role": "assistant", "content": "So long"},
    ]
    upload = jsonl({"messages": chat})
    roles = find_roles(upload)

    (row,) = row_texts(upload, roles)

    assert (row.input, row.output) == ("Be brief.\nHi\nHello\nBye", "So long")
    assert roles.form == "chat"
    assert "last answer" in roles.why


def test_a_chat_in_a_csv_cell_is_read_as_json() -> None:
    upload = csv(
        'id,messages\n1,"[{""role"": ""user"", ""content"": ""a""}, '
        '{""role"": ""assistant"", ""content"": ""b""}]"\n2,nonsense\n'
    )

    rows = row_texts(upload, find_roles(upload))

    assert [(one.input, one.output) for one in rows] == [("a", "b"), ("", "")]


@pytest.mark.parametrize(
    ("record", "inputs", "output"),
    [
        ({"prompt": "a", "completion": "b"}, ("prompt",), "completion"),
        ({"text": "a", "label": "b", "intent": "c"}, ("text",), "label"),
        ({"id": 1, "text": "a", "target_json": {}}, ("text",), "target_json"),
        ({"context": "a", "question": "b", "answers": []}, ("context", "question"), "answers"),
        ({"instruction": "a", "input": "", "output": "c"}, ("instruction", "input"), "output"),
        ({"Review": "a", "Sentiment": "b"}, ("Review",), "Sentiment"),
        ({"question": "a", "answer": "b"}, ("question",), "answer"),
    ],
)
def test_known_names_decide(record: object, inputs: tuple[str, ...], output: str) -> None:
    roles = find_roles(jsonl(record))

    assert (roles.inputs, roles.output) == (inputs, output)
    assert "By their names" in roles.why


def test_without_usual_names_the_shape_decides_and_says_so() -> None:
    lines = "\n".join(f"{n},a long text about number {n},{'xy'[n % 2]}" for n in range(20))
    roles = find_roles(csv(f"nr,alpha,beta\n{lines}"))

    assert (roles.inputs, roles.output) == (("alpha",), "beta")
    assert roles.why == (
        "No column has a usual name: 'alpha' holds the longest texts, so it is the input, and "
        "'beta' has 2 different values, so it is the label."
    )


def test_a_single_column_is_the_input() -> None:
    roles = find_roles(csv("words\nhello\n"))

    assert (roles.inputs, roles.output) == (("words",), None)
    assert "no column is the output" in roles.why


def test_named_columns_override_the_guess() -> None:
    upload = csv("text,label,team\na,b,c\n")

    assert find_roles(upload, output="team").output == "team"
    assert find_roles(upload, ["label"], "text").inputs == ("label",)
    with pytest.raises(InputError, match="no column 'nope': use text, label, team"):
        find_roles(upload, ["nope"])
    with pytest.raises(InputError, match="can't be both"):
        find_roles(upload, ["text"], "text")


def kind(outputs: list[str], column: str = "output") -> str:
    upload = jsonl(*({"input": "x", column: one} for one in outputs))
    roles = find_roles(upload)
    return output_kind(row_texts(upload, roles), roles)


def test_outputs_are_told_apart_by_their_values() -> None:
    assert kind(["yes", "no", "yes", "no"]) == "labels"
    assert kind(["a", "b", "c"]) == "texts"
    assert kind(["a", "b", "c"], "label") == "labels"
    assert kind(["yes " * 40] * 8) == "texts"
    assert kind(['{"a": "1"}', "{}"]) == "objects"
    assert kind(["", " "]) == "none"


def test_equal_objects_are_equal_in_any_order_of_keys() -> None:
    assert canonical('{"b": 1,  "a": 2}') == canonical('{"a": 2, "b": 1}')
    assert canonical(" two\n words ") == "two words"


def test_texts_are_the_same_whatever_their_case_width_and_spaces() -> None:
    assert normalised("  \uff37here is\nMY card ") == normalised("where IS my card")
