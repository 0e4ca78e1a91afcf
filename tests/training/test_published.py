"""The readers of published data files, on small files of the same form.

Run: python -m pytest tests/training/test_published.py
"""

import json

import pytest

from lib.errors import DataError
from lib.training.published import (
    banking77,
    clean,
    clinc150,
    clothing_reviews,
    restaurant8k,
    squadshifts,
    uci_sentences,
    xquad,
)


@pytest.mark.parametrize(
    ("published", "cleaned"),
    [
        ("two  spaces\tand a tab", "two spaces and a tab"),
        ("\n\nlines\nof text \n", "lines of text"),
        ("it wasn&#39;t &quot;felt&quot; &amp; it&nbsp;itched", 'it wasn\'t "felt" & it itched'),
        ("undone once only: &amp;amp;", "undone once only: &amp;"),
        ("was\x85was there", "was…was there"),
        ("a \x96 b \x97 c\x92s", "a – b — c’s"),
        ("£1 and €1, crêpe", "£1 and €1, crêpe"),
        ("not a sign: \x81", "not a sign: \x81"),
    ],
)
def test_texts_are_cleaned(published: str, cleaned: str) -> None:
    assert clean(published) == cleaned


def test_banking77_is_csv_whose_intents_become_teams() -> None:
    text = (
        "text,category\n"
        "Where is it?,card_arrival\n"
        '"Two days ago, it was\n\n""Pending""  still",pending_card_payment\n'
    )

    rows = banking77(
        "test.csv", text, {"card_arrival": "cards", "pending_card_payment": "card_payments"}
    )

    assert rows == [
        {"text": "Where is it?", "label": "cards"},
        {"text": 'Two days ago, it was "Pending" still', "label": "card_payments"},
    ]


def test_clinc150_has_a_list_of_rows_for_each_split() -> None:
    text = json.dumps(
        {
            "test": [["send  10 dollars", "transfer"], ["how do you say hello", "translate"]],
            "oos_test": [["a show on broadway", "oos"]],
        }
    )

    rows = clinc150("data_full.json", text, {"transfer": "transfers", "oos": "out_of_scope"})

    assert rows == {
        "test": [
            {"text": "send 10 dollars", "label": "transfers"},
            {"text": "how do you say hello", "label": "translate"},
        ],
        "oos_test": [{"text": "a show on broadway", "label": "out_of_scope"}],
    }


def test_a_control_character_ends_no_row_of_the_sentences() -> None:
    text = "The plot is\x85was there one?  \t0\nA\ttab inside.\t1\r\n"

    assert uci_sentences("imdb_labelled.txt", text, {}) == [
        {"text": "The plot is…was there one?", "label": "negative", "domain": "imdb"},
        {"text": "A tab inside.", "label": "positive", "domain": "imdb"},
    ]


def test_stars_of_clothing_reviews_become_labels() -> None:
    reviews = "".join(f'{stars - 1},9,"Fits,\n\nor so",{stars}\n' for stars in range(1, 6))
    text = ",Clothing ID,Review Text,Rating\n" + reviews + "5,9,,5\n"

    rows = clothing_reviews("reviews.csv", text, {})

    assert [row["label"] for row in rows] == [
        "negative",
        "negative",
        "neutral",
        "positive",
        "positive",
        "positive",
    ]
    assert {row["text"] for row in rows} == {"Fits, or so", ""}


def test_restaurant8k_keeps_the_words_of_the_spans() -> None:
    spans = [
        {"slot": "first_name", "valueSpan": {"endIndex": 3}},
        {"slot": "time", "valueSpan": {"startIndex": 7, "endIndex": 8}},
    ]
    text = json.dumps([{"userInput": {"text": "Zoë at 8"}, "labels": spans}])

    assert restaurant8k("train_0.json", text, {}) == [
        {"text": "Zoë at 8", "target_json": '{"first_name": "Zoë", "time": "8"}'}
    ]


def _squad_file(context: str, *asked: tuple[str, str, list[str]]) -> str:
    questions = [
        {"id": id, "question": text, "answers": [{"text": one, "answer_start": 0} for one in found]}
        for id, text, found in asked
    ]
    return json.dumps({"data": [{"paragraphs": [{"context": context, "qas": questions}]}]})


def test_passages_keep_their_inner_white_space_and_questions_do_not() -> None:
    text = _squad_file("\nA  &amp; B\nat 5.\n", ("a", " When  was it? ", ["A  &amp; B", "5"]))

    assert xquad("xquad.en.json", text, {}) == [
        {
            "id": "a",
            "context": "\nA  & B\nat 5.",
            "question": "When was it?",
            "answers": ["A  & B", "5"],
        }
    ]


def test_a_question_that_comes_again_brings_its_answers_to_the_first() -> None:
    text = _squad_file(
        "In Rome.",
        ("a", "Where?", ["Rome", "In Rome"]),
        ("b", "When?", ["In"]),
        ("c", "Where? ", ["Rome"]),
    )

    rows = squadshifts("new_wiki_v1.0.json", text, {})

    assert [(row["id"], row["answers"], row["domain"]) for row in rows] == [
        ("a", ["Rome", "In Rome", "Rome"], "new_wiki"),
        ("b", ["In"], "new_wiki"),
    ]
    assert len(xquad("xquad.en.json", text, {})) == 3


def test_other_json_is_refused_in_one_sentence() -> None:
    with pytest.raises(DataError, match=r"^train_0\.json is not JSON\.$"):
        restaurant8k("train_0.json", "{", {})
    with pytest.raises(DataError, match=r"^data_full\.json is not an object of lists of rows\.$"):
        clinc150("data_full.json", "[]", {})
