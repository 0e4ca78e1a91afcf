"""The command `learning-curve`: how good prompts, adapters and the classic line are with n rows."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.cli_common import add_command, positive, print_answer, progress_bar
from lib.content.tasks import load_task
from lib.errors import InputError

if TYPE_CHECKING:
    from lib.evaluation.curve_points import CurvePoint, Job
    from lib.inference.base_model import BaseModel
    from lib.rows import LabelledRow
    from lib.task import Task
    from lib.training.few_rows import Learned
    from lib.training.recipe import Recipe


def add_curve(commands: Any, load_model: Callable[[], Any]) -> None:
    """Add the command; `load_model` returns the base model when the command needs it."""
    curve = add_command(
        commands, "learning-curve", _learning_curve, "measure prompts and adapters with n rows each"
    )
    curve.set_defaults(load_model=load_model)
    curve.add_argument("--task", required=True)
    curve.add_argument(
        "--data", type=Path, required=True, metavar="ROWS", help="the rows to learn from"
    )
    curve.add_argument("--test", type=Path, required=True, metavar="ROWS")
    curve.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.json",
        help="the measured file; finished points are kept beside it, and a rerun goes on from there",
    )
    curve.add_argument(
        "--recipe", type=Path, metavar="RECIPE.yaml", help="default: that of the task's folder"
    )
    curve.add_argument(
        "--sizes", type=_sizes, default="16,64,256,1024,4096", help="rows (default: %(default)s)"
    )
    curve.add_argument("--seeds", type=positive, default=3, help="for each size (default: 3)")
    curve.add_argument(
        "--large-seeds", type=positive, default=1, help="for sizes above 1,024 (default: 1)"
    )
    curve.add_argument(
        "--shots", type=_numbers, default="0,4,16", help="examples in a prompt (default: 0,4,16)"
    )
    curve.add_argument(
        "--draws", type=positive, default=3, help="of examples and their order (default: 3)"
    )
    curve.add_argument(
        "--test-rows", type=positive, default=500, metavar="N", help="in the sample (default: 500)"
    )
    curve.add_argument(
        "--points",
        metavar="NAMES",
        help="only these, for instance lora-64-2 (line, size, seed) or 'prompt-*,classic-*'",
    )


def _numbers(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of whole numbers like 16,64")
    return tuple(sorted({int(part) for part in parts}))


def _sizes(text: str) -> tuple[int, ...]:
    numbers = _numbers(text)
    if 0 in numbers:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of whole numbers above 0")
    return numbers


@dataclass(frozen=True)
class _Teacher:
    """Trains adapters of one task with one recipe."""

    base: "BaseModel"
    task: "Task"
    given: "Recipe"

    def recipe(self, rows: int, seed: int) -> dict[str, Any]:
        """Return all that decides a training besides the rows."""
        from lib.training.few_rows import recipe_for

        return asdict(recipe_for(self.given, rows, seed))

    @contextmanager
    def learn(self, rows: "Sequence[LabelledRow]", seed: int) -> "Iterator[Learned]":
        """Train, and keep the adapter's files until the context ends."""
        from lib.training.few_rows import learn, recipe_for

        with tempfile.TemporaryDirectory(prefix="prompt-or-tune-") as folder:
            recipe = recipe_for(self.given, len(rows), seed)
            yield learn(self.base, self.task, rows, recipe, Path(folder))

    def answer_text(self, row: "LabelledRow") -> str:
        """Return a row's answer as the model should write it."""
        from lib.training.mixing import answer_text

        return answer_text(self.task, row)


def _learning_curve(options: argparse.Namespace) -> None:
    from lib.evaluation.curve_file import (
        CurveFiles,
        check_curve_writable,
        curve_summary,
        points_path,
        write_curve,
    )
    from lib.evaluation.curve_measure import CurveBench
    from lib.evaluation.curve_plan import CurvePlan, drawn_rows, sampled_test_rows
    from lib.evaluation.curve_points import PointsFile
    from lib.files import read_yaml
    from lib.inference.compare import Comparer
    from lib.rows import read_rows, split_rows
    from lib.training.few_rows import MAX_EPOCHS, MIN_STEPS
    from lib.training.infer import read_training_rows
    from lib.training.recipe import Recipe

    task = load_task(options.task)
    # What is broken is told before the model loads.
    recipe = read_yaml(options.recipe or task.folder / "recipe.yaml", Recipe)
    _, all_rows = read_training_rows(options.data, task)
    rows, held_out = split_rows(all_rows, recipe.seed, recipe.held_out_rows)
    if task.kind == "classification" and not held_out:
        raise InputError(
            "The recipe holds no rows out, so there is nothing to choose the classic line with: set "
            "held_out_rows."
        )
    test_file = read_rows(options.test, task)
    test = sampled_test_rows(test_file, options.test_rows, task)
    plan = CurvePlan(
        options.sizes, options.seeds, options.large_seeds, options.shots, options.draws
    )
    jobs = plan.jobs(task)
    wanted = _named(jobs, options.points)
    drawn_rows(rows, max(job.size for job in jobs), 1)
    check_curve_writable(options.out)
    file = PointsFile(points_path(options.out))
    file.read()

    comparer = Comparer(options.load_model())
    bench = CurveBench(comparer, task, rows, held_out, test, _Teacher(comparer.base, task, recipe))
    missing = bench.missing(wanted, file)
    print(
        f"{task.title}: {len(missing)} of {len(wanted)} points are left to measure",
        file=sys.stderr,
    )
    try:
        with progress_bar("point", task.id) as show:

            def on_job(done: int, total: int, job: "Job", points: "Sequence[CurvePoint]") -> None:
                show(done, total)
                for point in points:
                    print(_point_line(point), file=sys.stderr, flush=True)

            bench.run(missing, file, on_job)
    except KeyboardInterrupt:
        print(
            f"What is finished stands in {file.path}: the same command goes on from there.",
            file=sys.stderr,
        )
        raise
    points = bench.finished(jobs, file)
    files = CurveFiles(options.data, options.test, len(test_file))
    how_long = {"min_steps": MIN_STEPS, "max_epochs": MAX_EPOCHS}
    summary = curve_summary(
        bench, jobs, points, files, asdict(recipe), how_long, options.command_line
    )
    write_curve(options.out, summary)
    print_answer(
        options,
        summary,
        [
            f"{task.title}: {len(points)} points on {len(test)} test rows",
            *map(_point_line, points),
        ],
    )


def _named(jobs: "Sequence[Job]", names: str | None) -> "list[Job]":
    """Return the jobs that somebody asked for."""
    if names is None:
        return list(jobs)
    patterns = [name.strip() for name in names.split(",") if name.strip()]
    for pattern in patterns:
        if not any(fnmatchcase(job.name, pattern) for job in jobs):
            some = ", ".join(dict.fromkeys(job.name for job in (*jobs[:2], *jobs[-2:])))
            raise InputError(f"No point is called '{pattern}': they are called like {some}.")
    return [job for job in jobs if any(fnmatchcase(job.name, one) for one in patterns)]


def _point_line(point: "CurvePoint") -> str:
    f1 = "" if point.f1 is None else f", F1 {point.f1:.3f}"
    learned = f", learned in {point.seconds_to_learn:.1f} s" if point.seconds_to_learn else ""
    steps = f" ({point.steps} steps)" if point.steps else ""
    return (
        f"{point.line:10} {point.mode:10} {point.size:5} seed {point.seed}  {point.score:6.1%}{f1}, "
        f"valid {point.valid_rate:.1%}{learned}{steps}, answered in {point.seconds_to_answer:.1f} s"
    )
