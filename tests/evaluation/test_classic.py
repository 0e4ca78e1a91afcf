"""The classic line: what it learns on, what it chooses with, and what it writes.

Example run: python -m pytest tests/evaluation/test_classic.py -v
"""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lib.errors import DataError
from lib.evaluation import classic_file
from lib.evaluation.classic import CANDIDATES, Candidate, ClassicModel, Tried, learn_classic
from lib.evaluation.classic_file import TrainingRows, measure_classic, write_classic
from lib.rows import LabelledRow, read_rows, split_rows

WORDS, *_, CHARACTERS = CANDIDATES


def rows(*pairs):
    return [
        LabelledRow(f"r{number}", {"text": text}, label)
        for number, (text, label) in enumerate(pairs)
    ]


CARDS = [
    f"my {colour} card is {state}" for colour in ("red", "new", "old") for state in ("lost", "bent")
]
CASH = [
    f"the {place} machine kept my {what}"
    for place in ("street", "bank")
    for what in ("cash", "notes", "money")
]
TRAINING = rows(*((text, "cards") for text in CARDS), *((text, "cash") for text in CASH))


def save(path: Path, records) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return path


@pytest.fixture
def training(tmp_path, classification_task):
    """Twelve rows, three of them held out."""
    file = save(
        tmp_path / "train.jsonl",
        [{"id": row.id, "text": row.inputs["text"], "label": row.target} for row in TRAINING],
    )
    return TrainingRows(file, read_rows(file, classification_task), seed=7, held_out_rows=3)


@pytest.fixture
def test_file(tmp_path):
    return save(
        tmp_path / "test.jsonl",
        [
            {"id": "a", "text": "is my card lost", "label": "cards", "bank": "one"},
            {"id": "b", "text": "no notes from the machine", "label": "cash", "bank": "two"},
            {"id": "c", "text": "my red card is lost", "label": "cash", "bank": "two"},
            {"id": "d", "text": "the machine of my street", "label": "weather", "bank": "two"},
        ],
    )


# ---------------------------------------------------------------- learning


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda one: one.name)
def test_every_candidate_tells_two_plain_topics_apart(candidate: Candidate) -> None:
    model = learn_classic(TRAINING, TRAINING[:1], 7, [candidate])

    assert model.classify(["card bent", "cash machine"]) == ["cards", "cash"]


def test_the_candidate_that_does_best_on_the_held_out_rows_is_chosen() -> None:
    # No whole word is known, and pieces of words are.
    held_out = rows(
        ("cardboard", "cards"), ("machinery", "cash"), ("cards", "cards"), ("notebook", "cash")
    )

    model = learn_classic(TRAINING, held_out, 7, [WORDS, CHARACTERS])

    by_name = {one.name: one.held_out_accuracy for one in model.tried}
    assert by_name == {WORDS.name: 0.5, CHARACTERS.name: 1.0}
    assert model.chosen.name == CHARACTERS.name
    assert model.chosen.held_out_rows == 4


def test_of_two_equally_good_candidates_the_simpler_one_is_chosen() -> None:
    model = learn_classic(TRAINING, TRAINING[:2], 7)

    assert [one.held_out_accuracy for one in model.tried] == [1.0] * len(CANDIDATES)
    assert model.chosen.name == WORDS.name


def test_nothing_is_learned_from_the_held_out_rows() -> None:
    model = learn_classic(TRAINING, rows(("zebra", "cards")), 7, [WORDS])

    assert "zebra" not in model.pipeline[0].vocabulary_


def test_the_same_rows_and_seed_give_the_same_answers() -> None:
    texts = ["my machine is bent", "the card kept the cash", "street"]

    first, second = (learn_classic(TRAINING, TRAINING[:2], 7, [CHARACTERS]) for _ in range(2))

    decisions = [one.pipeline.decision_function(texts).tolist() for one in (first, second)]
    assert decisions[0] == decisions[1]


def test_single_calls_are_timed() -> None:
    model = learn_classic(TRAINING, TRAINING[:1], 7, [WORDS])

    assert 0 < model.seconds_to_answer(["lost card", "cash"]) < 1


