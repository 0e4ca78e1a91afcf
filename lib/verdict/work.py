"""A whole trial on somebody's rows: prompts, the classic line, LoRA, and the verdict.

Runs in a process of its own (`python -m lib.verdict.work FOLDER`), so that a page never waits for
it and nothing of it outlives it. Reads its order from the folder and writes everything there; the
line `stop` on its standard input ends the training early, and the end of that input ends the
process: then the server that started it is gone.

    classic ─┐
    prompts ─┼─> answers to the test rows ─> judge ─> verdict.json
    LoRA    ─┘   (candidates are chosen on the validation rows)
"""

import csv
import errno
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from lib.errors import DataError, UserError
from lib.evaluation.classic import learn_classic
from lib.evaluation.condition_scores import ConditionScore
from lib.inference import adapter as adapter_files
from lib.inference import base_model
from lib.inference.base_model import BaseModel
from lib.inference.compare import Comparer
from lib.rows import LabelledRow
from lib.task import PromptTemplate, Task
from lib.training.mixing import answer_text
from lib.verdict.diary import FULL, Diary, Ended, Looked, Measuring, Noted, Scored, Stage, Trained
from lib.verdict.folder import ANSWERS, VERDICT, Order, read_order, rows_file, write_task
from lib.verdict.judge import Measured, Way, judge, verdict_json
from lib.verdict.measure import Answers, likeliest_labels, written
from lib.verdict.own_prompts import with_examples
from lib.verdict.twins import twins_note

_log = logging.getLogger(__name__)

EXAMPLE_COUNTS = (0, 4, 8)
"""How many solved examples the engineered prompt is tried with, on the validation rows."""

_MODEL_FAILED = "The training broke off because of a mistake of ours; the server's log says which."


def work(
    folder: Path,
    stop: Event,
    load: Callable[[], BaseModel] = base_model.load,
    on_event: Callable[[Any], None] = lambda event: None,
) -> None:
    """Do the whole trial in a folder; how it went stands in its diary, mistakes included."""
    diary = Diary(folder, on_event)
    problem = None
    try:
        _Trial(folder, read_order(folder), diary, stop, load).run()
    except UserError as error:
        problem = str(error)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        problem = FULL
    except Exception:
        _log.exception("A trial failed")
        problem = _MODEL_FAILED
    diary.write(Ended(problem))


