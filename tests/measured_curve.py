"""A made-up learning curve as `learning-curve` writes it, so that tests can count its figures by hand.

Of 100 test rows the first n are right, n as in `RIGHT`; a second seed gets `SPREAD` more.
"""

import json
from pathlib import Path
from typing import Any

from lib.evaluation.curve_points import CurveLine, pack_bits
from lib.evaluation.result_lines import Reading

ROWS = 100
SPREAD = 4
RIGHT: dict[tuple[CurveLine, Reading], dict[int, int]] = {
    (CurveLine.PROMPT, Reading.WRITTEN): {0: 2, 4: 10, 16: 20},
    (CurveLine.PROMPT, Reading.SCORED): {0: 30, 4: 34, 16: 38},
    (CurveLine.PROMPT, Reading.CALIBRATED): {0: 36, 4: 32, 16: 38},
    (CurveLine.ENGINEERED, Reading.WRITTEN): {2: 22},
    (CurveLine.ENGINEERED, Reading.SCORED): {2: 40},
    (CurveLine.ENGINEERED, Reading.CALIBRATED): {2: 39},
    (CurveLine.CLASSIC, Reading.CLASSIC): {16: 50, 64: 70, 256: 80, 2048: 96},
    (CurveLine.LORA, Reading.WRITTEN): {16: 20, 64: 60, 256: 84, 2048: 94},
}
"""The classic line is ahead at first, behind at 256 rows, and ahead again at 2,048."""


def write_curve_file(task_folder: Path, scored: bool = True, missing: int = 0) -> Path:
    """Write a measured curve into a task's results; without `scored`, as for an extraction."""
    points = [
        _point(line, mode, size, seed, right + SPREAD * (seed - 1))
        for (line, mode), sizes in RIGHT.items()
        if scored or mode is Reading.WRITTEN
        for size, right in sizes.items()
        for seed in ((1, 2) if 0 < size <= 1024 and line is not CurveLine.ENGINEERED else (1,))
    ]
    path = task_folder / "results" / "curve.json"
    summary = {
        "task": task_folder.name,
        "date": "2026-01-04",
        "command": f"python -m lib learning-curve --task {task_folder.name} --data train.jsonl",
        "base_sha256": "b" * 64,
        "dtype": "bfloat16",
        "processor": "A made-up processor",
        "threads": 2,
        "data": {"file": "test.jsonl", "sha256": "d" * 64},
        "test": {"rows": ROWS, "of_rows": 900, "seed": 1, "ids": [f"r{n}" for n in range(ROWS)]},
        "training": {
            "file": "train.jsonl",
            "sha256": "t" * 64,
            "rows": 3_000,
            "held_out_rows": 300,
        },
        "recipe": {"rank": 16},
        "min_steps": 60,
        "max_epochs": 30,
        "prompt_sha256": {"short": "s" * 64, "engineered": "e" * 64},
        "seconds": 3600.0,
        "missing": missing,
        "points": points,
    }
    path.write_text(json.dumps(summary), encoding="utf-8")
    return path


def _point(line: CurveLine, mode: Reading, size: int, seed: int, right: int) -> dict[str, Any]:
    return {
        "line": line,
        "mode": mode,
        "size": size,
        "seed": seed,
        "score": right / ROWS,
        "correct": right,
        "f1": None,
        "valid_rate": 1.0,
        "steps": 60 if line is CurveLine.LORA else 0,
        "seconds_to_learn": size / 4 if line is CurveLine.LORA else 0.0,
        "seconds_to_answer": 5.0,
        "right": pack_bits([row < right for row in range(ROWS)]),
    }
