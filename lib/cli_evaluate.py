"""The commands that measure prompts and adapters on rows with answers."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.cli_common import add_command, add_conditions, positive, print_answer, progress_bar
from lib.content.tasks import load_task
from lib.errors import DataError
from lib.inference.conditions import parse_conditions

if TYPE_CHECKING:
    from lib.evaluation.evaluate import Evaluation
    from lib.evaluation.trial_log import Trial
    from lib.task import Task


def add_evaluate(commands: Any, load_model: Callable[[], Any]) -> None:
    """Add both commands; `load_model` returns the base model when a command needs it."""
    evaluate = add_command(
        commands, "evaluate", _evaluate, "measure the conditions on rows with answers"
    )
    evaluate.set_defaults(load_model=load_model)
    evaluate.add_argument("--task", required=True)
    evaluate.add_argument("--data", type=Path, required=True, metavar="ROWS")
    evaluate.add_argument("--limit", type=positive, metavar="N", help="only the first N rows")
    evaluate.add_argument(
        "--mode",
        choices=["generate", "score"],
        default="generate",
        help="the model writes its answer, or its likeliest label counts (default: %(default)s)",
    )
    evaluate.add_argument(
        "--group-by", metavar="FIELD", help="also report for each value of this field of the rows"
    )
    evaluate.add_argument(
        "--training-data", type=Path, metavar="ROWS", help="also report without near twins of these"
    )
    evaluate.add_argument("--out", type=Path, metavar="FILE.json", help="write the measured file")
    add_conditions(evaluate)

    choose = add_command(
        commands, "choose-examples", _choose_examples, "try few-shot examples on held-out rows"
    )
    choose.set_defaults(load_model=load_model)
    choose.add_argument("--task", required=True)
    choose.add_argument("--pool", type=Path, required=True, metavar="POOL.yaml")
    choose.add_argument("--data", type=Path, required=True, metavar="ROWS")
    choose.add_argument("--recipe", type=Path, required=True, metavar="RECIPE.yaml")
    choose.add_argument(
        "--mode",
        choices=["generate", "score", "both"],
        default="generate",
        help="how the prompts are tried (default: %(default)s)",
    )
    choose.add_argument(
        "--rows", type=positive, metavar="N", help="only N of the recipe's held-out rows"
    )
    choose.add_argument(
        "--quick-rows", type=positive, default=100, metavar="N", help="for the first round"
    )
    choose.add_argument(
        "--sizes",
        type=_sizes,
        default="4,8,12,16,24",
        help="how many examples, 0 too (default: %(default)s)",
    )
    choose.add_argument("--draws", type=positive, default=6, help="random sets for each size")
    choose.add_argument("--seed", type=positive, default=1)
    choose.add_argument("--out", type=Path, required=True, metavar="TRIED.csv")
    choose.add_argument(
        "--ids-out", type=Path, metavar="FILE", help="write the ids of the rows used, one a line"
    )


def _sizes(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of whole numbers like 0,4,8")
    return tuple(map(int, parts))


# -------------------------------------------------------------------------------- evaluate


def _evaluate(options: argparse.Namespace) -> None:
    from lib.evaluation.answering import Mode, check_mode
    from lib.evaluation.evaluate import evaluate
    from lib.evaluation.results import check_writable, write_results
    from lib.inference.compare import Comparer
    from lib.rows import read_rows

    task, mode = load_task(options.task), Mode(options.mode)
    conditions = parse_conditions(options.conditions.split(","))
    # What is broken is told before the model loads.
    check_mode(task, mode)
    read_rows(options.data, task, options.limit, options.group_by)
    if options.training_data:
        read_rows(options.training_data, task)
    if options.out:
        check_writable(options.out)
    with progress_bar("answer", task.id) as show:
        evaluation = evaluate(
            Comparer(options.load_model()),
            task,
            options.data,
            conditions,
            options.limit,
            options.training_data,
            options.command_line,
            show,
            mode,
            options.group_by,
        )
    if options.out:
        write_results(
            options.out,
            evaluation.summary,
            evaluation.rows,
            evaluation.scores,
            evaluation.twins,
            evaluation.answers,
        )
    print_answer(options, evaluation.summary, _evaluation_lines(task, evaluation))


def _evaluation_lines(task: "Task", evaluation: "Evaluation") -> list[str]:
    from lib.evaluation.condition_scores import metric_names

    main, f1 = metric_names(task)
    summary = evaluation.summary
    lines = [f"{task.title}: {len(evaluation.rows)} rows, {main.replace('_', ' ')}"]
    for name, figures in summary["conditions"].items():
        low, high = figures["interval95"]
        line = (
            f"{name:16} {figures[main]:7.1%}  ({low:.1%} to {high:.1%}), "
            f"valid {figures['valid_rate']:.1%}"
        )
        if f1:
            low, high = figures[f"{f1}_interval95"]
            called = {"f1": "F1", "field_f1": "field F1"}[f1]
            line += f", {called} {figures[f1]:.1%}  ({low:.1%} to {high:.1%})"
        if calibrated := figures.get("calibrated"):
            low, high = calibrated["interval95"]
            line += f", calibrated {calibrated[main]:.1%}  ({low:.1%} to {high:.1%})"
        lines.append(line)
    for name, counts in summary.get("unscored_answers", {}).items():
        counted = ", ".join(f"{label} {count}" for label, count in counts.items())
        lines.append(f"{name:16} {summary['unscored_rows']} rows belong to no label: {counted}")
    if evaluation.resumed:
        lines.append(f"{evaluation.resumed} answers were there from an earlier sitting")
    return lines


# -------------------------------------------------------------------------------- examples


def _choose_examples(options: argparse.Namespace) -> None:
    from lib.evaluation import choose_examples as choosing
    from lib.evaluation.answering import Mode, check_mode
    from lib.evaluation.results import check_writable
    from lib.evaluation.trial_log import TrialLog
    from lib.files import read_yaml
    from lib.inference.compare import Comparer
    from lib.rows import read_rows, split_rows
    from lib.training.recipe import Recipe

    task = load_task(options.task)
    modes = tuple(Mode) if options.mode == "both" else (Mode(options.mode),)
    for mode in modes:
        check_mode(task, mode)
    pool = choosing.ready_pool(read_yaml(options.pool, choosing.Pool), task)
    recipe = read_yaml(options.recipe, Recipe)
    _, held_out = split_rows(read_rows(options.data, task), recipe.seed, recipe.held_out_rows)
    if not held_out:
        raise DataError(
            f"{options.recipe.name} holds no rows out, so there is nothing to choose with."
        )
    rows = held_out[: options.rows]
    check_writable(options.out)
    if options.ids_out:
        check_writable(options.ids_out)
        options.ids_out.write_text("".join(f"{row.id}\n" for row in rows), encoding="utf-8")
    plan = choosing.Plan(
        modes=modes,
        sizes=options.sizes,
        draws=options.draws,
        quick_rows=options.quick_rows,
        seed=options.seed,
    )
    comparer = Comparer(options.load_model())
    with TrialLog(options.out, task) as log:
        best = choosing.choose_examples(comparer, task, pool, rows, plan, log.add)
    print_answer(
        options,
        {"trials": log.count, "best": {trial.mode.value: asdict(trial) for trial in best}},
        [f"Best of {log.count} trials:", *map(_trial_line, best)],
    )


def _trial_line(trial: "Trial") -> str:
    figures = [f"{trial.mode.value:8} {trial.score:7.1%}"]
    if trial.calibrated is not None:
        figures.append(f"calibrated {trial.calibrated:.1%}")
    if trial.f1 is not None:
        figures.append(f"F1 {trial.f1:.3f}")
    return ", ".join(
        [
            *figures,
            f"valid {trial.valid_rate:.1%}",
            f"{trial.rows} rows",
            f"wording {trial.wording}",
            f"examples {list(trial.examples)}",
        ]
    )
