"""Our own figures under the names by which prose calls them: `{{booking.lora.exact}}`."""

import json
from pathlib import Path

import numpy as np
import yaml

from lib.errors import ContentError
from lib.evaluation.curve_file import NAME as CURVE
from lib.evaluation.curve_words import curve_sentence
from lib.evaluation.measured_rows import read_right_rows, rows_file
from lib.evaluation.result_lines import Way
from lib.evaluation.results import read_results
from lib.evaluation.statistics import paired_p
from lib.task import Task


def measured_names(task: Task) -> dict[str, str]:
    """Return the figures of a task, ready to be read in a sentence, by name.

    Names are `<task>.<condition>.<what>` (exact, low, high, f1, prompt_tokens, output_tokens) and
    `<task>.<what>`: rows; empty, the share of rows that an always empty answer gets right;
    lora_only and lora_engineered_only, the rows that one of the two alone got right, with paired_p;
    training_rows, training_minutes, loss_1 and so on (mean training loss of each epoch), adapter_mb;
    curve, a sentence on the learning curve, which is there before one was measured, too.
    Shares are percentages, megabytes are of 1e6 bytes.

    Raises:
        ContentError: if the measured files are missing or can't be read.
    """
    path = task.folder / "results" / f"{task.main_set.id}.json"
    figures = {**_scores(task, path), **_pair(path), **_training(task), **_adapter(task)}
    figures["curve"] = curve_sentence(task.title, path.with_name(CURVE))
    return {f"{task.id}.{name}": value for name, value in figures.items()}


def _scores(task: Task, path: Path) -> dict[str, str]:
    results = read_results(task, path)
    figures = {"rows": f"{results.rows:,}"}
    if results.empty_share is not None:
        figures["empty"] = f"{results.empty_share:.1%}"
    for condition, score in results.scores.items():
        low, high = score.interval95
        figures |= {
            f"{condition.value}.exact": f"{score.score:.1%}",
            f"{condition.value}.low": f"{low:.1%}",
            f"{condition.value}.high": f"{high:.1%}",
            f"{condition.value}.prompt_tokens": f"{score.mean_prompt_tokens:.0f}",
            f"{condition.value}.output_tokens": f"{score.mean_output_tokens:.0f}",
        }
        if score.f1 is not None:
            figures[f"{condition.value}.f1"] = f"{score.f1:.3f}"
    return figures


def _pair(path: Path) -> dict[str, str]:
    right = read_right_rows(rows_file(path)).right
    if not {Way.LORA, Way.LORA_ENGINEERED} <= right.keys():
        return {}
    lora, both = right[Way.LORA], right[Way.LORA_ENGINEERED]
    return {
        "lora_only": str(len(lora - both)),
        "lora_engineered_only": str(len(both - lora)),
        "paired_p": f"{paired_p(len(lora - both), len(both - lora)):.2f}",
    }


def _training(task: Task) -> dict[str, str]:
    try:
        training = json.loads((task.folder / "training.json").read_text(encoding="utf-8"))
        recipe = yaml.safe_load((task.folder / "recipe.yaml").read_text(encoding="utf-8"))
        epochs = np.array_split(training["loss_by_step"], recipe["epochs"])
        return {
            "training_rows": f"{training['rows']:,}",
            "training_minutes": f"{training['seconds'] / 60:.0f}",
            **{f"loss_{n}": f"{np.mean(one):.3f}" for n, one in enumerate(epochs, start=1)},
        }
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise ContentError(f"What training wrote for '{task.id}' can't be read.") from error


def _adapter(task: Task) -> dict[str, str]:
    """A missing adapter costs its own figure only: the demo says what else it means."""
    file = task.folder / "adapter" / "adapter_model.safetensors"
    return {"adapter_mb": f"{file.stat().st_size / 1e6:.1f}"} if file.is_file() else {}
