"""From the bytes of somebody's file to a task and usable rows.

Example run: python -m pytest tests/verdict/test_own_rows.py -v
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from lib.content.samples import SampleSet, load_sample_sets
from lib.errors import DataError
from lib.rows import LabelledRow, as_jsonl, read_rows
from lib.uploads import read_upload
from lib.verdict.division import divide
from lib.verdict.own_rows import OwnRows, understand

WORDS = ("parcel", "invoice", "password", "kettle", "voucher", "courier", "refund", "screw")


def text(number: int) -> str:
    """Return one of many texts that all differ."""
    return f"The {WORDS[number % 8]} of order {number} is not what I asked for."


def jsonl(records: list[Any], **options: Any) -> OwnRows:
    data = "\n".join(json.dumps(one) for one in records).encode()
    return understand(read_upload(data, "rows.jsonl"), **options)


def table(header: list[str], rows: list[list[str]], **options: Any) -> OwnRows:
    file = io.StringIO()
    csv.writer(file).writerows([header, *rows])
    return understand(read_upload(file.getvalue().encode(), "rows.csv"), **options)


def labelled(count: int = 24, labels: tuple[Any, ...] = ("late", "lost")) -> list[Any]:
    return [{"text": text(n), "label": labels[n % len(labels)]} for n in range(count)]


# ---------------------------------------------------------------- formats


@pytest.mark.parametrize("one", load_sample_sets(), ids=lambda one: one.id)
def test_every_row_of_a_sample_set_can_be_used(one: SampleSet, tmp_path: Path) -> None:
    found = understand(read_upload(one.path.read_bytes(), one.file))

    assert found.task.kind == one.kind
    assert found.left_out == ()
    assert len(found.tokens) == len(found.rows) == one.path.read_text().count("\n")
    assert list(found.rows) == read_rows(one.path, found.task)


@pytest.mark.parametrize("one", load_sample_sets(), ids=lambda one: one.id)
def test_rows_written_down_are_read_back_as_they_were(one: SampleSet, tmp_path: Path) -> None:
    found = understand(read_upload(one.path.read_bytes(), one.file))
    path = tmp_path / "rows.jsonl"
    path.write_text(as_jsonl(found.rows), encoding="utf-8")

    assert read_rows(path, found.task) == list(found.rows)


def test_chats_lose_their_system_message_and_say_so() -> None:
    def chat(number: int) -> dict[str, Any]:
        turns = [
            ("system", "Be brief."),
            ("user", text(number)),
            ("assistant", ["yes", "no"][number % 2]),
        ]
        return {"messages": [{"role": role, "content": content} for role, content in turns]}

    found = jsonl([chat(number) for number in range(24)])

    assert found.task.kind == "classification"
    assert found.rows[0] == LabelledRow("row-1", {"text": text(0)}, "yes")
    assert found.notes == ("System messages are passed over: the prompts here are made anew.",)


def test_a_chat_of_several_turns_is_left_out() -> None:
    turns = [{"role": role, "content": "x"} for role in ("user", "assistant") * 2]
    chats = [
        {
            "messages": [
                {"role": "user", "content": text(n)},
                {"role": "assistant", "content": "ab"[n % 2]},
            ]
        }
        for n in range(24)
    ]

    found = jsonl([{"messages": turns}, *chats])

    assert [(one.number, one.why) for one in found.left_out] == [
        (1, "'messages' must hold one user turn and then one assistant turn")
    ]


def test_prompts_and_completions_of_objects_are_an_extraction() -> None:
    rows = [
        {"prompt": text(n), "completion": json.dumps({"thing": WORDS[n % 8], "paid": n % 2 == 0})}
        for n in range(24)
    ]

    found = jsonl(rows)

    assert found.task.kind == "extraction"
    assert found.rows[1].target == {"thing": "invoice", "paid": "false"}


@pytest.mark.parametrize(
    ("header", "inputs", "output"),
    [
        (["Message", "Category"], ("Message",), "Category"),
        (["id", "Kundentext", "Abteilung"], ("Kundentext",), "Abteilung"),
    ],
)
def test_any_names_of_columns_will_do(
    header: list[str], inputs: tuple[str, ...], output: str
) -> None:
    rows = [[text(n), ("late", "lost")[n % 2]] for n in range(24)]
    if header[0] == "id":
        rows = [[f"k{n}", *row] for n, row in enumerate(rows)]

    found = table(header, rows)

    assert (found.roles.inputs, found.roles.output) == (inputs, output)
    assert found.task.kind == "classification"
    assert found.rows[3].id == ("k3" if header[0] == "id" else "row-4")


def test_columns_that_nobody_reads_are_named_and_can_be_chosen() -> None:
    header = ["title", "body", "urgency"]
    rows = [[f"Order {n}", text(n), ("high", "low")[n % 2]] for n in range(24)]

    guessed = table(header, rows)
    chosen = table(header, rows, inputs=["title", "body"], output="urgency")

    assert (guessed.roles.inputs, guessed.roles.output) == (("body",), "urgency")
    assert guessed.notes == ("Columns that are not used: 'title'.",)
    assert chosen.rows[2].inputs == {"text": f"Order 2\n{text(2)}"}
    assert chosen.notes == ()


def test_one_side_may_be_named_and_the_other_is_guessed() -> None:
    header = ["title", "body", "team", "category"]
    rows = [[f"Order {n}", text(n), "ab"[n % 2], "xyz"[n % 3]] for n in range(24)]

    by_input = table(header, rows, inputs=["title"])
    by_output = table(header, rows, output="team")

    assert (by_input.roles.inputs, by_input.roles.output) == (("title",), "category")
    assert (by_output.roles.inputs, by_output.roles.output) == (("body",), "team")


# ---------------------------------------------------------------- labels


@pytest.mark.parametrize(
    ("labels", "shown"),
    [((1, 0), ("1", "0")), ((True, False), ("true", "false")), ((1.5, 2.5), ("1.5", "2.5"))],
)
def test_numbers_and_booleans_are_labels_as_text(
    labels: tuple[Any, ...], shown: tuple[str, ...]
) -> None:
    found = jsonl(labelled(labels=labels))

    assert [row.target for row in found.rows[:2]] == list(shown)
    assert list(found.task.labels) == sorted(shown)


def test_labels_that_are_numbers_are_told() -> None:
    assert "numbers" in jsonl(labelled(labels=(1, -2.5))).notes[0]
    assert jsonl(labelled(labels=("1st", "2nd"))).notes == ()


@pytest.mark.parametrize(
    "label", ["Not urgent / other", "😀", 'no: it\'s "fine", {ok}', "- a", "~"]
)
def test_a_label_may_be_any_text(label: str) -> None:
    found = jsonl(labelled(labels=(label, "lost")))

    assert label in found.task.labels
    assert found.balance == tuple(sorted([(label, 12), ("lost", 12)]))
    assert label in (found.task.prompts.engineered.system or "").splitlines()


def test_labels_lose_white_space_but_keep_their_case() -> None:
    found = jsonl(labelled(labels=("Billing", "billing ", "lost")))

    assert [label for label, _ in found.balance] == ["Billing", "billing", "lost"]
    assert found.notes == (
        "Labels that differ only in case or spaces count as different: 'Billing', 'billing'.",
    )


def test_a_label_with_one_row_is_a_note_and_no_mistake() -> None:
    found = jsonl([*labelled(), {"text": "hello", "label": "rare"}])

    assert found.notes == (
        "Labels with fewer than 3 rows are trained on and never tested: 'rare'.",
    )
    parts = divide(found.task, found.rows)
    assert "rare" in {row.target for row in parts.training}


def test_a_row_with_several_labels_is_left_out() -> None:
    found = jsonl([*labelled(), {"text": "hello", "label": ["late", "lost"]}])

    assert [one.why for one in found.left_out] == ["it has several labels and one is needed"]


# ---------------------------------------------------------------- objects


def objects(*first: Any) -> list[Any]:
    usual = [{"text": text(n), "target_json": {"thing": WORDS[n % 8]}} for n in range(24)]
    return [*({"text": f"text {n}", "target_json": one} for n, one in enumerate(first)), *usual]


def test_values_become_text_as_json_writes_them_and_null_drops_the_key() -> None:
    given = {"thing": " cup ", "count": 3, "paid": True, "cost": 2.5, "note": None, "more": ""}

    found = jsonl(objects(given))

    assert found.rows[0].target == {"thing": "cup", "count": "3", "paid": "true", "cost": "2.5"}


def test_an_object_that_says_nothing_is_an_answer() -> None:
    assert jsonl(objects({}, {"thing": None})).rows[1].target == {}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ({"thing": {"a": 1}}, "its answer holds a list or an object inside the object"),
        ({"thing": ["a"]}, "its answer holds a list or an object inside the object"),
        ("nonsense", "its answer is no JSON object"),
        ('{"thing": "a", "thing": "b"}', "its answer is no JSON object"),
        ('{"thing": "\\ud800"}', "it holds half of a character (a surrogate)"),
        ('{"thing": 1e999}', "its answer holds a number that is not finite"),
        ({" ": "a"}, "a key of its answer is empty or longer than 60 characters"),
        ({"a": "1", "a ": "2"}, "a key of its answer comes twice"),
        ({"thing": "x" * 1_000}, "its answer has more than 1,000 characters"),
        (None, "its answer is empty"),
    ],
)
def test_an_object_that_no_model_could_learn_is_left_out(target: Any, why: str) -> None:
    found = jsonl(objects(target))

    assert [(one.number, one.why) for one in found.left_out] == [(1, why)]


def test_the_balance_counts_values_where_they_are_few_and_keys_where_not() -> None:
    rows = [
        {"text": text(n), "target_json": {"thing": WORDS[n % 8], "team": ("a", "b", "b")[n % 3]}}
        for n in range(24)
    ]

    assert jsonl(rows).balance == (("thing", 24), ("team: b", 16), ("team: a", 8))


# ---------------------------------------------------------------- questions


def questions(answers: Any = None, count: int = 24) -> list[dict[str, Any]]:
    """Return two questions on each passage; `answers` makes an answer of its number."""
    answers = answers or (lambda n: [f"{n} litres"])
    return [
        {
            "context": f"Jug {n // 2}: {n // 2 * 2} litres in summer, {n // 2 * 2 + 1} litres in winter.",
            "question": f"How much does it hold in {('summer', 'winter')[n % 2]}?",
            "answers": answers(n),
        }
        for n in range(count)
    ]


@pytest.mark.parametrize(
    "form",
    [
        lambda n: [f"{n} litres", f"{n} litres"],
        lambda n: f"{n}\nlitres",
        lambda n: {"text": [f"{n} litres"], "answer_start": [13]},
        lambda n: [{"text": f"{n} litres", "answer_start": 13}],
        lambda n: f'["{n} litres"]',
        lambda n: f"['{n} litres']",
        lambda n: f"{{'text': ['{n} litres'], 'answer_start': [13]}}",
    ],
)
def test_answers_may_be_a_list_a_text_or_as_in_squad(form: Any) -> None:
    found = jsonl(questions(form))

    assert found.task.kind == "question_answering"
    assert found.rows[5].target == ("5 litres",)
    assert found.notes == (
        "24 questions on 12 passages; all questions on one passage stay on one side of the test.",
    )


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (("passage", "Question", "Answer"), {}),
        (("passage", "Question", "Answer"), {"output": "Answer"}),
        (("Text A", "Text B", "C"), {"inputs": ["Text B", "Text A"], "output": "C"}),
    ],
)
def test_questions_are_known_by_names_or_by_answers_that_stand_in_the_passage(
    names: tuple[str, str, str], options: Any
) -> None:
    rows = [[one["context"], one["question"], one["answers"][0]] for one in questions()]

    found = table(list(names), rows, **options)

    assert found.task.kind == "question_answering"
    assert found.roles.inputs == names[:2]
    assert found.rows[0].inputs["question"] == "How much does it hold in summer?"


def test_yes_and_no_about_a_passage_are_labels() -> None:
    rows = [
        [one["context"], one["question"], ("yes", "no")[n % 2]] for n, one in enumerate(questions())
    ]

    assert table(["passage", "question", "answer"], rows).task.kind == "classification"


def test_an_answer_that_is_not_in_its_passage_is_kept_and_told() -> None:
    found = jsonl([{**questions()[0], "answers": "a lot"}, *questions()[1:]])

    assert len(found.rows) == 24
    assert found.notes[1].startswith("In 1 row the answer does not stand in the passage")


def test_answers_that_hardly_ever_stand_in_their_passage_are_free_texts() -> None:
    rows = [
        [one["context"], one["question"], f"That depends on {n} things."]
        for n, one in enumerate(questions())
    ]

    with pytest.raises(DataError, match="are free texts"):
        table(["document", "query", "response"], rows)


def test_a_question_without_an_answer_is_left_out() -> None:
    found = jsonl([*questions(), {**questions()[0], "answers": {"text": []}}])

    assert [one.why for one in found.left_out] == ["its answer is empty"]


# ---------------------------------------------------------------- left out


def test_every_row_that_is_left_out_has_its_reason() -> None:
    rows = [
        *labelled(),
        {"text": " ", "label": "late"},
        {"text": "a", "label": None},
        {"label": "late"},
        {"text": text(0).upper() + " ", "label": "late"},
        {"text": "long " * 2_000, "label": "late"},
        {"text": "word " * 1_200, "label": "late"},
        {"text": "b", "label": "x" * 61},
        {"text": "nul\x00", "label": "late"},
    ]

    found = jsonl(rows)

    assert [(one.number, one.why) for one in found.left_out] == [
        (25, "its text is empty"),
        (26, "its answer is empty"),
        (27, "its text is empty"),
        (28, "it repeats an earlier row"),
        (29, "its text has more than 8,000 characters"),
        (30, "it has more than 1,024 tokens"),
        (31, "its answer has more than 60 characters, which no label has"),
        (32, "it holds a zero character"),
    ]
    assert len(found.rows) == 24


def test_the_same_text_with_different_answers_stays_and_is_counted() -> None:
    found = jsonl([*labelled(), {"text": text(0), "label": "lost"}])

    assert (len(found.rows), found.conflicts) == (25, 1)
    assert found.notes == (
        "1 text has different answers in different rows: those rows are kept, and nothing can get "
        "all of them right.",
    )


def test_ids_of_the_file_are_kept_where_every_row_has_its_own() -> None:
    own = [{"id": 7 * n, **one} for n, one in enumerate(labelled())]
    doubled = [{"id": 1, **one} for one in labelled()]

    assert [row.id for row in jsonl(own).rows[:3]] == ["0", "7", "14"]
    assert [row.id for row in jsonl(doubled).rows[:3]] == ["row-1", "row-2", "row-3"]


# ---------------------------------------------------------------- tokens


def words(text: str) -> int:
    return len(text.split())


def test_tokens_are_those_of_template_prompt_and_answer() -> None:
    found = jsonl(labelled(), count=words)

    # 11 words, one label, 31 tokens of the chat template
    assert set(found.tokens) == {43}
    assert found.task.max_new_tokens == 1 + 16


def test_without_a_counter_four_characters_are_a_token() -> None:
    found = jsonl([{"text": f"{n:08}", "label": ("late", "lost")[n % 2]} for n in range(24)])

    assert set(found.tokens) == {2 + 1 + 31}


def test_rows_with_more_tokens_than_allowed_are_left_out() -> None:
    rows = [*labelled(), {"text": text(1) + " Again!", "label": "late"}]

    found = jsonl(rows, count=words, max_tokens=43)

    assert [(one.number, one.why) for one in found.left_out] == [(25, "it has more than 43 tokens")]
