"""The command that puts a task's gallery of losses through the model."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.cli_common import add_command, print_answer, progress_bar
from lib.content.tasks import load_task


def add_gallery(commands: Any, load_model: Callable[[], Any]) -> None:
    """Add the command; `load_model` returns the base model when it needs it."""
    gallery = add_command(
        commands, "gallery", _gallery, "measure the inputs that show where each way loses"
    )
    gallery.set_defaults(load_model=load_model)
    gallery.add_argument("--task", required=True)
    gallery.add_argument(
        "--out",
        type=Path,
        metavar="FILE.json",
        help="write the measured file elsewhere (default: results/gallery.json of the task)",
    )


def _gallery(options: argparse.Namespace) -> None:
    from lib.content.gallery import broken_claims, gallery_file, load_gallery
    from lib.errors import InputError
    from lib.evaluation.gallery_file import measure_gallery, read_gallery
    from lib.evaluation.results import check_writable
    from lib.inference import adapter as adapter_files
    from lib.inference.compare import Comparer

    task = load_task(options.task)
    # What is broken is told before the model loads.
    gallery, file = load_gallery(task), gallery_file(task)
    if gallery is None:
        raise InputError(f"The task '{task.id}' has no gallery: write {file.name} in its folder.")
    adapter_files.check(task.id, task.folder)
    out = options.out or task.folder / "results" / "gallery.json"
    check_writable(out)
    samples = [one.as_sample for one in gallery.items]
    with progress_bar("input", task.id) as show:
        summary = measure_gallery(
            Comparer(options.load_model()), task, samples, file, options.command_line, show
        )
    out.write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    broken = broken_claims(gallery.items, read_gallery(out).right)
    lines = [_line(id, item["answers"]) for id, item in summary["items"].items()]
    lines += [f"{len(gallery.items)} inputs written to {out}."]
    lines += [f"Said in {file.name}, and not so: {one}." for one in broken]
    print_answer(options, {**summary, "broken_claims": broken}, lines)


def _line(id: str, answers: dict[str, Any]) -> str:
    marks = ", ".join(
        f"{way} {'right' if one['right'] else 'wrong'}" for way, one in answers.items()
    )
    return f"{id:20} {marks}"
