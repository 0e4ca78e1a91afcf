"""The command that asks whether the order of the examples decides."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.cli_common import add_command, positive, print_answer, progress_bar
from lib.content.tasks import load_task
from lib.errors import InputError

if TYPE_CHECKING:
    from lib.evaluation.stability import Stability
    from lib.task import Task


def add_stability(commands: Any, load_model: Callable[[], Any]) -> None:
    """Add the command; `load_model` returns the base model when it needs it."""
    stability = add_command(
        commands, "stability", _stability, "answer under five orders of the prompt's examples"
    )
    stability.set_defaults(load_model=load_model)
    stability.add_argument("--task", required=True)
    stability.add_argument(
        "--data", type=Path, metavar="ROWS", help="rows with answers besides the task's samples"
    )
    stability.add_argument(
        "--limit", type=positive, metavar="N", help="only N of these rows, spread over the file"
    )
    stability.add_argument("--seed", type=positive, default=1, help="draws the orders")
    stability.add_argument("--out", type=Path, metavar="FILE.json", help="write the measured file")


def _stability(options: argparse.Namespace) -> None:
    from lib.evaluation.measured_rows import write_records
    from lib.evaluation.results import check_writable
    from lib.evaluation.stability import measure_stability, orders_of, row_records
    from lib.inference import adapter as adapter_files
    from lib.inference.compare import Comparer
    from lib.rows import read_rows

    task = load_task(options.task)
    # What is broken is told before the model loads.
    orders_of(task.prompts.engineered)
    adapter_files.check(task.id, task.folder)
    if options.limit and not options.data:
        raise InputError("--limit counts rows of a file: give --data as well.")
    if options.data:
        read_rows(options.data, task)
    if options.out:
        check_writable(options.out)
    with progress_bar("reply", task.id) as show:
        found = measure_stability(
            Comparer(options.load_model()),
            task,
            options.data,
            options.limit,
            options.seed,
            options.command_line,
            show,
        )
    if options.out:
        write_records(options.out, found.summary, row_records(found))
    print_answer(options, found.summary, _lines(task, found))


def _lines(task: "Task", found: "Stability") -> list[str]:
    lines = [f"{task.title}: {len(found.summary['orders'])} orders of the examples"]
    for name, what in (("over_samples", "samples"), ("over_rows", "rows")):
        if one := found.summary.get(name):
            low, high = one["one_answer"]["interval95"]
            lines.append(
                f"{one['rows']} {what}: {one['mean_distinct']:.2f} different answers on average, the "
                f"same under every order for {one['one_answer']['share']:.1%} ({low:.1%} to {high:.1%})"
            )
            for way, figures in one["conditions"].items():
                if "share_right" in figures:
                    low, high = figures["interval95"]
                    lines.append(
                        f"  {way:10} {figures['share_right']:7.1%}  ({low:.1%} to {high:.1%}), valid "
                        f"{figures['valid_rate']:.1%}"
                    )
    return lines
