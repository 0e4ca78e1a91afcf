"""The commands: one JSON object or a short answer, and one line for every mistake.

Run: python -m pytest tests/test_cli.py
"""

import hashlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lib import cli
from lib.content.tasks import TASKS
from lib.evaluation import evaluate as evaluation
from lib.evaluation.answering import Mode, RowReply
from lib.evaluation.runner import Predictions
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.rows import LabelledRow
from lib.task import Task
from tests.fakes import FAKE_ADAPTER_SHA256, FAKE_BASE_SHA256, FakeComparer
from tests.running import Ended, Run, runner

ROOT = Path(__file__).parents[1]
CONDITION_NAMES = ["plain", "engineered", "lora", "lora_engineered"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in this process."""
    return runner(capsys)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Three rows of the booking task."""
    return _write_rows(
        tmp_path / "rows.jsonl",
        [
            {"text": "for 2", "target_json": '{"people": "2"}'},
            {"text": "for 3 at noon", "target_json": '{"people": "3", "time": "noon"}'},
            {"text": "hello", "target_json": "{}"},
        ],
    )


def _write_rows(path: Path, records: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def _is_one_line(ended: Ended, *parts: str) -> None:
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.endswith("\n")
    assert ended.err.count("\n") == 1, ended.err
    assert "Traceback" not in ended.err
    for part in parts:
        assert part in ended.err


# ------------------------------------------------------------------------- mistakes

BOOKING = ("--task", "booking")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "command"),
        (["dance"], "dance"),
        (["compare", "--text", "for 2"], "--task"),
        (["compare", *BOOKING], "--text"),
        (["compare", *BOOKING, "--text", "x", "--no-such-option"], "--no-such-option"),
        (["compare", "--task", "bookin", "--text", "x"], "'bookin' is neither a task"),
        (["compare", "--task", "", "--text", "x"], "is neither a task"),
        (["compare", *BOOKING, "--text", ""], "The text is empty"),
        (["compare", *BOOKING, "--text", " \n\t "], "The text is empty"),
        (["compare", *BOOKING, "--text", "x" * 100_000], "100,000 characters"),
        (["compare", *BOOKING, "--text", "x", "--context", "y"], "takes no --context"),
        (["compare", *BOOKING, "--context", "y"], "needs --text"),
        (["compare", *BOOKING, "--text", "x", "--conditions", "magic"], "'magic' is not a"),
        (["compare", *BOOKING, "--text", "x", "--conditions", ","], "No condition is named"),
        (["evaluate", *BOOKING], "--data"),
        (["evaluate", *BOOKING, "--data", "gone.jsonl"], "gone.jsonl"),
        (["evaluate", *BOOKING, "--data", "gone.txt"], "neither .jsonl nor .csv"),
        (["evaluate", *BOOKING, "--data", "x.jsonl", "--limit", "0"], "'0' is not a whole number"),
        (["evaluate", *BOOKING, "--data", "x.jsonl", "--limit", "-3"], "--limit"),
        (["evaluate", *BOOKING, "--data", "x.jsonl", "--limit", "ten"], "'ten' is not a"),
        (["evaluate", *BOOKING, "--data", "x.jsonl", "--mode", "guess"], "--mode"),
        (["train", "--data", "gone.jsonl", "--out", "o"], "gone.jsonl"),
        (["train", "--data", "x.jsonl"], "--out"),
        (["train", "--data", "x", "--out", "o", "--recipe", "gone.yaml"], "gone.yaml is missing"),
        (["prepare", *BOOKING, "--source", "gone.json", "--out", "o"], "gone.json"),
        (["check-port", "0"], "'0' is not a whole number"),
        (["check-port", "http"], "'http' is not a whole number"),
        (["check-port", "123456"], "Port 123456 can't be used"),
    ],
)
def test_mistake_is_one_line(
    run: Run,
    no_model: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    part: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    _is_one_line(run(*words), part)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--json"], []])
def test_mistake_is_one_line_with_and_without_json(
    run: Run, no_model: None, words: list[str]
) -> None:
    _is_one_line(run("compare", *BOOKING, "--text", "", *words), "The text is empty")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("{", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"text": "for 2"}', "'target_json' must be an object"),
        ('{"target_json": "{}"}', "'text' is missing or empty"),
        ('{"text": "for 2", "target_json": "{"}', "'target_json' is not JSON"),
        ('{"text": "for 2", "target_json": {"colour": "red"}}', "'colour'"),
    ],
)
@pytest.mark.parametrize("command", ["evaluate", "train"])
def test_broken_row_is_named_by_file_and_line(
    run: Run, no_model: None, tmp_path: Path, command: str, line: str, part: str
) -> None:
    file = tmp_path / "broken.jsonl"
    good = '{"text": "for 2", "target_json": {"people": "2"}}'
    file.write_text(f"{good}\n{line}\n", encoding="utf-8")
    words = [command, *BOOKING, "--data", file]
    if command == "train":
        words += ["--out", tmp_path / "out"]
    _is_one_line(run(*words), "broken.jsonl, line 2", part)


