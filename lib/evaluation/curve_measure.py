"""The `learning-curve` command's work: measures the points that are not measured yet.

Adapters are trained by whoever calls (evaluation does not know of training) and are attached to
the same engine that answers everywhere else.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from lib.evaluation.answering import Mode, RowReply, reply_in_batches, score_replies
from lib.evaluation.classic import learn_classic
from lib.evaluation.condition_scores import summarise
from lib.evaluation.curve_plan import drawn_rows, prompt_of
from lib.evaluation.curve_points import CurveLine, CurvePoint, Job, PointsFile, pack_bits
from lib.evaluation.metrics import RowScore, score_row
from lib.evaluation.result_lines import Reading
from lib.inference.adapter import Adapter
from lib.inference.calibration import calibrated, likeliest, shares
from lib.inference.compare import Comparer
from lib.inference.prompts import fingerprint
from lib.rows import LabelledRow
from lib.task import Example, PromptTemplate, Task


class LearnedAdapter(Protocol):
    """What a training hands over."""

    @property
    def adapter(self) -> Adapter:
        """On disk, ready to be attached."""

    @property
    def steps(self) -> int:
        """Of the optimiser."""

    @property
    def seconds(self) -> float:
        """That the training took."""


class Teacher(Protocol):
    """Trains adapters, for the bench."""

    def recipe(self, rows: int, seed: int) -> dict[str, Any]:
        """Return all that decides a training besides the rows."""

    def learn(
        self, rows: Sequence[LabelledRow], seed: int
    ) -> AbstractContextManager[LearnedAdapter]:
        """Train, and keep the adapter's files until the context ends."""

    def answer_text(self, row: LabelledRow) -> str:
        """Return a row's answer as the model should write it."""


OnJob = Callable[[int, int, Job, Sequence[CurvePoint]], None]
"""Called after each job with (jobs done, jobs in all, the job, its points)."""


