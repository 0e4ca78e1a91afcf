"""`estimate data`: how many rows a goal needs, what a file holds, or what a learning curve promises."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.cli_common import add_command, print_answer, read_file
from lib.errors import InputError

if TYPE_CHECKING:
    from lib.estimator.data_needs import DataNeed
    from lib.estimator.learning_curve import LearningCurve
    from lib.estimator.row_report import RowsReport
    from lib.estimator.row_tokens import CountTokens

_GOAL_OF_OUTPUTS = {"labels": "classification", "objects": "extraction"}
_ONLY_WITH = {
    "file": ("test", "input", "output"),
    "points": ("at", "wanted", "test_items", "measure", "best"),
}
"""Options that mean something with another one only."""


def add_data(estimates: Any) -> None:
    """Add `data` to the estimates."""
    data = add_command(estimates, "data", _data, "labelled rows: how many, and how good yours are")
    needs = data.add_argument_group("what a goal needs")
    needs.add_argument(
        "--goal", metavar="GOAL", help="classification, extraction, style, chat, facts or skills"
    )
    needs.add_argument("--task", metavar="KIND", help="the same, or a task under content/tasks")
    needs.add_argument("--classes", metavar="N", help="labels of a classification")
    needs.add_argument("--rows", metavar="N", help="rows that you have, for a verdict")
    file = data.add_argument_group("what a file holds")
    file.add_argument("--file", type=Path, metavar="ROWS", help="CSV, JSONL or a JSON list")
    file.add_argument("--test", type=Path, metavar="ROWS", help="test rows, to look for leaks")
    file.add_argument("--input", action="append", metavar="COLUMN", help="if guessed wrong")
    file.add_argument("--output", metavar="COLUMN", help="if guessed wrong")
    curve = data.add_argument_group("what more rows would bring")
    curve.add_argument(
        "--points", metavar="ROWS:SCORE,...", help="your own scores, such as 100:71.5,400:78"
    )
    curve.add_argument("--at", metavar="ROWS,...", help="(default: 2, 4 and 8 times the most)")
    curve.add_argument("--wanted", metavar="SCORE", help="ask for the rows that reach it")
    curve.add_argument("--test-items", metavar="N", help="items behind each score")
    curve.add_argument("--measure", choices=["score", "loss"], help="(default: score)")
    curve.add_argument("--best", metavar="SCORE", help="the best that can be reached (default: 1)")


def _data(options: argparse.Namespace) -> None:
    for owner, names in _ONLY_WITH.items():
        lone = [name for name in names if getattr(options, name) is not None]
        if lone and getattr(options, owner) is None:
            raise InputError(f"--{lone[0].replace('_', '-')} needs --{owner}.")
    if options.points is not None:
        for name in ("file", "goal", "task", "classes", "rows"):
            if getattr(options, name) is not None:
                raise InputError(f"--points stands alone: leave out --{name}.")
        _curve(options)
    elif options.file is not None:
        if options.rows is not None:
            raise InputError("--file counts its rows itself: leave out --rows.")
        _file(options)
    else:
        _needs(options)


# ---------------------------------------------------------------- needs


def _needs(options: argparse.Namespace) -> None:
    from lib.estimator.checked import whole

    need = _need(options)
    if need is None:
        raise InputError("Give a --goal, a --file of rows, or --points of a learning curve.")
    data: dict[str, Any] = dict(need.as_json())
    lines = [_told(need)]
    if options.rows is not None:
        rows = whole("number of rows", options.rows, least=0, most=1_000_000_000)
        data |= {"rows": rows, "verdict": need.verdict(rows)}
        lines.append(need.verdict(rows))
    print_answer(options, data, [*lines, need.basis])


def _need(
    options: argparse.Namespace, goal: str | None = None, classes: object = None
) -> "DataNeed | None":
    """Return the need of the goal that the options name, else of the one that is guessed."""
    from lib.content.tasks import load_task, task_names
    from lib.estimator.data_needs import data_need

    if options.task is not None:
        goal, classes = options.task, None
        if goal in task_names() or (Path(goal) / "task.yaml").is_file():
            task = load_task(goal)
            goal, classes = task.kind, len(task.labels) or None
    if options.goal is not None and options.goal != goal:
        goal, classes = options.goal, None
    if goal is None:
        if options.classes is not None:
            raise InputError("--classes needs --goal classification.")
        return None
    return data_need(goal, classes if options.classes is None else options.classes)


def _told(need: "DataNeed") -> str:
    if need.low is None or need.likely is None or need.high is None:
        return f"For {need.goal} no number of rows is advised."
    what = f"{need.goal} of {need.classes} classes" if need.classes else need.goal
    return f"For {what}: {need.likely:,} labelled rows ({need.low:,} to {need.high:,})."


# ---------------------------------------------------------------- a file


def _file(options: argparse.Namespace) -> None:
    from lib.estimator.row_findings import findings
    from lib.estimator.row_report import report

    upload = read_file(options.file)
    test = read_file(options.test) if options.test else None
    found = report(upload, count=_counter(), test=test, inputs=options.input, output=options.output)
    guess = _GOAL_OF_OUTPUTS.get(found.outputs)
    need = _need(options, guess, found.classes)
    mend = findings(found)
    no_goal = "No goal is known: give --goal for how many rows are needed."
    data: dict[str, Any] = {"low": None, "likely": None, "high": None, "basis": no_goal}
    lines = _file_lines(found)
    if need is not None:
        verdict = need.verdict(found.usable_rows)
        data = {**need.as_json(), "verdict": verdict}
        lines += [_told(need), verdict]
    else:
        lines.append(no_goal)
    data |= {"findings": list(mend), "report": _plain(found)}
    print_answer(options, data, [*lines, *(f"- {one}" for one in mend)])


def _counter() -> "CountTokens | None":
    """Count with the demo model's tokenizer where it is on this machine; nothing is downloaded."""
    from lib.estimator.row_tokens import demo_counter
    from lib.inference.tokenizer_file import tokenizer_file

    file = tokenizer_file()
    return demo_counter(file) if file else None  # the report says which it was


