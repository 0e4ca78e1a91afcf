"""The command that asks general questions before and after an adapter."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.cli_common import add_command, print_answer, progress_bar
from lib.content.tasks import load_task

if TYPE_CHECKING:
    from lib.evaluation.forgetting import Forgetting
    from lib.task import Task


def add_forgetting(commands: Any, load_model: Callable[[], Any]) -> None:
    """Add the command; `load_model` returns the base model when it needs it."""
    forgetting = add_command(
        commands, "forgetting", _forgetting, "ask general questions with and without the adapter"
    )
    forgetting.set_defaults(load_model=load_model)
    forgetting.add_argument("--task", required=True)
    forgetting.add_argument(
        "--questions", type=Path, metavar="QUESTIONS.yaml", help="others than those of the project"
    )
    forgetting.add_argument("--out", type=Path, metavar="FILE.json", help="write the measured file")


def _forgetting(options: argparse.Namespace) -> None:
    from lib.content.general_questions import FILE, load_general_questions
    from lib.evaluation.forgetting import measure_forgetting, row_records
    from lib.evaluation.measured_rows import write_records
    from lib.evaluation.results import check_writable
    from lib.inference import adapter as adapter_files
    from lib.inference.compare import Comparer

    task, file = load_task(options.task), options.questions or FILE
    # What is broken is told before the model loads.
    questions = load_general_questions(file).questions
    adapter_files.check(task.id, task.folder)
    if options.out:
        check_writable(options.out)
    with progress_bar("reply", task.id) as show:
        found = measure_forgetting(
            Comparer(options.load_model()), task, questions, file, options.command_line, show
        )
    if options.out:
        write_records(options.out, found.summary, row_records(found))
    print_answer(options, found.summary, _lines(task, found))


def _lines(task: "Task", found: "Forgetting") -> list[str]:
    summary = found.summary
    lines = [f"{task.title}: {summary['rows']} general questions, share right"]
    for name, figures in summary["conditions"].items():
        low, high = figures["interval95"]
        line = f"{name:18} {figures['accuracy']:7.1%}  ({low:.1%} to {high:.1%})"
        if "task_answers" in figures:
            line += f", answers of the task's form {figures['task_answers']:.1%}"
        if pair := summary["paired_against_base"].get(name):
            line += (
                f"; against base: {pair['only_base']} lost, {pair['only_this']} gained, "
                f"p {pair['p']:.2g}"
            )
        lines.append(line)
    if "base_engineered" not in summary["conditions"]:
        lines.append(
            "Not asked under the engineered prompt: it needs a passage, and ours would decide what can "
            "be answered."
        )
    return lines