@dataclass(frozen=True)
class CurveBench:
    """Where points are measured: one base model, one task, one sample of test rows."""

    comparer: Comparer
    task: Task
    rows: Sequence[LabelledRow]
    """To learn from."""
    held_out: Sequence[LabelledRow]
    """The classic line chooses among its candidates with them."""
    test: Sequence[LabelledRow]
    teacher: Teacher

    def missing(self, jobs: Sequence[Job], file: PointsFile) -> list[Job]:
        """Return the jobs whose points are not in the file yet.

        Raises:
            DataError: if the file can't be read, or there are too few rows for a job.
        """
        have = file.read()
        return [job for job in jobs if len(self._points_of(job, have)) < _points_expected(job)]

    def finished(self, jobs: Sequence[Job], file: PointsFile) -> list[CurvePoint]:
        """Return the points of these jobs that are in the file, in the order of the jobs.

        Raises:
            DataError: if the file can't be read, or there are too few rows for a job.
        """
        have = file.read()
        return [point for job in jobs for point in self._points_of(job, have).values()]

    def run(
        self,
        jobs: Sequence[Job],
        file: PointsFile,
        on_job: OnJob = lambda done, total, job, points: None,
    ) -> None:
        """Measure jobs one after the other; each is in the file as soon as it is done.

        Raises:
            DataError: if the rows can't be used.
        """
        for done, job in enumerate(jobs, start=1):
            points = self.measure(job)
            file.add(self.facts(job), points)
            on_job(done, len(jobs), job, points)

    def measure(self, job: Job) -> list[CurvePoint]:
        """Return the points of a job: two where labels are scored, as they are and calibrated.

        Raises:
            DataError: if the rows can't be used.
        """
        if job.line is CurveLine.CLASSIC:
            return [self._classic(job)]
        if job.line is CurveLine.LORA:
            return [self._lora(job)]
        return list(self._prompt(job))

    def facts(self, job: Job) -> str:
        """Return a fingerprint of all that the answers of a job depend on.

        Raises:
            DataError: if there are too few rows.
        """
        facts: dict[str, Any] = {
            "job": asdict(job),
            "labels": list(self.task.labels),
            "test": _told(self.test),
        }
        if job.line is CurveLine.CLASSIC:
            facts |= {"rows": _told(self._rows_of(job)), "held_out": _told(self.held_out)}
        else:
            facts |= {
                "base": self.comparer.base.sha256,
                "dtype": self.comparer.base.dtype,
                "max_new_tokens": self.task.max_new_tokens,
            }
        if job.line is CurveLine.LORA:
            facts |= {
                "rows": _told(self._rows_of(job)),
                "recipe": self.teacher.recipe(job.size, job.seed),
                "prompt": fingerprint(self.task.prompts.short),
            }
        elif job.line is not CurveLine.CLASSIC:
            facts["prompt"] = fingerprint(self._template(job))
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    # ---------------------------------------------------------------- the lines

    def _prompt(self, job: Job) -> Iterator[CurvePoint]:
        template = self._template(job)
        began = time.monotonic()
        if job.mode is Reading.WRITTEN:
            replies = self._replies(template, None, Mode.GENERATE)
            yield self._point(job, self._scores(replies), time.monotonic() - began)
            return
        with self.comparer.turns.turn():
            found = self.comparer.labels.content_free(self.task, [(template, None)])
        assert found is not None, "nobody can have stopped this"
        replies = self._replies(template, None, Mode.SCORE)
        seconds = time.monotonic() - began
        yield self._point(job, self._scores(replies), seconds)
        labels = list(self.task.labels)
        chosen = [
            labels[likeliest(calibrated(shares(reply.log_probabilities), found[0]))]
            for reply in replies
        ]
        yield self._point(replace(job, mode=Reading.CALIBRATED), self._labelled(chosen), seconds)

    def _lora(self, job: Job) -> CurvePoint:
        with self.teacher.learn(self._rows_of(job), job.seed) as learned:
            engine = self.comparer.engine
            engine.attach(learned.adapter)
            try:
                began = time.monotonic()
                replies = self._replies(
                    self.task.prompts.short, learned.adapter.name, Mode.GENERATE
                )
                seconds = time.monotonic() - began
            finally:
                engine.detach(learned.adapter.name)
        return self._point(job, self._scores(replies), seconds, learned.steps, learned.seconds)

    def _classic(self, job: Job) -> CurvePoint:
        rows = self._rows_of(job)
        texts = [row.inputs["text"] for row in self.test]
        seen = {str(row.target) for row in rows}
        learned_in, began = 0.0, time.monotonic()
        if len(seen) == 1:  # a few drawn rows; who saw one label only can answer nothing else
            labels = [*seen] * len(texts)
        else:
            model = learn_classic(rows, self.held_out, job.seed)
            learned_in = sum(one.seconds_to_learn for one in model.tried)
            began = time.monotonic()
            labels = model.classify(texts)
        seconds = time.monotonic() - began
        return self._point(job, self._labelled(labels), seconds, seconds_to_learn=learned_in)

    # ---------------------------------------------------------------- their parts

    def _rows_of(self, job: Job) -> list[LabelledRow]:
        return drawn_rows(self.rows, job.size, job.seed)

    def _template(self, job: Job) -> PromptTemplate:
        shown = self._rows_of(job) if job.line is CurveLine.PROMPT else []
        examples = [Example(dict(row.inputs), self.teacher.answer_text(row)) for row in shown]
        return prompt_of(job, self.task, examples)

    def _replies(self, template: PromptTemplate, adapter: str | None, mode: Mode) -> list[RowReply]:
        """Return the replies in the order of the test rows."""
        batches = reply_in_batches(self.comparer, self.task, template, self.test, adapter, mode)
        by_id = {reply.row_id: reply for batch in batches for reply in batch}
        return [by_id[row.id] for row in self.test]

    def _scores(self, replies: Sequence[RowReply]) -> list[RowScore]:
        return score_replies(self.task, self.test, replies)

    def _labelled(self, labels: Sequence[str]) -> list[RowScore]:
        return [
            score_row(self.task, label, row.target)
            for label, row in zip(labels, self.test, strict=True)
        ]

    def _point(
        self,
        job: Job,
        scores: Sequence[RowScore],
        seconds_to_answer: float,
        steps: int = 0,
        seconds_to_learn: float = 0.0,
    ) -> CurvePoint:
        figures = summarise(self.task, scores, [0] * len(scores), [0] * len(scores))
        return CurvePoint(
            line=job.line,
            mode=job.mode,
            size=job.size,
            seed=job.seed,
            score=round(figures.score, 4),
            correct=sum(one.correct for one in scores),
            f1=None if figures.f1 is None else round(figures.f1, 4),
            valid_rate=round(figures.valid_rate, 4),
            steps=steps,
            seconds_to_learn=round(seconds_to_learn, 2),
            seconds_to_answer=round(seconds_to_answer, 2),
            right=pack_bits([one.correct for one in scores]),
        )

    def _points_of(self, job: Job, have: dict[str, list[CurvePoint]]) -> dict[Reading, CurvePoint]:
        found = have.get(self.facts(job), [])
        return {point.mode: point for point in found if point.belongs_to(job)}


def _points_expected(job: Job) -> int:
    return 2 if job.mode is Reading.SCORED else 1


def _told(rows: Sequence[LabelledRow]) -> str:
    """Return a fingerprint of rows in their order."""
    digest = hashlib.sha256()
    for row in rows:
        content = [row.id, dict(row.inputs), row.target]
        digest.update(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()