def test_file_that_is_no_text_is_one_line(run: Run, no_model: None, tmp_path: Path) -> None:
    file = tmp_path / "binary.jsonl"
    file.write_bytes(b"\xff\xfe\x00\x01")
    _is_one_line(run("evaluate", *BOOKING, "--data", file), "binary.jsonl is not UTF-8 text")


def test_folder_in_place_of_a_file_is_one_line(run: Run, no_model: None, tmp_path: Path) -> None:
    folder = tmp_path / "folder.jsonl"
    folder.mkdir()
    _is_one_line(run("evaluate", *BOOKING, "--data", folder), "can't be read")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("rank: 8\nlerning_rate: 0.1\n", ["recipe.yaml, line 2", "lerning_rate"]),
        ("seed: 1\nrank: -1\n", ["recipe.yaml, line 2", "rank"]),
        ("rank: [\n", ["recipe.yaml, line "]),
        ("just words\n", ["recipe.yaml, line 1"]),
    ],
)
def test_mistake_in_a_recipe_names_file_line_and_field(
    run: Run, no_model: None, rows: Path, tmp_path: Path, text: str, parts: list[str]
) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(text, encoding="utf-8")
    ended = run("train", "--data", rows, "--out", tmp_path / "out", "--recipe", recipe)
    _is_one_line(ended, *parts)
    assert not (tmp_path / "out").exists()


