"""The whole report on a file, and its sentences."""

import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from lib.estimator.row_findings import findings, shown_rows
from lib.estimator.row_labels import Conflict, LabelShare
from lib.estimator.row_report import report
from lib.estimator.row_twins import Leak, RowGroup
from lib.uploads import Upload, read_upload

TRAINING = """text,label
where is my new card,cards
Where is my  new card,cards
close my account,accounts
close my account,cards
where is my card,Cards
,cards
send money abroad,
"""


def csv(text: str, name: str = "rows.csv") -> Upload:
    return read_upload(text.encode(), name)


def test_everything_in_a_small_file_is_found_with_its_row_numbers() -> None:
    found = report(csv(TRAINING))

    assert found.rows == 7
    assert found.outputs == "labels"
    assert found.duplicates == (RowGroup((1, 2)),)
    assert found.near_duplicates == (RowGroup((1, 5)),)
    assert found.conflicts == (Conflict((3, 4), ("accounts", "cards")),)
    assert (found.empty_inputs, found.empty_outputs) == ((6,), (7,))
    assert found.labels is not None
    assert found.labels.labels[0] == LabelShare("cards", 4, 4 / 6)
    assert found.labels.majority_share == 4 / 6
    assert found.labels.ratio == 4
    assert found.labels.lookalikes == (("cards", "Cards"),)
    assert found.duplicate_rows == 1
    assert found.usable_rows == 4


def test_the_sentences_name_the_gravest_first() -> None:
    test = csv("text,label\nclose my account,accounts\nnew question,cards\n", "test.csv")

    found = findings(report(csv(TRAINING), test=test))

    assert found[0] == (
        "1 of 2 test rows are in the training rows too (test row 1): remove them from one of the "
        "files."
    )
    assert found[1] == (
        "One input with different answers (rows 3, 4, for example): decide on one of them."
    )
    assert found[2] == "No input in row 6: fill or remove."
    assert "Hosted tuning: the file has fewer than 10 rows. Add rows." in found
    assert all(one.endswith(".") for one in found)


def test_a_good_file_has_nothing_to_mend() -> None:
    lines = [
        f"{animal} number {n * 7919},{'ab'[n % 2]}"
        for n, animal in enumerate(
            ("cat", "dog", "cow", "hen", "fox", "owl", "bee", "ant", "elk", "bat") * 2
        )
    ]

    assert findings(report(csv("text,label\n" + "\n".join(lines)))) == ()


def test_leaks_are_found_between_two_files() -> None:
    training = csv("text,label\nwhere is my new card,a\nclose my account,b\n")
    test = csv("text,label\nwhere is my card,a\nsomething else,b\n", "test.csv")

    found = report(training, test=test).test

    assert found is not None
    assert found.leaks == (Leak(1, 1, 0.8),)
    assert found.leaked_share == 0.5


def test_different_answers_in_free_text_are_listed_but_not_complained_about() -> None:
    rows = [{"prompt": "Hi", "completion": f"A different answer {n}"} for n in range(12)]
    upload = read_upload("\n".join(map(json.dumps, rows)).encode(), "rows.jsonl")

    found = report(upload)

    assert len(found.conflicts[0].rows) == 12
    assert not any("different answers" in one for one in findings(found))


def test_equal_objects_with_other_key_order_are_duplicates_and_no_conflict() -> None:
    rows = [
        {"text": "two at eight", "target_json": {"people": "two", "time": "eight"}},
        {"text": "two at eight", "target_json": '{"time": "eight", "people": "two"}'},
    ]
    found = report(read_upload("\n".join(map(json.dumps, rows)).encode(), "rows.jsonl"))

    assert found.outputs == "objects"
    assert found.duplicates == (RowGroup((1, 2)),)
    assert found.conflicts == ()


def test_rows_without_any_output_are_no_gap_in_each_row() -> None:
    found = report(csv("text\na b c\nd e f\n"))

    assert (found.outputs, found.empty_outputs, found.labels) == ("none", (), None)


def test_a_report_turns_into_plain_data() -> None:
    assert json.dumps(asdict(report(csv(TRAINING))), default=str)


def test_row_numbers_are_cut_short() -> None:
    assert shown_rows([4]) == "row 4"
    assert shown_rows(range(1, 1_008)) == "rows 1, 2, 3, 4, 5 and 1,002 more"


@pytest.mark.slow
def test_twenty_thousand_rows_take_seconds() -> None:
    body = "\n".join(
        f"question {n} about item {n * 31 % 977} and {n * 17 % 97},{n % 5}" for n in range(20_000)
    )
    upload = csv(f"text,label\n{body}")
    start = time.process_time()

    report(upload)

    assert time.process_time() - start < 10


def test_importing_the_report_is_fast_and_loads_no_heavy_library() -> None:
    script = (
        "import sys\n"
        "import lib.estimator.row_findings, lib.estimator.learning_curve\n"
        "import lib.estimator.eval_size, lib.estimator.data_needs\n"
        "print([one for one in ('pandas', 'scipy', 'numpy', 'tokenizers', 'torch') if one in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )

    assert done.stdout.strip() == "[]"
