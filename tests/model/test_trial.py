"""A whole trial with the real model, from rows to a verdict, and what it leaves in its folder.

Example run: python -m pytest tests/model/test_trial.py -v
"""

import csv
import json
from dataclasses import replace
from threading import Event

import pytest

from lib.content.tasks import load_task
from lib.inference import adapter as adapter_files
from lib.rows import row_from_record
from lib.training.infer import infer_task
from lib.training.recipe import Recipe
from lib.verdict.diary import read_progress
from lib.verdict.division import divide
from lib.verdict.folder import Order, write_order
from lib.verdict.judge import Way, read_verdict
from lib.verdict.work import work

pytestmark = pytest.mark.model

RECIPE = Recipe(rank=4, alpha=8, epochs=6, batch_size=8, learning_rate=2e-3, engineered_share=0.2)
FOOD = ("apple", "bread", "cheese", "plum", "soup", "rice", "tea", "cake", "honey", "pear", "milk")
TOOLS = (
    "hammer",
    "saw",
    "drill",
    "spade",
    "ladder",
    "rake",
    "brush",
    "file",
    "clamp",
    "axe",
    "hoe",
)


THINGS = [
    {"text": f"{verb} the {noun}", "label": label}
    for label, nouns in (("food", FOOD), ("tool", TOOLS))
    for noun in nouns
    for verb in ("where is", "bring me")
]


def order_of(records):
    task = infer_task("mine", records)
    rows = [
        row_from_record(record, task, "here", default_id=f"line-{number}")
        for number, record in enumerate(records)
    ]
    parts = divide(task, rows)
    return Order(task, RECIPE, len(parts.training), 5, parts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished trial on forty-four rows with two labels."""
    where = tmp_path_factory.mktemp("trial")
    write_order(where / "job", order_of(THINGS))
    work(where / "job", Event())
    return where / "job"


def test_the_trial_comes_to_its_end(folder):
    progress = read_progress(folder)

    assert progress.problem is None
    assert progress.ended
    assert progress.stage == "verdict"
    assert progress.steps[-1].number == progress.steps[-1].of
    assert progress.steps[-1].loss < progress.steps[0].loss
    assert progress.looks[-1].step == progress.steps[-1].of


def test_every_way_is_measured_on_the_same_rows(folder):
    verdict, measured = read_verdict(folder / "verdict.json")

    assert {one.way for one in measured} == set(Way)
    assert {len(one.right) for one in measured} == {verdict.rows}
    assert verdict.rows == len((folder / "rows" / "test.jsonl").read_text().splitlines())
    assert {one.way: sum(one.right) for one in measured} == {
        Way(one.way): one.right for one in read_progress(folder).scored
    }


def test_the_answers_are_kept_row_by_row(folder):
    with (folder / "answers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    _, measured = read_verdict(folder / "verdict.json")

    assert len(rows) == len(Way) * len(measured[0].right)
    for one in measured:
        of_way = [row for row in rows if row["way"] == one.way]
        assert [row["right"] == "1" for row in of_way] == list(one.right)
        assert all((row["answer"] == row["wanted"]) == (row["right"] == "1") for row in of_way)


def test_the_folder_is_a_task_folder_with_an_adapter_that_fits_its_card(folder):
    task = load_task(str(folder))

    assert adapter_files.check(task.id, folder).rank == 4
    assert len(task.prompts.engineered.examples) in (0, 4, 8)
    record = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    assert not record["stopped"]


def test_a_stop_keeps_the_best_so_far_and_goes_on_to_the_verdict(tmp_path):
    records = [
        {"text": f"a table for {n} at {h}", "target_json": json.dumps({"people": str(n)})}
        for n in range(2, 9)
        for h in ("six", "seven", "eight", "nine")
    ]
    write_order(tmp_path / "job", order_of(records))
    stop = Event()
    stop.set()

    work(tmp_path / "job", stop)

    progress = read_progress(tmp_path / "job")
    assert progress.problem is None
    assert len(progress.steps) == 1
    assert progress.looks, "the weights of the stop were tried"
    verdict, measured = read_verdict(tmp_path / "job" / "verdict.json")
    assert Way.LORA in {one.way for one in measured}
    assert all(one.f1 is not None for one in measured)
    assert verdict.kind == "extraction"


def test_a_loss_that_is_no_number_ends_the_training_and_the_other_ways_are_judged(tmp_path):
    order = order_of(THINGS)
    wild = replace(
        order.recipe, learning_rate=1e37
    )  # weights near the end of what their type holds
    write_order(tmp_path / "job", replace(order, recipe=wild))

    work(tmp_path / "job", Event())

    progress = read_progress(tmp_path / "job")
    assert progress.problem is None
    assert any("There is no adapter" in one for one in progress.notes)
    assert not (tmp_path / "job" / "adapter").exists()
    _, measured = read_verdict(tmp_path / "job" / "verdict.json")
    assert {one.way.family for one in measured} == {"prompt", "classic"}


def test_a_damaged_order_is_one_sentence_in_the_diary(tmp_path):
    (tmp_path / "task.yaml").write_text("id: [", encoding="utf-8")

    work(tmp_path, Event())

    assert "task.yaml" in read_progress(tmp_path).problem