def test_output_folder_that_is_a_file_is_one_line(
    run: Run, no_model: None, rows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    _is_one_line(run("train", "--data", rows, "--out", out), "can't be written")
    assert out.read_text() == "mine"


def test_measured_file_that_cannot_be_written_is_told_before_the_work(
    run: Run, no_model: None, rows: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    for out in (tmp_path / "file" / "test.json", tmp_path / "folder"):
        _is_one_line(run("evaluate", *BOOKING, "--data", rows, "--out", out), "can't be written")


def test_mistake_in_a_task_folder_names_file_line_and_field(
    run: Run, no_model: None, tmp_path: Path
) -> None:
    (tmp_path / "task.yaml").write_text("id: mine\nkind: magic\n", encoding="utf-8")
    _is_one_line(run("compare", "--task", tmp_path, "--text", "x"), "task.yaml, line ")


def test_mistake_leaves_no_traceback_in_a_process_of_its_own() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "lib", "compare", "--task", "nothing", "--text", "x"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    _is_one_line(Ended(ended.returncode, ended.stdout, ended.stderr), "'nothing' is neither a task")


def test_interrupt_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_check_content", interrupted)
    ended = run("check-content")
    assert (ended.status, ended.out, ended.err) == (130, "", "Stopped.\n")


# ------------------------------------------------------------------------- compare


def test_compare_prints_the_promised_object(run: Run, model: FakeComparer) -> None:
    model.replies = {Condition.PLAIN: "Sure!"}
    printed = run("compare", *BOOKING, "--text", " A table for 2 ", "--json").json
    assert printed["task"] == "booking"
    assert printed["text"] == "A table for 2"
    assert printed["seconds"] == 0.25
    assert printed["base_model"] == "a fake model"
    assert printed["base_sha256"] == FAKE_BASE_SHA256
    assert printed["dtype"] == "float32"
    assert printed["self_check"] == "passed"
    assert [one["id"] for one in printed["conditions"]] == CONDITION_NAMES
    plain, engineered, lora, _ = printed["conditions"]
    assert (plain["answer"], plain["raw"], plain["valid"]) == (None, "Sure!", False)
    assert plain["output_tokens"] == len("Sure!")
    assert plain["adapter_sha256"] is None
    assert (engineered["answer"], engineered["valid"]) == ({"people": "2"}, True)
    assert engineered["raw"] == '{"people": "2"}'
    assert lora["adapter_sha256"] == FAKE_ADAPTER_SHA256
    for one in printed["conditions"]:
        assert one["prompt_tokens"] > one["cached_tokens"] == 0
        assert len(one["prompt_sha256"]) == 64


def test_failed_self_check_is_printed(run: Run, model: FakeComparer) -> None:
    model.self_check_passes = False
    assert run("compare", *BOOKING, "--text", "x", "--json").json["self_check"] == "failed"


def test_compare_runs_only_the_conditions_it_was_given_in_the_fixed_order(
    run: Run, model: FakeComparer
) -> None:
    printed = run("compare", *BOOKING, "--text", "x", "--conditions", "lora, plain", "--json").json
    assert [one["id"] for one in printed["conditions"]] == ["plain", "lora"]


def test_compare_without_json_prints_a_line_for_each_condition(
    run: Run, model: FakeComparer
) -> None:
    ended = run("compare", *BOOKING, "--text", "x")
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert [line.split("  ")[0] for line in lines[:4]] == [one.shown_as for one in ALL_CONDITIONS]
    assert len(lines) == 5


# ------------------------------------------------------------------------- evaluate


@pytest.fixture
def predictions(monkeypatch: pytest.MonkeyPatch, model: FakeComparer) -> None:
    """Answers without a model: LoRA is always right, the others never."""

    def predict(
        comparer: FakeComparer,
        task: Task,
        rows: Sequence[LabelledRow],
        conditions: Sequence[Condition],
        on_progress: Callable[[int, int], None],
        mode: Mode,
    ) -> Predictions:
        made: dict[Condition, list[RowReply]] = {}
        for condition in conditions:
            answers = [
                json.dumps(row.target) if condition is Condition.LORA else "no JSON" for row in rows
            ]
            made[condition] = [
                RowReply(row.id, answer, True, 10, 4)
                for row, answer in zip(rows, answers, strict=True)
            ]
            on_progress(len(rows), len(rows) * len(conditions))
        return Predictions(made, 1.5, FAKE_ADAPTER_SHA256, 0)

    monkeypatch.setattr(evaluation, "predict", predict)


def test_evaluate_prints_the_promised_object(run: Run, predictions: None, rows: Path) -> None:
    printed = run("evaluate", *BOOKING, "--data", rows, "--json").json
    assert printed["task"] == "booking"
    assert printed["rows"] == 3
    assert printed["unscored_rows"] == 0
    assert printed["mode"] == "generate"
    assert printed["dtype"] == "float32"
    assert printed["base_sha256"] == FAKE_BASE_SHA256
    assert printed["seconds"] == 1.5
    assert list(printed["conditions"]) == CONDITION_NAMES
    lora, plain = printed["conditions"]["lora"], printed["conditions"]["plain"]
    assert (lora["exact_match"], lora["field_f1"], lora["valid_rate"]) == (1, 1, 1)
    assert (lora["mean_prompt_tokens"], lora["mean_output_tokens"]) == (10, 4)
    low, high = lora["interval95"]
    assert 0 < low < high == 1
    assert (plain["exact_match"], plain["field_f1"], plain["valid_rate"]) == (0, 0, 0)


def test_evaluate_takes_the_first_rows_and_the_named_conditions(
    run: Run, predictions: None, rows: Path
) -> None:
    words = ("--data", rows, "--limit", 2, "--conditions", "lora", "--json")
    printed = run("evaluate", *BOOKING, *words).json
    assert printed["rows"] == 2
    assert list(printed["conditions"]) == ["lora"]


def test_evaluate_writes_a_measured_file_that_names_its_command(
    run: Run, predictions: None, rows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "results" / "test.json"
    printed = run("evaluate", *BOOKING, "--data", rows, "--out", out, "--json").json
    measured = json.loads(out.read_text(encoding="utf-8"))
    assert measured == printed
    assert measured["command"] == (
        f"python -m lib evaluate --task booking --data {rows} --out {out} --json"
    )
    of_rows = out.with_name("test_rows.csv").read_text(encoding="utf-8").splitlines()
    assert len(of_rows) == 1 + 3 * 4


def test_evaluate_without_json_prints_a_line_for_each_condition(
    run: Run, predictions: None, rows: Path
) -> None:
    ended = run("evaluate", *BOOKING, "--data", rows)
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert lines[0] == "Booking request: 3 rows, exact match"
    assert [line.split()[0] for line in lines[1:]] == CONDITION_NAMES


# ------------------------------------------------------------------------- prepare

PUBLISHED = [
    {
        "userInput": {"text": "Table for two at 8"},
        "labels": [
            {"slot": "people", "valueSpan": {"startIndex": 10, "endIndex": 13}},
            {"slot": "time", "valueSpan": {"startIndex": 17, "endIndex": 18}},
        ],
    },
    {"userInput": {"text": "Hello"}},
    {
        "userInput": {"text": "Zoë"},
        "labels": [{"slot": "first_name", "valueSpan": {"endIndex": 3}}],
    },
]
PREPARED = (
    '{"id": "train-2", "text": "Zoë", "target_json": "{\\"first_name\\": \\"Zoë\\"}"}\n'
    '{"id": "train-0", "text": "Table for two at 8", '
    '"target_json": "{\\"people\\": \\"two\\", \\"time\\": \\"8\\"}"}\n'
)


@pytest.fixture
def own_task(tmp_path: Path) -> Path:
    """A task folder that takes two rows of a published file of three, in another order."""
    folder = tmp_path / "own"
    folder.mkdir()
    shutil.copy(TASKS / "booking" / "task.yaml", folder)
    choice = {
        "about": "made up",
        "train": {
            "source": "train_0.json",
            "published_rows": 3,
            "positions": [2, 0],
            "sha256": hashlib.sha256(PREPARED.encode()).hexdigest(),
        },
    }
    (folder / "rows.json").write_text(json.dumps(choice))
    return folder


def test_prepare_writes_exactly_the_chosen_rows(run: Run, own_task: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "train_0.json", tmp_path / "new" / "rows.jsonl"
    source.write_text(json.dumps(PUBLISHED))
    words = ("prepare", "--task", own_task, "--source", source, "--out", out)
    assert run(*words, "--json").json == {"rows": 2, "out": str(out)}
    assert out.read_text(encoding="utf-8") == PREPARED


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("train_1.json", json.dumps(PUBLISHED), "not one of the published files (train_0.json)"),
        ("train_0.json", json.dumps(PUBLISHED[:2]), "has 2 rows and the published file 3"),
        ("train_0.json", json.dumps(PUBLISHED).replace("two", "six"), "differs from the published"),
        ("train_0.json", "{}", "is not a list of rows"),
        ("train_0.json", "oops", "is not JSON"),
        ("train_0.json", "[1, 2, 3]", "differs from the published"),
    ],
)
def test_prepare_refuses_another_file_in_one_line(
    run: Run, own_task: Path, tmp_path: Path, name: str, content: str, part: str
) -> None:
    source, out = tmp_path / name, tmp_path / "rows.jsonl"
    source.write_text(content)
    _is_one_line(run("prepare", "--task", own_task, "--source", source, "--out", out), part)
    assert not out.exists()


def test_prepare_needs_published_data(run: Run, own_task: Path, tmp_path: Path) -> None:
    (own_task / "rows.json").unlink()
    words = ("prepare", "--task", own_task, "--source", "x.json", "--out", tmp_path / "o.jsonl")
    _is_one_line(run(*words), "has no published data")


# ------------------------------------------------------------------------- the small ones


def test_taken_port_is_one_line_that_names_another(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        _is_one_line(run("check-port", port), f"Port {port} can't be used", "PORT=8502")


def test_free_port_is_confirmed(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert run("check-port", port, "--json").json == {"port": port, "free": True}


@pytest.mark.slow
def test_content_of_the_project_is_fine(run: Run) -> None:
    assert run("check-content", "--json").json == {"problems": [], "overdue": []}


def test_every_command_has_help(run: Run) -> None:
    for name in ("prepare", "train", "compare", "evaluate", "setup-model", "check-content"):
        ended = run(name, "--help")
        assert ended.status == 0
        assert "--json" in ended.out