class _Trial:
    """The steps of one trial, with what they share."""

    def __init__(
        self,
        folder: Path,
        order: Order,
        diary: Diary,
        stop: Event,
        load: Callable[[], BaseModel],
    ) -> None:
        self._folder = folder
        self._order = order
        self._task = order.task
        self._diary = diary
        self._stop = stop
        self._load = load
        # One pass over both; the validation rows choose, the test rows count.
        self._rows = (*order.parts.validation, *order.parts.test)
        self._chosen_on = len(order.parts.validation)
        self._measured: list[Measured] = []
        self._answers: dict[Way, Answers] = {}

    def run(self) -> None:
        """Measure every way and write the verdict."""
        if self._task.kind == "classification":
            self._diary.write(Stage("classic"))
            self._classic()
        self._diary.write(Stage("model"))
        self._comparer = Comparer(self._load())
        self._diary.write(Stage("prompts"))
        self._prompts()
        self._diary.write(Stage("training"))
        try:
            adapter = self._train()
        except DataError as error:  # what the other ways scored is worth a verdict all the same
            self._diary.write(Noted(f"There is no adapter: {error}"))
        else:
            self._diary.write(Stage("adapter"))
            self._both_modes(Way.LORA, self._task.prompts.short, adapter)
            self._both_modes(Way.LORA_ENGINEERED, self._task.prompts.engineered, adapter)
        self._diary.write(Stage("verdict"))
        self._write_verdict()

    # ------------------------------------------------------------------ the ways

    def _classic(self) -> None:
        parts = self._order.parts
        try:
            model = learn_classic(parts.training, parts.validation, self._order.recipe.seed)
        except DataError as error:
            self._diary.write(Noted(str(error)))
            return
        answers = model.classify([row.inputs["text"] for row in self._rows])
        nothing = (0,) * len(answers)
        self._keep(Way.CLASSIC, Answers(self._rows, tuple(answers), nothing, nothing))

    def _prompts(self) -> None:
        """Measure the plain prompt, and the engineered one with as many examples as serve it best."""
        self._both_modes(Way.PLAIN, self._task.prompts.plain)
        tried = {
            number: with_examples(self._task, self._order.parts.training, number, seed=number)
            for number in EXAMPLE_COUNTS
        }
        best = max(tried, key=lambda number: self._right_written(tried[number]))
        self._task = tried[best]
        self._keep(Way.ENGINEERED, self._write(Way.ENGINEERED, self._task.prompts.engineered))
        if self._task.kind == "classification":
            scored = max(tried, key=lambda number: self._right_scored(tried[number]))
            self._score(Way.ENGINEERED_SCORE, tried[scored].prompts.engineered)
        self._diary.write(
            Noted(
                f"The engineered prompt carries {best} examples: of "
                f"{', '.join(map(str, tried))} that number did best on the validation rows."
            )
        )

    def _right_written(self, task: Task) -> float:
        rows = self._rows[: self._chosen_on]
        answers = written(self._comparer, self._task, task.prompts.engineered, rows)
        return _main(answers.figures(task))

    def _right_scored(self, task: Task) -> float:
        rows = self._rows[: self._chosen_on]
        both = likeliest_labels(self._comparer, self._task, task.prompts.engineered, rows)
        return max(_main(one.figures(task)) for one in both)

    def _both_modes(self, way: Way, template: PromptTemplate, adapter: str | None = None) -> None:
        self._keep(way, self._write(way, template, adapter))
        if self._task.kind == "classification":
            self._score(Way(f"{way}_score"), template, adapter)

    def _write(self, way: Way, template: PromptTemplate, adapter: str | None = None) -> Answers:
        return written(
            self._comparer, self._task, template, self._rows, adapter, self._telling(way)
        )

    def _score(self, way: Way, template: PromptTemplate, adapter: str | None = None) -> None:
        """Keep the likeliest labels, calibrated where the validation rows speak for it."""
        plain, fair = likeliest_labels(
            self._comparer, self._task, template, self._rows, adapter, self._telling(way)
        )
        on = self._chosen_on
        better = _main(fair.part(0, on).figures(self._task)) > _main(
            plain.part(0, on).figures(self._task)
        )
        self._keep(way, fair if better else plain)

    def _telling(self, way: Way) -> Callable[[int, int], None]:
        return lambda done, of: self._diary.write(Measuring(way.value, done, of))

    def _keep(self, way: Way, answers: Answers) -> None:
        """Count the test rows, and remember how the validation rows went."""
        chosen, tested = answers.part(0, self._chosen_on), answers.part(self._chosen_on)
        figures = tested.figures(self._task)
        right = tested.right(self._task)
        self._answers[way] = tested
        self._measured.append(
            Measured(
                way,
                right,
                figures.mean_prompt_tokens,
                figures.mean_output_tokens,
                figures.f1,
                figures.f1_interval95,
                validation=_main(chosen.figures(self._task)),
            )
        )
        self._diary.write(Scored(way.value, sum(right), len(right)))

    # ------------------------------------------------------------------ LoRA

    def _train(self) -> str:
        """Train, keep the best weights of the run, and return the attached adapter's name."""
        from lib.training.export import training_record, write_task_folder
        from lib.training.held_out import BestWeights, right_answers
        from lib.training.mixing import encoded
        from lib.training.trainer import Step, train

        base, renderer = self._comparer.base, self._comparer.renderer
        rows = self._order.parts.training[: self._order.trained_rows]
        held_out = [
            encoded(self._task, row, self._task.prompts.short, renderer)
            for row in self._order.parts.validation
        ]
        best = BestWeights()

        def after_step(model: object, step: Step) -> None:
            self._diary.write(Trained(step.number, step.of, step.loss, step.seconds))
            last = step.number == step.of or self._stop.is_set()
            if last or step.number % self._order.look_every == 0:
                right = right_answers(model, held_out, base)
                best.look(model, right, step.number)
                self._diary.write(Looked(step.number, right, len(held_out)))

        run = train(
            base, self._task, rows, self._order.recipe, cancel=self._stop, after_step=after_step
        )
        best.restore(run.model)
        if run.left_out:
            self._diary.write(Noted(f"{run.left_out} rows were too long to be trained on."))
        path = rows_file(self._folder, "training")
        record = training_record(run, base, path, len(rows), len(held_out))
        # Without its folder, so that the prompt with the chosen examples is written too.
        task = replace(self._task, folder=Path())
        write_task_folder(task, self._order.recipe, run, record, self._folder)
        run.model.unload()
        base.model.eval()
        adapter = adapter_files.check(self._task.id, self._folder)
        self._comparer.engine.attach(adapter)
        return adapter.name

    # ------------------------------------------------------------------ the end

    def _write_verdict(self) -> None:
        write_task(self._folder, self._task)
        parts = self._order.parts
        _write_answers(self._folder / ANSWERS, self._task, parts.test, self._answers)
        if note := twins_note(parts.test, parts.training, self._measured):
            self._diary.write(Noted(note))
        verdict = judge(
            self._measured,
            self._task.kind,
            self._order.trained_rows,
            _commonest_right(self._task, parts.training, parts.test),
        )
        text = json.dumps(verdict_json(verdict, self._measured), ensure_ascii=False, indent=1)
        (self._folder / VERDICT).write_text(text + "\n", encoding="utf-8")


def _main(figures: ConditionScore) -> float:
    """Return what candidates are chosen by: F1 where there is one, which tells more on few rows."""
    return figures.score if figures.f1 is None else figures.f1


def _commonest_right(
    task: Task, training: tuple[LabelledRow, ...], test: tuple[LabelledRow, ...]
) -> tuple[bool, ...]:
    """Return which test rows the training rows' commonest answer gets right."""
    answers = [answer_text(task, row) for row in training]
    commonest = max(sorted(set(answers)), key=answers.count)
    return tuple(answer_text(task, row) == commonest for row in test)


def _write_answers(
    path: Path, task: Task, rows: tuple[LabelledRow, ...], answers: dict[Way, Answers]
) -> None:
    """Write what every way answered to every test row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", *task.input_fields, "wanted", "way", "answer", "right"])
        for way, of_way in answers.items():
            right = of_way.right(task)
            for row, answer, is_right in zip(rows, of_way.answers, right, strict=True):
                shown = (
                    answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
                )
                inputs = [row.inputs[name] for name in task.input_fields]
                table.writerow(
                    [row.id, *inputs, answer_text(task, row), way.value, shown, int(is_right)]
                )


def _follow_orders(stop: Event) -> None:
    """Read what the server says until it says no more."""
    for line in sys.stdin:
        if line.strip() == "stop":
            stop.set()
    os._exit(1)  # the server is gone: nobody waits for this any more


def main() -> None:
    """Do the trial in the folder that the command line names."""
    logging.basicConfig(level=logging.WARNING)
    stop = Event()
    threading.Thread(target=_follow_orders, args=(stop,), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)  # live questions come first
    work(Path(sys.argv[1]), stop)


if __name__ == "__main__":
    main()
