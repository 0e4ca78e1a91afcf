"""Prompts are tried on held-out rows, in both modes, and every try is written down.

Run alone: python -m pytest tests/evaluation/test_choose_examples.py
"""

import csv
import random
from dataclasses import replace
from math import log
from pathlib import Path
from typing import Any

import pytest

from lib.errors import ContentError
from lib.evaluation import choose_examples as choosing
from lib.evaluation.answering import Mode, RowReply
from lib.evaluation.choose_examples import Plan, Pool, PoolExample, ReadyPool, Wording, ready_pool
from lib.evaluation.trial_log import Trial, TrialLog
from lib.inference.label_chances import Ask
from lib.rows import LabelledRow
from lib.task import Example, PromptTemplate, Task
from tests.evaluation.scripted import ScriptedComparer

ROWS = [
    LabelledRow("a", {"text": "lost card"}, "cards"),
    LabelledRow("b", {"text": "no notes"}, "cash"),
    LabelledRow("c", {"text": "new card"}, "cards"),
]
EXAMPLES = tuple(PoolExample("cash", text=f"example {n}") for n in range(3))


class Comparer(ScriptedComparer):
    """Knows the labels only under the system text "Good."."""

    def __init__(self) -> None:
        super().__init__({})

    def log_probabilities(self, task: Task, asks: Any) -> list[tuple[float, ...]]:
        return [self._score(ask) for ask in asks]

    def _score(self, ask: Ask) -> tuple[float, float]:
        knows = "Good." in ask.prompt.text
        cash = "no notes" in ask.prompt.text
        return (log(0.2), log(0.8)) if knows and cash else (log(0.8), log(0.2))


@pytest.fixture
def task(classification_task: Task) -> Task:
    engineered = PromptTemplate(system="Own.", user="{text}")
    return replace(
        classification_task, prompts=replace(classification_task.prompts, engineered=engineered)
    )


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked, `cards` is written; scored labels go the real way."""
    batches = choosing.reply_in_batches

    def reply(comparer: Any, task: Task, template: Any, rows: Any, *, mode: Mode) -> Any:
        if mode is Mode.SCORE:
            return batches(comparer, task, template, rows, mode=mode)
        return [[RowReply(row.id, "cards", True, 5, 1) for row in rows]]

    monkeypatch.setattr(choosing, "reply_in_batches", reply)


def choose(task: Task, **plan: Any) -> tuple[list[Trial], list[Trial]]:
    """Return the best of each mode, and all that was tried."""
    tried: list[Trial] = []
    comparer: Any = Comparer()
    pool = ready_pool(Pool(EXAMPLES, wordings=(Wording("{text}", "Good."),)), task)
    best = choosing.choose_examples(comparer, task, pool, ROWS, Plan(**plan), tried.append)
    return best, tried


def test_wordings_are_tried_beside_the_tasks_own(task: Task) -> None:
    [best], tried = choose(task, modes=(Mode.SCORE,), sizes=(1,), draws=1, quick_rows=2)

    assert {one.wording for one in tried} == {0, 1}
    assert (best.wording, best.score, best.rows) == (1, 1.0, 3)


def test_the_same_sets_are_tried_under_every_wording(task: Task) -> None:
    _, tried = choose(task, modes=(Mode.SCORE,), sizes=(0, 2), draws=2, quick_rows=2)

    quick = [one for one in tried if one.rows == 2]
    own = [one.examples for one in quick if one.wording == 0]
    assert own == [one.examples for one in quick if one.wording == 1]
    assert own[0] == (), "a prompt without examples is tried once"
    assert [len(one) for one in own[1:]] in ([2], [2, 2])


def test_scored_trials_come_with_and_without_calibration(task: Task) -> None:
    [best], _ = choose(task, modes=(Mode.SCORE,), sizes=(0,))

    # Without content both labels are as likely, so calibration changes nothing here.
    assert best.calibrated == best.score == 1.0
    assert best.f1 is None


def test_both_modes_try_the_same_prompts_and_have_a_best_each(task: Task, written: None) -> None:
    best, tried = choose(task, modes=tuple(Mode), sizes=(0, 1), draws=1, quick_rows=2)

    assert [one.mode for one in best] == [Mode.GENERATE, Mode.SCORE]
    assert best[0].score == pytest.approx(2 / 3)
    assert best[0].calibrated is None
    assert best[1].score == 1.0
    of_modes = [{(t.wording, t.examples, t.rows) for t in tried if t.mode is mode} for mode in Mode]
    assert of_modes[0] == of_modes[1]


def test_sizes_that_the_pool_does_not_have_are_told(task: Task) -> None:
    with pytest.raises(ContentError, match="number of examples, 3, is below"):
        choose(task, sizes=(4, 8))


def test_a_label_of_the_pool_must_be_one_of_the_tasks(task: Task) -> None:
    with pytest.raises(ContentError, match=r"examples\.1\.answer: 'kash' is not a label"):
        ready_pool(Pool((EXAMPLES[0], PoolExample("kash", text="x"))), task)
    with pytest.raises(ContentError, match="is not a label"):
        ready_pool(Pool((PoolExample({"people": "2"}, text="x"),)), task)


def test_objects_of_the_pool_are_written_in_the_order_of_the_keys(extraction_task: Task) -> None:
    pool = Pool((PoolExample({"date": "Friday", "people": "two"}, text="two on Friday"),))

    ready = ready_pool(pool, extraction_task)

    assert ready == ReadyPool(
        (Example({"text": "two on Friday"}, '{"people": "two", "date": "Friday"}'),),
        (PromptTemplate(user="{text}", system="Write JSON."),),
    )
    with pytest.raises(ContentError, match="needs an object"):
        ready_pool(Pool((PoolExample("two", text="two"),)), extraction_task)


def test_an_example_of_a_question_has_a_passage_a_question_and_a_phrase_of_the_passage(
    qa_task: Task,
) -> None:
    inputs = {"context": "Rain fell on Friday.", "question": "When?"}

    ready = ready_pool(Pool((PoolExample("Friday", **inputs),)), qa_task)

    assert ready.examples == (Example(inputs, "Friday"),)
    for answer in ("friday", "", {"day": "Friday"}):
        with pytest.raises(ContentError, match=r"examples\.0\.answer: .* is no phrase"):
            ready_pool(Pool((PoolExample(answer, **inputs),)), qa_task)


def test_an_example_with_the_inputs_of_another_kind_is_told(task: Task, qa_task: Task) -> None:
    with pytest.raises(ContentError, match=r"examples\.0: .*'tiny_qa' takes context and question"):
        ready_pool(Pool((PoolExample("Friday", context="Rain fell on Friday."),)), qa_task)
    with pytest.raises(ContentError, match=r"examples\.1: .*'tiny_routing' takes text"):
        ready_pool(Pool((EXAMPLES[0], PoolExample("cash", text="x", question="y"))), task)


def test_prompts_for_questions_are_ranked_by_f1(
    qa_task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an example half of the answers is right; with one each has a word too many."""
    rows = [
        LabelledRow("a", {"context": "in May", "question": "When?"}, ("May",)),
        LabelledRow("b", {"context": "to Rome", "question": "Where?"}, ("Rome",)),
    ]
    written = {0: ("May", "Paris"), 1: ("in May", "to Rome")}

    def reply(comparer: Any, task: Task, template: Any, rows: Any, *, mode: Mode) -> Any:
        answers = written[len(template.examples)]
        return [[RowReply(row.id, raw, True, 5, 1) for row, raw in zip(rows, answers, strict=True)]]

    monkeypatch.setattr(choosing, "reply_in_batches", reply)
    example = PoolExample("Friday", context="Rain fell on Friday.", question="When?")
    pool = ready_pool(Pool((example,)), qa_task)
    comparer: Any = Comparer()

    [best] = choosing.choose_examples(comparer, qa_task, pool, rows, Plan(sizes=(0, 1), draws=1))

    assert (best.examples, best.score) == ((0,), 0.0)
    assert best.f1 == pytest.approx(2 / 3)


