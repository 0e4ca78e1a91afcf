"""A small classification task with every measured file that the results page can draw.

The scores follow from the rows that are written here, so that tests can count them by hand: of
100 rows the first n are right, n as in `RIGHT`.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from lib.evaluation.statistics import share_interval

LABELS = ("cards", "transfers", "security")
ROWS = 100
PROMPTED = ("plain", "engineered", "lora", "lora_engineered")

RIGHT = {
    "generate": {"plain": 2, "engineered": 20, "lora": 93, "lora_engineered": 90},
    "score": {"plain": 45, "engineered": 41, "lora": 94, "lora_engineered": 91},
    "classic": {"classic": 96},
}
CALIBRATED = {"plain": 52, "engineered": 40, "lora": 94, "lora_engineered": 91}
NO_CLASS = {"cards": 30, "transfers": 15, "(no label)": 5}

_ENDING = {"generate": "", "score": "_score", "classic": "_classic"}


def write_task(folder: Path, name: str = "routing", **changes: Any) -> Path:
    """Write a task folder without results and return it."""
    prompt = {"user": "Team for this message:\n{text}"}
    task = {
        "id": name,
        "title": "Support routing",
        "kind": "classification",
        "summary": "A message goes to one of three teams.",
        "input_label": "A message",
        "max_characters": 600,
        "max_new_tokens": 12,
        "labels": {label: f"all about {label}" for label in LABELS},
        "prompts": {"plain": prompt, "engineered": prompt, "short": prompt},
        "samples": [],
        "data": {
            "name": "made up",
            "source": "ours",
            "licence": "none",
            "credit": "written for a test",
        },
        "test_sets": [
            {"id": "test", "title": "test messages", "about": "Home."},
            {"id": "other_bank", "title": "messages to another bank", "about": "Another domain."},
            {"id": "no_team", "title": "messages for no team", "about": "Nobody's."},
        ],
        **changes,
    }
    task_folder = folder / name
    (task_folder / "results").mkdir(parents=True)
    (task_folder / "task.yaml").write_text(yaml.safe_dump(task), encoding="utf-8")
    (task_folder / "recipe.yaml").write_text("seed: 11\n", encoding="utf-8")
    return task_folder


def write_everything(task_folder: Path) -> None:
    """Write all measured files: three sets, both modes, the classic line, and call times."""
    for mode in RIGHT:
        write_set(task_folder, "test", mode, twins=10)
        write_set(task_folder, "other_bank", mode, less=20, groups=True)
        write_no_class(task_folder, "no_team", mode)
    write_calls(task_folder)


def figures(right: int, rows: int, **more: Any) -> dict[str, Any]:
    """Return accuracy and interval as the commands write them."""
    return {
        "accuracy": right / rows,
        "interval95": [round(end, 4) for end in share_interval(right, rows)],
        "valid_rate": 1.0,
        **more,
    }


def write_set(
    task_folder: Path,
    set_id: str,
    mode: str,
    *,
    right: Mapping[str, int] | None = None,
    less: int = 0,
    twins: int | None = None,
    groups: bool = False,
) -> Path:
    """Write one measured file with its rows; `less` takes that many right rows from every way."""
    counts = {way: max(0, n - less) for way, n in (right or RIGHT[mode]).items()}
    conditions = {way: _with_mode(mode, way, n, less) for way, n in counts.items()}
    summary = _summary(task_folder.name, set_id, mode) | {
        "rows": ROWS,
        "unscored_rows": 0,
        "conditions": conditions,
    }
    if twins is not None:
        # Twins are the first rows, so every way gets them right as far as it goes.
        left = {way: max(0, n - twins) for way, n in counts.items()}
        summary["without_near_twins"] = {
            "rows": ROWS - twins,
            "near_twins": twins,
            "conditions": {way: _tokens(mode, figures(n, ROWS - twins)) for way, n in left.items()},
        }
    if groups:
        half = ROWS // 2
        summary["by_group"] = {
            "field": "domain",
            "groups": {
                name: {
                    "rows": half,
                    "conditions": {
                        way: _tokens(mode, figures(min(n // 2, half), half))
                        for way, n in counts.items()
                    },
                }
                for name in ("banking", "credit cards")
            },
        }
    return _write(task_folder, set_id, mode, summary, counts)


def write_no_class(task_folder: Path, set_id: str, mode: str) -> Path:
    """Write a file in which no row can be scored."""
    counts = dict(NO_CLASS) if mode == "generate" else {"cards": 35, "transfers": 15}
    ways = RIGHT[mode]
    summary = _summary(task_folder.name, set_id, mode) | {
        "rows": 0,
        "unscored_rows": 50,
        "conditions": {},
        "unscored_answers": dict.fromkeys(ways, counts),
    }
    return _write(task_folder, set_id, mode, summary, {})


def write_calls(task_folder: Path) -> Path:
    """Write the seconds of single calls."""
    times = {
        "median_seconds": 0.4,
        "p10_seconds": 0.3,
        "p90_seconds": 0.6,
        "mean_prompt_tokens": 50.0,
        "mean_cached_tokens": 20.0,
        "mean_output_tokens": 3.0,
    }
    path = task_folder / "results" / "calls.json"
    calls = {
        "task": task_folder.name,
        "rows": 30,
        "dtype": "bfloat16",
        "processor": "A made-up processor",
        "threads": 2,
        "date": "2026-01-03",
        "command": "python -m lib time-calls --task routing",
        "conditions": dict.fromkeys(PROMPTED, times),
    }
    path.write_text(json.dumps(calls), encoding="utf-8")
    return path


GENERAL = {"base": 3, "base_engineered": 1, "adapter": 1, "adapter_engineered": 0}
"""Of four general questions, how many each way of asking gets right: the first ones."""


def write_forgetting(task_folder: Path, **changes: Any) -> Path:
    """Write four general questions, two of a group, asked four ways."""
    ids = ("one", "two", "three", "four")
    groups = {"facts": ids[:2], "small_talk": ids[2:]}

    def conditions(some: tuple[str, ...]) -> dict[str, Any]:
        found = {}
        for way, right in GENERAL.items():
            count = sum(ids.index(id) < right for id in some)
            alike = 0 if way == "base" else len(some) - count
            found[way] = {
                "accuracy": count / len(some),
                "interval95": list(share_interval(count, len(some))),
                "inside_object": int(way == "base_engineered"),
                "task_answers": alike / len(some),
                "task_answers_interval95": list(share_interval(alike, len(some))),
            }
        return found

    summary = _summary(task_folder.name, "general", "generate") | {
        "mode": "forgetting",
        "rows": 4,
        "command": f"python -m lib forgetting --task {task_folder.name}",
        "max_new_tokens": 64,
        "conditions": conditions(ids),
        "by_group": {
            "field": "group",
            "groups": {
                name: {"rows": 2, "conditions": conditions(some)} for name, some in groups.items()
            },
        },
        "paired_against_base": {
            way: {
                "both": right,
                "only_base": 3 - right,
                "only_this": 0,
                "neither": 1,
                "p": 0.5,
                "p_holm": 0.01 if way == "adapter" else 0.5,
            }
            for way, right in GENERAL.items()
            if way != "base"
        },
        **changes,
    }
    rows = [
        [id, name, f"Question *{id}*?", way, int(is_right), int(not is_right), _reply(way, id)]
        for way, right in GENERAL.items()
        for name, some in groups.items()
        for id in some
        for is_right in [ids.index(id) < right]
    ]
    header = ["id", "group", "question", "condition", "correct", "task_answer", "reply"]
    return _write_beside(task_folder, "forgetting", summary, header, rows)


def _reply(way: str, id: str) -> str:
    return f"the answer to **{id}** <b>" if way == "base" else f"cards {id}"


def write_stability(task_folder: Path, *, with_rows: bool = True) -> Path:
    """Write two samples under two orders, and ten rows if wanted; `s2` has no right answer."""
    answers = {
        "own": [("s1", 1, 1, "cards"), ("s2", "", 1, "security")],
        "order_2": [("s1", 0, 2, "my **cards**"), ("s2", "", 1, "security")],
        "adapter": [("s1", 1, 1, "cards"), ("s2", "", 2, "transfers")],
    }
    summary = _summary(task_folder.name, "test", "generate") | {
        "mode": "stability",
        "rows": 2,
        "command": f"python -m lib stability --task {task_folder.name}",
        "seed": 1,
        "orders": {"own": [0, 1, 2], "order_2": [2, 0, 1]},
        "over_samples": _over(2, 1, {"own": 1, "order_2": 0, "adapter": 1}),
    }
    if with_rows:
        summary["over_rows"] = _over(10, 10, {"own": 6, "order_2": 3, "adapter": 9})
    else:
        del summary["data"]
    rows = [
        ["samples", id, way, correct, 1, number, reply]
        for way, of_way in answers.items()
        for id, correct, number, reply in of_way
    ]
    header = ["inputs", "id", "condition", "correct", "valid", "answer_number", "reply"]
    return _write_beside(task_folder, "stability", summary, header, rows)


def _over(rows: int, judged: int, right: Mapping[str, int]) -> dict[str, Any]:
    shares = {
        way: {
            "share_right": count / judged,
            "interval95": list(share_interval(count, judged)),
            "valid_rate": 1.0,
        }
        for way, count in right.items()
    }
    orders = [count for way, count in right.items() if way != "adapter"]
    return {
        "rows": rows,
        "judged_rows": judged,
        "distinct": {"1": rows // 2, "2": rows - rows // 2},
        "mean_distinct": 1.5,
        "one_answer": {"share": 0.5, "interval95": [0.1, 0.9]},
        "right_under": {"0": 0, "1": max(orders) - min(orders), "2": min(orders)},
        "conditions": shares,
        "range": [min(orders) / judged, max(orders) / judged],
    }


def _write_beside(
    task_folder: Path,
    name: str,
    summary: dict[str, Any],
    header: list[str],
    rows: Iterable[Iterable[object]],
) -> Path:
    path = task_folder / "results" / f"{name}.json"
    path.write_text(json.dumps(summary), encoding="utf-8")
    with path.with_name(f"{name}_rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _summary(task: str, set_id: str, mode: str) -> dict[str, Any]:
    command = "classic" if mode == "classic" else "evaluate"
    summary: dict[str, Any] = {
        "task": task,
        "mode": mode,
        "date": "2026-01-02",
        "command": f"python -m lib {command} --task {task} --data {set_id}.jsonl",
        "data": {"file": f"{set_id}.jsonl", "sha256": "d" * 64},
    }
    if mode == "classic":
        return summary | {
            "training": {
                "file": "train.jsonl",
                "sha256": "t" * 64,
                "rows": 900,
                "held_out_rows": 300,
            },
            "seed": 11,
            "seconds_to_learn": 1.25,
            "seconds_to_answer": 0.002,
            "candidates": [
                {"name": "words", "held_out_accuracy": 0.95, "held_out_rows": 300},
                {"name": "characters", "held_out_accuracy": 0.97, "held_out_rows": 300},
            ],
            "chosen": "characters",
        }
    summary |= {
        "dtype": "bfloat16",
        "base_sha256": "b" * 64,
        "adapter_sha256": "a" * 64,
        "prompt_sha256": {way: way[0] * 64 for way in PROMPTED},
        "seconds": 60.0,
    }
    return summary | ({"content_free": ["N/A", ""]} if mode == "score" else {})


def _with_mode(mode: str, way: str, right: int, less: int) -> dict[str, Any]:
    found = _tokens(mode, figures(right, ROWS))
    if mode == "score":
        calibrated = figures(max(0, CALIBRATED[way] - less), ROWS)
        found["calibrated"] = {name: calibrated[name] for name in ("accuracy", "interval95")}
    return found


def _tokens(mode: str, found: dict[str, Any]) -> dict[str, Any]:
    if mode == "classic":
        return found
    return found | {
        "mean_prompt_tokens": 300.0,
        "mean_output_tokens": 3.0 if mode == "generate" else 0.0,
    }


def _write(
    task_folder: Path, set_id: str, mode: str, summary: dict[str, Any], right: Mapping[str, int]
) -> Path:
    path = task_folder / "results" / f"{set_id}{_ENDING[mode]}.json"
    path.write_text(json.dumps(summary), encoding="utf-8")
    with path.with_name(f"{path.stem}_rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "near_twin", "condition", "correct", "valid", "answer"])
        for way, count in right.items():
            for number in range(ROWS):
                writer.writerow([f"row-{number}", 0, way, int(number < count), 1, LABELS[0]])
    return path
