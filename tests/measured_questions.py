"""A small task of questions on passages with measured files, whose figures can be counted by hand.

Of 100 rows the first n are exactly right; each row after them shares half of its words.
"""

import csv
import json
from pathlib import Path
from typing import Any

from lib.evaluation.metrics import RowScore
from lib.evaluation.statistics import mean_interval, share_interval
from tests.measured_folder import write_task

ROWS = 100
RIGHT = {"plain": 0, "engineered": 10, "lora": 50, "lora_engineered": 40}
PASSAGE = (
    "The *boat* leaves from pier 4.\n1. In winter, too, it leaves from Pier 4.\n<b>No</b> dogs."
)
SAMPLES = [
    {
        "id": "pier",
        "title": "The pier",
        "inputs": {"context": PASSAGE, "question": "Where does the boat leave from?"},
        "expected": "pier 4",
        "note": "It stands there twice.",
    },
    {
        "id": "open",
        "title": "Not said",
        "inputs": {"context": PASSAGE, "question": "What is the fare?"},
        "expected": None,
        "note": "The passage does not say.",
    },
]


def write_questions(folder: Path) -> Path:
    """Write the task with two measured sets, the first of them in two groups; return its folder."""
    prompt = {"user": "{context}\n\nQuestion: {question}"}
    task_folder = write_task(
        folder,
        "questions",
        title="Passage question",
        kind="question_answering",
        summary="A phrase of the passage answers.",
        max_characters=300,
        labels={},
        prompts={"plain": prompt, "engineered": prompt, "short": prompt},
        samples=SAMPLES,
        test_sets=[
            {"id": "dev", "title": "held-out questions", "about": "Home."},
            {"id": "other", "title": "other questions", "about": "Away."},
        ],
    )
    half = ROWS // 2
    groups = {
        name: {
            "rows": half,
            "conditions": {way: _figures(n // 2, half) for way, n in RIGHT.items()},
        }
        for name in ("reddit", "wiki")
    }
    _write(task_folder, "dev", by_group={"field": "domain", "groups": groups})
    _write(task_folder, "other")
    return task_folder


def _scores(right: int, rows: int) -> list[RowScore]:
    return [
        RowScore(number < right, True, f1=1.0 if number < right else 0.5) for number in range(rows)
    ]


def _figures(right: int, rows: int) -> dict[str, Any]:
    values = [one.f1 for one in _scores(right, rows)]
    return {
        "exact_match": right / rows,
        "interval95": list(share_interval(right, rows)),
        "f1": sum(values) / rows,
        "f1_interval95": list(mean_interval(values)),
        "valid_rate": 1.0,
        "mean_prompt_tokens": 200.0,
        "mean_output_tokens": 4.0,
    }


def _write(task_folder: Path, set_id: str, **more: Any) -> None:
    summary = {
        "task": task_folder.name,
        "mode": "generate",
        "rows": ROWS,
        "unscored_rows": 0,
        "dtype": "bfloat16",
        "base_sha256": "b" * 64,
        "adapter_sha256": "a" * 64,
        "prompt_sha256": {way: way[0] * 64 for way in RIGHT},
        "seconds": 60.0,
        "date": "2026-01-02",
        "command": f"python -m lib evaluate --task questions --data {set_id}.jsonl",
        "data": {"file": f"{set_id}.jsonl", "sha256": "d" * 64},
        "conditions": {way: _figures(right, ROWS) for way, right in RIGHT.items()},
        **more,
    }
    path = task_folder / "results" / f"{set_id}.json"
    path.write_text(json.dumps(summary), encoding="utf-8")
    with path.with_name(f"{set_id}_rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "near_twin", "condition", "correct", "valid", "f1"])
        for way, right in RIGHT.items():
            for number, one in enumerate(_scores(right, ROWS)):
                writer.writerow([f"row-{number}", 0, way, int(one.correct), 1, one.f1])