def _file_lines(found: "RowsReport") -> list[str]:
    tokens = found.tokens
    lines = [
        f"{found.name}: {found.rows:,} rows, {found.usable_rows:,} of them usable. "
        f"{found.roles.why}",
        f"{tokens.total:,} tokens ({tokens.low:,} to {tokens.high:,}), {tokens.mean:,.0f} a row on "
        f"average, {tokens.longest[0].tokens:,} in the longest. {tokens.method} {tokens.others}",
    ]
    if labels := found.labels:
        first = labels.labels[0]
        lines.append(
            f"{len(labels.labels)} labels, the most frequent one '{first.label}' on "
            f"{first.share:.0%} of the rows."
        )
    return lines


def _plain(found: "RowsReport") -> dict[str, Any]:
    """The report as plain data, its rejections with what the rules say; texts of rows left out."""
    whole = asdict(found)
    whole["usable_rows"], whole["duplicate_rows"] = found.usable_rows, found.duplicate_rows
    for one in whole["conflicts"]:
        del one["outputs"]
    whole["rejections"] = [
        {
            "id": one.rule.id,
            "problem": one.rule.problem_shown,
            "rows": one.rows,
            "who": one.rule.who,
        }
        for one in found.rejections
    ]
    if found.test:
        whole["test"]["leaked_share"] = found.test.leaked_share
    return whole


# ---------------------------------------------------------------- a curve


def _curve(options: argparse.Namespace) -> None:
    from lib.estimator.learning_curve import extrapolate, rows_for

    points, percent = _points(options)
    scale = 100 if percent else 1
    curve = extrapolate(
        points,
        [one.strip() for one in options.at.split(",")] if options.at else (),
        measure=options.measure or "score",
        best=1 if options.best is None else options.best,
        test_items=options.test_items,
    )
    shown = [
        {"rows": p.rows, "low": p.low, "likely": p.likely, "high": p.high} for p in curve.points
    ]
    data: dict[str, Any] = {"low": None, "likely": None, "high": None, "basis": _basis(curve)}
    data |= {"unit": "rows" if options.wanted is not None else curve.measure, "points": shown}
    lines = [
        f"{p.rows:>9,} rows: {_score(p.likely, percent)} "
        f"({_score(p.low, percent)} to {_score(p.high, percent)})"
        for p in curve.points
    ]
    if options.wanted is not None and not curve.refusal:
        need = rows_for(curve, _divided(options.wanted, scale))
        data |= {"low": need.soonest, "likely": need.likely, "high": need.latest}
        ends = [
            "more than 128 times yours" if one is None else f"{one:,}"
            for one in vars(need).values()
        ]
        lines.append(f"For {options.wanted}: {ends[1]} rows ({ends[0]} to {ends[2]}).")
    elif curve.points:
        data |= shown[0]
    print_answer(options, data, [*lines, data["basis"]])


def _basis(curve: "LearningCurve") -> str:
    return curve.refusal or " ".join(curve.notes)


def _points(options: argparse.Namespace) -> tuple[list[tuple[object, object]], bool]:
    """Return rows and scores, and whether the scores were percentages: one above 1 says so."""
    from lib.estimator.checked import number

    found: list[tuple[str, float]] = []
    for one in options.points.split(","):
        rows, colon, score = one.partition(":")
        if not (colon and rows.strip() and score.strip()):
            raise InputError(
                f"The points hold '{one.strip()[:40]}': write them as rows:score, such as "
                "100:71.5,400:78."
            )
        found.append((rows.strip(), number("score", score, most=1e6)))
    fractions = options.measure == "loss" or options.best is not None
    percent = not fractions and any(score > 1 for _, score in found)
    return [(rows, _divided(score, 100 if percent else 1)) for rows, score in found], percent


def _divided(score: object, scale: int) -> float:
    from lib.estimator.checked import number

    if scale == 1 or str(score).strip().endswith("%"):
        return number("wanted score", score, most=1e6)
    most = 100 if scale == 100 else 1e6
    return number("score", score, most=most) / scale


def _score(value: float, percent: bool) -> str:
    return f"{100 * value:.1f} %" if percent else f"{value:.4g}"
