"""The points of a learning curve are measured once each, by scripted models.

Run alone: python -m pytest tests/evaluation/test_curve_measure.py
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import log
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib.errors import ContentError
from lib.evaluation import curve_measure
from lib.evaluation.answering import Mode, RowReply
from lib.evaluation.curve_file import (
    CurveFiles,
    curve_summary,
    points_path,
    read_curve,
    write_curve,
)
from lib.evaluation.curve_measure import CurveBench
from lib.evaluation.curve_plan import CurvePlan
from lib.evaluation.curve_points import CurveLine, Job, PointsFile
from lib.evaluation.result_lines import Reading
from lib.inference.adapter import Adapter
from lib.rows import LabelledRow
from lib.task import PromptTemplate, Task
from tests.evaluation.scripted import ScriptedComparer

ROWS = [
    LabelledRow(f"r{n}", {"text": f"{label} {n}"}, label)
    for n, label in enumerate(["cards", "cash"] * 6)
]
TEST = [
    LabelledRow("a", {"text": "cards please"}, "cards"),
    LabelledRow("b", {"text": "cash please"}, "cash"),
    LabelledRow("c", {"text": "more cash"}, "cash"),
]
PLAN = CurvePlan(sizes=(2, 8), seeds=2, shots=(0, 2), draws=2)


@dataclass
class Teacher:
    """Trains nothing, and remembers what it was asked for."""

    asked: list[tuple[tuple[str, ...], int]] = field(default_factory=list)
    recipe_version: int = 1

    def recipe(self, rows: int, seed: int) -> dict[str, Any]:
        return {"version": self.recipe_version, "rows": rows, "seed": seed}

    @contextmanager
    def learn(self, rows: Sequence[LabelledRow], seed: int) -> Iterator[Any]:
        self.asked.append((tuple(row.id for row in rows), seed))
        adapter = Adapter(f"adapter-{len(rows)}", Path(), "a" * 64, 2)
        yield SimpleNamespace(adapter=adapter, steps=7, seconds=1.5)

    def answer_text(self, row: LabelledRow) -> str:
        return str(row.target)


class Engine:
    """Knows which adapters are attached."""

    def __init__(self) -> None:
        self.attached: list[str] = []

    def attach(self, adapter: Adapter) -> None:
        self.attached.append(adapter.name)

    def detach(self, name: str) -> None:
        self.attached.remove(name)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[PromptTemplate, str | None]]:
    """Adapters of 8 rows are right everywhere, other models always write `cards`; both as asked."""
    found: list[tuple[PromptTemplate, str | None]] = []
    scored = curve_measure.reply_in_batches

    def reply(
        comparer: Any,
        task: Task,
        template: PromptTemplate,
        rows: Sequence[LabelledRow],
        adapter: str | None = None,
        mode: Mode = Mode.GENERATE,
    ) -> Iterator[list[RowReply]]:
        if mode is Mode.SCORE:
            yield from scored(comparer, task, template, rows, adapter, mode)
            return
        found.append((template, adapter))
        assert comparer.engine.attached == ([adapter] if adapter else [])
        yield [
            RowReply(row.id, str(row.target) if adapter == "adapter-8" else "cards", True, 1, 1)
            for row in reversed(rows)
        ]

    monkeypatch.setattr(curve_measure, "reply_in_batches", reply)
    return found


@pytest.fixture
def bench(classification_task: Task, asked: Any) -> CurveBench:
    scores = {
        "cards please": (log(0.9), log(0.1)),
        "cash please": (log(0.8), log(0.2)),
        "more cash": (log(0.95), log(0.05)),
    }
    # Both labels as likely without content would change nothing; these prefer `cards` five to one.
    comparer: Any = ScriptedComparer(scores, (5 / 6, 1 / 6))
    comparer.engine = Engine()
    return CurveBench(comparer, classification_task, ROWS, ROWS[:4], TEST, Teacher())


def test_every_job_is_measured_once(bench: CurveBench, tmp_path: Path) -> None:
    file, jobs = PointsFile(tmp_path / "points.csv"), PLAN.jobs(bench.task)

    bench.run(bench.missing(jobs[:3], file), file)
    bench.run(bench.missing(jobs, file), file)

    points = bench.finished(jobs, file)
    assert bench.missing(jobs, file) == []
    # Four prompts in three readings, two sizes twice for LoRA and for the classic line.
    assert len(points) == len(file.path.read_text().splitlines()) - 1 == 12 + 4 + 4


def test_lora_learns_from_the_rows_of_its_seed_and_is_taken_off(bench: CurveBench) -> None:
    small = bench.measure(Job(CurveLine.LORA, Reading.WRITTEN, 2, 1))[0]
    large = bench.measure(Job(CurveLine.LORA, Reading.WRITTEN, 8, 1))[0]

    assert (small.right, small.correct) == ("8", 1)  # `cards` everywhere: the first row alone
    assert (large.right, large.score, large.steps, large.seconds_to_learn) == ("e", 1.0, 7, 1.5)
    teacher: Any = bench.teacher
    (few, _), (many, _) = teacher.asked
    assert many[:2] == few
    engine: Any = bench.comparer.engine
    assert engine.attached == []


def test_a_prompt_shows_the_rows_that_the_adapter_of_its_seed_learned_from(
    bench: CurveBench, asked: list[tuple[PromptTemplate, str | None]]
) -> None:
    bench.measure(Job(CurveLine.PROMPT, Reading.WRITTEN, 2, 1))
    bench.measure(Job(CurveLine.LORA, Reading.WRITTEN, 2, 1))

    teacher: Any = bench.teacher
    ((ids, _),) = teacher.asked
    by_id = {row.id: row for row in ROWS}
    shown = [(one.inputs["text"], one.answer) for one in asked[0][0].examples]
    assert shown == [(by_id[id].inputs["text"], by_id[id].target) for id in ids]


def test_scored_labels_give_two_points(bench: CurveBench) -> None:
    plain, calibrated = bench.measure(Job(CurveLine.PROMPT, Reading.SCORED, 0, 1))

    assert (plain.mode, plain.right) == (Reading.SCORED, "8")
    # Odds of 9, 4 and 19 to one for `cards`, divided by 5: only the second falls below one.
    assert (calibrated.mode, calibrated.right) == (Reading.CALIBRATED, "c")


def test_the_classic_line_learns_from_the_same_rows(bench: CurveBench) -> None:
    (found,) = bench.measure(Job(CurveLine.CLASSIC, Reading.CLASSIC, 8, 1))

    assert found.correct == 3


def test_a_classifier_that_saw_one_label_answers_it_always(bench: CurveBench) -> None:
    cash = [row for row in ROWS if row.target == "cash"]
    job = Job(CurveLine.CLASSIC, Reading.CLASSIC, 2, 1)

    (found,) = replace(bench, rows=cash).measure(job)

    assert (found.right, found.seconds_to_learn) == ("6", 0.0)


def test_other_facts_are_measured_anew(bench: CurveBench, tmp_path: Path) -> None:
    file, jobs = PointsFile(tmp_path / "points.csv"), PLAN.jobs(bench.task)
    bench.run(jobs, file)

    other_recipe = replace(bench, teacher=Teacher(recipe_version=2))
    engineered = PromptTemplate(system="New.", user="{text}")
    prompts = replace(bench.task.prompts, engineered=engineered)
    other_prompt = replace(bench, task=replace(bench.task, prompts=prompts))

    assert {job.line for job in other_recipe.missing(jobs, file)} == {CurveLine.LORA}
    assert {job.line for job in other_prompt.missing(jobs, file)} == {
        CurveLine.PROMPT,
        CurveLine.ENGINEERED,
    }


@pytest.fixture
def measured(bench: CurveBench, tmp_path: Path) -> Path:
    """A measured file whose last job is still missing."""
    out, jobs = tmp_path / "results" / "curve.json", PLAN.jobs(bench.task)
    out.parent.mkdir()
    file = PointsFile(points_path(out))
    bench.run(jobs[:-1], file)
    for name in ("train.jsonl", "test.jsonl"):
        (tmp_path / name).write_text("{}\n")
    files = CurveFiles(tmp_path / "train.jsonl", tmp_path / "test.jsonl", 5)
    points = bench.finished(jobs, file)
    rule = {"min_steps": 60, "max_epochs": 30}
    write_curve(out, curve_summary(bench, jobs, points, files, {"rank": 2}, rule, "the command"))
    return out


def test_the_measured_file_tells_how_it_was_made(measured: Path) -> None:
    written = json.loads(measured.read_text())

    assert written["test"] == {"rows": 3, "of_rows": 5, "seed": 1, "ids": ["a", "b", "c"]}
    assert written["training"]["rows"] == 12
    assert written["training"]["held_out_rows"] == 4
    assert (written["recipe"], written["min_steps"]) == ({"rank": 2}, 60)
    assert (written["command"], written["missing"]) == ("the command", 1)
    assert len(written["points"]) == 19


def test_the_measured_file_is_read_again(measured: Path) -> None:
    curve = read_curve(measured)

    assert curve is not None
    assert (curve.test_rows, curve.missing, len(curve.points)) == (3, 1, 19)
    assert curve.points[0].line is CurveLine.PROMPT


def test_a_curve_that_was_never_measured_is_none(tmp_path: Path) -> None:
    assert read_curve(tmp_path / "curve.json") is None


def test_a_point_that_contradicts_itself_is_refused(measured: Path) -> None:
    measured.write_text(measured.read_text().replace('"correct": 3', '"correct": 2', 1))

    with pytest.raises(ContentError, match=r"learning curve in .*curve\.json can't be read"):
        read_curve(measured)