def test_every_trial_is_a_line_of_the_log(
    task: Task, extraction_task: Task, tmp_path: Path
) -> None:
    of_labels = Trial(Mode.SCORE, 1, (2, 0), 3, 2 / 3, 1.0, None, 1.0)
    of_objects = Trial(Mode.GENERATE, 0, (), 3, 0.5, None, 0.25, 0.75)

    for name, one, of_task in (
        ("labels.csv", of_labels, task),
        ("objects.csv", of_objects, extraction_task),
    ):
        with TrialLog(tmp_path / name, of_task) as log_file:
            log_file.add(one)

    assert (tmp_path / "labels.csv").read_text(encoding="utf-8").splitlines() == [
        "mode,wording,size,rows,accuracy,calibrated_accuracy,field_f1,valid_rate,pool_positions",
        "score,1,2,3,0.6667,1.0,,1.0,2 0",
    ]
    with (tmp_path / "objects.csv").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["exact_match"], row["calibrated_accuracy"], row["field_f1"]) == ("0.5", "", "0.25")


def test_every_label_is_drawn_as_often_as_any_other(task: Task) -> None:
    examples = tuple(Example({"text": str(n)}, "cards" if n < 20 else "cash") for n in range(24))
    pool = ReadyPool(examples, (PromptTemplate("{text}"),))

    for seed in range(20):
        [(_, drawn)] = choosing._candidates(pool, Plan(sizes=(8,), draws=1), random.Random(seed))

        assert sum(position >= 20 for position in drawn) == 4
        assert len(set(drawn)) == 8


def test_a_wording_without_a_place_for_the_input_is_told(task: Task) -> None:
    with pytest.raises(ContentError, match=r"wordings\.0\.user lacks the placeholder \{text\}"):
        ready_pool(Pool(EXAMPLES, (Wording("Which team?"),)), task)