@pytest.mark.parametrize(
    ("learned_on", "held_out", "part"),
    [
        ([], TRAINING, "rows to learn on"),
        (TRAINING, [], "held-out rows"),
        (TRAINING[:6], TRAINING[6:], "All 6 training rows have the label 'cards'"),
        (rows(("!!!", "cards"), ("???", "cash")), TRAINING, "No training text holds a word"),
    ],
)
def test_rows_that_teach_nothing_are_refused_in_one_sentence(learned_on, held_out, part) -> None:
    with pytest.raises(DataError, match=part) as error:
        learn_classic(learned_on, held_out, 7)

    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_reading_results_does_not_load_scikit_learn() -> None:
    script = (
        "import sys, lib.evaluation.classic, lib.evaluation.classic_file, lib.cli_classic\n"
        "print('sklearn' in sys.modules)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stdout.strip() == "False"


# ---------------------------------------------------------------- measuring


@pytest.fixture
def by_first_word(monkeypatch):
    """A classifier that needs no learning: the machine means cash, everything else cards."""

    class Pipeline:
        def predict(self, texts):
            return ["cash" if "machine" in text else "cards" for text in texts]

    learned = []

    def learn(training, held_out, seed):
        learned.append((training, held_out, seed))
        tried = Tried("by word", 0.75, len(held_out), 0.5)
        return ClassicModel(tried, (replace(tried, name="other"), tried), Pipeline())

    monkeypatch.setattr(classic_file, "learn_classic", learn)
    return learned


def test_it_learns_on_exactly_the_rows_that_the_recipe_trains_on(
    by_first_word, classification_task, training, test_file
) -> None:
    measure_classic(classification_task, training, test_file)

    [(learned_on, held_out, seed)] = by_first_word
    assert (learned_on, held_out) == split_rows(training.rows, 7, 3)
    assert seed == 7


def test_the_measured_object_holds_what_is_needed_to_measure_again(
    by_first_word, classification_task, training, test_file
) -> None:
    summary = measure_classic(
        classification_task, training, test_file, command="the command"
    ).summary

    assert summary["task"] == "tiny_routing"
    assert (summary["rows"], summary["unscored_rows"], summary["mode"]) == (3, 1, "classic")
    assert summary["command"] == "the command"
    assert summary["data"]["file"] == "test.jsonl"
    assert summary["training"]["file"] == "train.jsonl"
    assert (summary["training"]["rows"], summary["training"]["held_out_rows"]) == (9, 3)
    assert len(summary["training"]["sha256"]) == len(summary["data"]["sha256"]) == 64
    assert (summary["seed"], summary["chosen"]) == (7, "by word")
    assert (summary["seconds_to_learn"], summary["seconds_to_choose"]) == (0.5, 1.0)
    assert [one["name"] for one in summary["candidates"]] == ["other", "by word"]
    assert summary["candidates"][0]["held_out_accuracy"] == 0.75


def test_figures_are_counted_over_rows_with_a_label_of_the_task(
    by_first_word, classification_task, training, test_file
) -> None:
    summary = measure_classic(classification_task, training, test_file).summary

    # a and b are right, c is not, d has a label that the task does not know. Wilson of 2 in 3.
    assert summary["conditions"] == {
        "classic": {"accuracy": 0.6667, "interval95": [0.2077, 0.9385], "valid_rate": 1.0}
    }
    assert summary["unscored_answers"] == {"classic": {"cash": 1}}


def test_rows_that_repeat_training_rows_are_left_out_of_a_second_set_of_figures(
    by_first_word, classification_task, training, test_file
) -> None:
    without = measure_classic(classification_task, training, test_file).summary[
        "without_near_twins"
    ]

    # c is a training row word for word; "is my card lost" shares 4 of 5 words with another.
    assert (without["rows"], without["near_twins"]) == (1, 2)
    assert without["conditions"]["classic"]["accuracy"] == 1.0


def test_groups_are_reported_by_the_value_of_a_field(
    by_first_word, classification_task, training, test_file
) -> None:
    summary = measure_classic(classification_task, training, test_file, group_by="bank").summary

    assert summary["by_group"]["field"] == "bank"
    groups = summary["by_group"]["groups"]
    assert {name: one["rows"] for name, one in groups.items()} == {"one": 1, "two": 2}
    assert groups["two"]["conditions"]["classic"]["accuracy"] == 0.5


def test_a_file_without_a_row_of_the_tasks_labels_gives_answers_alone(
    by_first_word, classification_task, training, tmp_path
) -> None:
    file = save(
        tmp_path / "none.jsonl",
        [{"text": "how warm is it", "label": "x"}, {"text": "what machine", "label": "y"},
         {"text": "sing", "label": "x"}],
    )  # fmt: skip

    measurement = measure_classic(classification_task, training, file)
    write_classic(tmp_path / "none_classic.json", measurement)

    summary = measurement.summary
    assert (summary["rows"], summary["unscored_rows"], summary["conditions"]) == (0, 3, {})
    assert summary["unscored_answers"] == {"classic": {"cards": 2, "cash": 1}}
    assert summary["without_near_twins"] == {"rows": 0, "near_twins": 0, "conditions": {}}
    assert (tmp_path / "none_classic_rows.csv").read_text().count("\n") == 1


def test_a_label_that_the_task_does_not_know_is_no_valid_answer(
    by_first_word, classification_task, training, test_file
) -> None:
    task = replace(classification_task, labels={"cards": "c", "weather": "w"})

    measurement = measure_classic(task, training, test_file)

    # a and d count now. a is right; d is called "cash", which is no label of this task.
    assert measurement.summary["conditions"]["classic"]["valid_rate"] == 0.5
    assert measurement.answers == ["cards", None]
    assert measurement.summary["unscored_answers"] == {"classic": {"(no label)": 1, "cards": 1}}


def test_files_hold_the_summary_and_a_line_for_each_scored_row(
    by_first_word, classification_task, training, test_file, tmp_path
) -> None:
    measurement = measure_classic(classification_task, training, test_file)

    write_classic(tmp_path / "results" / "test_classic.json", measurement)

    folder = tmp_path / "results"
    assert json.loads((folder / "test_classic.json").read_text()) == measurement.summary
    with (folder / "test_classic_rows.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(one["id"], one["near_twin"], one["correct"], one["answer"]) for one in lines] == [
        ("a", "1", "1", "cards"),
        ("b", "0", "1", "cash"),
        ("c", "1", "0", "cards"),
    ]
    assert {one["condition"] for one in lines} == {"classic"}
    assert {(one["valid"], one["pairs_right"], one["f1"]) for one in lines} == {("1", "0", "0.0")}


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"held_out_rows": 0}, "holds no rows out"),
        ({"held_out_rows": 12}, "train.jsonl has 12 rows and the recipe holds 12 out"),
        ({"held_out_rows": 300}, "bring more rows, or hold fewer out"),
    ],
)
def test_a_recipe_that_leaves_nothing_is_refused(
    classification_task, training, test_file, change, part
) -> None:
    with pytest.raises(DataError, match=part):
        measure_classic(classification_task, replace(training, **change), test_file)


def test_other_kinds_of_tasks_are_refused(extraction_task, training, test_file) -> None:
    with pytest.raises(DataError, match="'tiny_booking' is no classification"):
        measure_classic(extraction_task, training, test_file)


def test_a_group_field_that_a_row_lacks_is_named_with_its_line(
    classification_task, training, test_file
) -> None:
    with pytest.raises(DataError, match=r"test.jsonl, line 1: the field 'country'"):
        measure_classic(classification_task, training, test_file, group_by="country")


def test_repeated_ids_are_refused(classification_task, training, tmp_path) -> None:
    file = save(tmp_path / "t.jsonl", [{"id": "a", "text": "x", "label": "cards"}] * 2)

    with pytest.raises(DataError, match=r"Two rows of t.jsonl have the same id"):
        measure_classic(classification_task, training, file)
