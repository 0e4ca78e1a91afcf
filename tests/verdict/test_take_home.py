"""The zip to take home: what is in it, what stays out of it, and that its script says what it should.

Run: python -m pytest tests/verdict/test_take_home.py
"""

import ast
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib.content.tasks import load_task
from lib.errors import AdapterError, DataError
from lib.inference import adapter as adapter_files
from lib.inference import base_model
from lib.inference.compare import Comparer
from lib.inference.conditions import Condition
from lib.inference.prompts import build_messages
from lib.rows import read_rows
from lib.task import Prompts, PromptTemplate, Task
from lib.verdict.take_home import folder_name, pack
from lib.verdict.take_home_texts import run_script, serving_note
from tests.verdict.folders import finished_folder, write_card

HOSTILE = 'It\'s "odd" \\ {{}} {0} %s \'\'\' """ ``` \u2028 END\nEND\n明日 {text}'


@pytest.fixture
def folder(tmp_path: Path, classification_task: Task) -> Path:
    return finished_folder(tmp_path / "finished", classification_task)


def unzipped(content: bytes, to: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(to)
    (top,) = to.iterdir()
    return top


def names_in(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [name.partition("/")[2] for name in archive.namelist()]


# ---------------------------------------------------------------- what is in it


def test_everything_lies_under_one_folder(folder: Path) -> None:
    assert names_in(pack(folder)) == [
        "LICENCE.md",
        "README.md",
        "SERVE.md",
        "adapter/adapter_config.json",
        "adapter/adapter_model.safetensors",
        "recipe.yaml",
        "rows/test.jsonl",
        "rows/training.jsonl",
        "rows/validation.jsonl",
        "run.py",
        "task.yaml",
        "training.json",
        "verdict.json",
    ]


def test_what_was_taken_home_is_a_task_folder_again(folder: Path, tmp_path: Path) -> None:
    top = unzipped(pack(folder), tmp_path / "home")

    task = load_task(str(top))
    assert adapter_files.check(task.id, top).rank == 2
    assert [row.target for row in read_rows(top / "rows" / "test.jsonl", task)] == ["cards"]
    assert pack(top) != b""


def test_the_same_folder_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    for file in copy.rglob("*"):
        os.utime(file, (1e9, 1e9))
        file.chmod(0o700)

    assert pack(copy) == pack(folder)


def test_the_card_keeps_its_fingerprints_and_says_how_to_use_the_folder(folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(pack(folder))) as archive:
        card = archive.read("routing-adapter/README.md").decode()

    assert card.startswith((folder / "README.md").read_text())
    assert "python run.py 'TEXT'" in card
    assert "python -m lib compare --task DIR --text '...'" in card
    assert "your rows as they were divided (`rows/`)" in card


def test_rows_that_are_not_there_are_not_promised(folder: Path) -> None:
    shutil.rmtree(folder / "rows")
    (folder / "verdict.json").unlink()
    content = pack(folder)

    assert "rows/test.jsonl" not in names_in(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        card = archive.read("routing-adapter/README.md").decode()
    assert "rows" not in card
    assert "verdict" not in card


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("My Tickets (2026).csv", "my-tickets-2026-csv-adapter"),
        ("../../etc/passwd", "etc-passwd-adapter"),
        ("Größe", "groe-adapter"),
        ("明日", "my-adapter"),
        ("x" * 90, "x" * 40 + "-adapter"),
    ],
)
def test_the_folder_has_a_name_that_every_system_can_write(
    classification_task: Task, title: str, name: str
) -> None:
    assert folder_name(replace(classification_task, title=title)) == name


# ---------------------------------------------------------------- what stays out


def test_other_files_stay_where_they_are(folder: Path) -> None:
    (folder / "diary.jsonl").write_text("secret")
    (folder / "rows" / "more.jsonl").write_text("secret")

    assert not [name for name in names_in(pack(folder)) if "diary" in name or "more" in name]


def test_links_stay_where_they_are(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jsonl"
    outside.write_text("secret")
    (folder / "rows" / "test.jsonl").unlink()
    (folder / "rows" / "test.jsonl").symlink_to(outside)

    content = pack(folder)
    assert "rows/test.jsonl" not in names_in(content)


@pytest.mark.parametrize("linked", ["adapter", "task.yaml"])
def test_a_link_in_the_place_of_what_is_needed_counts_as_missing(
    folder: Path, tmp_path: Path, linked: str
) -> None:
    (folder / linked).rename(tmp_path / "elsewhere")
    (folder / linked).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(DataError, match=r"nothing to take home yet: .* is missing, so train"):
        pack(folder)


def test_a_training_that_has_not_ended_has_nothing_to_take_home(folder: Path) -> None:
    (folder / "README.md").unlink()  # written last

    with pytest.raises(DataError, match=r"nothing to take home yet: README.md is missing"):
        pack(folder)


def test_a_damaged_adapter_is_not_handed_out(folder: Path) -> None:
    with (folder / "adapter" / "adapter_model.safetensors").open("ab") as file:
        file.write(b"more")

    with pytest.raises(AdapterError, match="is not the one its model card names"):
        pack(folder)


# ---------------------------------------------------------------- the script and the notes


def literal(script: str, name: str) -> Any:
    """Return what a name is set to at the top of a script."""
    return next(
        ast.literal_eval(node.value)
        for node in ast.parse(script).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    )


def with_short(task: Task, template: PromptTemplate) -> Task:
    prompts = Prompts(task.prompts.plain, task.prompts.engineered, template)
    return replace(task, prompts=prompts)


@pytest.mark.parametrize("system", [None, "Sort it.", HOSTILE])
def test_the_script_holds_the_short_prompt_to_the_letter(
    classification_task: Task, system: str | None
) -> None:
    template = PromptTemplate(user=f"{HOSTILE} Team for: {{text}}", system=system)
    script = run_script(with_short(classification_task, template))

    compile(script, "run.py", "exec")
    assert literal(script, "MESSAGES") == build_messages(template, {"text": "{text}"})


def ran(script: str, folder: Path, words: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a script with stand-ins for the libraries; return what it asked of them."""
    asked = SimpleNamespace(messages=None, base=None)

    class Tokenizer:
        def apply_chat_template(self, messages: Any, **options: Any) -> Any:
            asked.messages = messages
            asked.options = options
            return {"input_ids": SimpleNamespace(shape=(1, 3))}

        def decode(self, ids: Any, **_: Any) -> str:
            return "cards"

    class Output:
        def __getitem__(self, where: tuple[int, slice]) -> list[int]:
            assert where == (0, slice(3, None))
            return [1]

    class Model:
        def eval(self) -> "Model":
            return self

        def generate(self, **options: Any) -> Any:
            asked.limit = options["max_new_tokens"]
            return Output()

    def tokenizer_of(base: str) -> Tokenizer:
        asked.base = base
        return Tokenizer()

    loaders = {
        "torch": {"float32": None, "inference_mode": lambda: io.StringIO()},
        "peft": {"PeftModel": SimpleNamespace(from_pretrained=lambda model, path: Model())},
        "transformers": {
            "AutoModelForCausalLM": SimpleNamespace(from_pretrained=lambda base, dtype: Model()),
            "AutoTokenizer": SimpleNamespace(from_pretrained=tokenizer_of),
        },
    }
    for name, content in loaders.items():
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(**content))
    monkeypatch.setattr(sys, "argv", ["run.py", *words])
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    exec(compile(script, "run.py", "exec"), {"__file__": str(folder / "run.py")})
    return asked


def test_the_script_fills_in_two_inputs_in_one_pass(
    folder: Path, qa_task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [" A {question} \\1 of taste. ", "Whose?", "other/base"]
    asked = ran(run_script(qa_task), folder, words, monkeypatch)

    given = {"context": "A {question} \\1 of taste.", "question": "Whose?"}
    assert asked.messages == build_messages(qa_task.prompts.short, given)
    assert asked.options["sanitize_control_tokens"] is True
    assert asked.base == "other/base"
    assert asked.limit == qa_task.max_new_tokens


def test_the_script_takes_the_base_model_that_the_adapter_names(
    folder: Path, classification_task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ran(run_script(classification_task), folder, ["a text"], monkeypatch)

    assert asked.base == base_model.HUB_ID


@pytest.mark.parametrize("words", [[], ["a", "b", "c"]])
def test_the_script_says_how_it_is_used(
    folder: Path, classification_task: Task, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=r"Usage: python run.py 'TEXT' \[BASE\]"):
        ran(run_script(classification_task), folder, words, monkeypatch)


@pytest.mark.parametrize(("rank", "largest"), [(2, 8), (8, 8), (16, 16), (20, 32)])
def test_the_serving_command_allows_the_rank(
    classification_task: Task, rank: int, largest: int
) -> None:
    note = serving_note(classification_task, base_model.HUB_ID, "routing-adapter", rank)

    assert (
        "vllm serve HuggingFaceTB/SmolLM2-135M-Instruct --enable-lora "
        f"--lora-modules routing-adapter=./adapter --max-lora-rank {largest}\n"
    ) in note
    assert "**not run here**" in note


def test_a_hostile_prompt_stays_inside_its_line_of_the_request(classification_task: Task) -> None:
    task = with_short(classification_task, PromptTemplate(user=HOSTILE))
    note = serving_note(task, base_model.HUB_ID, "x", 8)

    assert len(re.findall(r"^END$", note, re.MULTILINE)) == 1
    assert len(re.findall(r"^```$", note, re.MULTILINE)) == 4


# ---------------------------------------------------------------- in a program of somebody else


@pytest.mark.model
def test_the_script_answers_as_the_project_does_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POT_DTYPE", "fp32")
    task = load_task("sentiment")
    folder = tmp_path / "finished"
    (folder / "adapter").mkdir(parents=True)
    for name in ("task.yaml", "recipe.yaml", "training.json"):
        shutil.copy(task.folder / name, folder / name)
    for name in (adapter_files.CONFIG, adapter_files.WEIGHTS):
        shutil.copy(task.folder / "adapter" / name, folder / "adapter" / name)
    write_card(folder)
    top = unzipped(pack(folder), tmp_path / "home")
    text = " The {text} fits, the colour is lovely<|im_end|>, and it fell apart in a week. "

    ended = subprocess.run(
        [sys.executable, "-I", str(top / "run.py"), text, str(base_model.prepare())],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HF_HUB_OFFLINE": "1", "HOME": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        timeout=280,
    )

    comparer = Comparer(base_model.load())
    (reply,) = comparer.compare(load_task(str(top)), {"text": text}, [Condition.LORA]).replies
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"{reply.raw}\n"
    assert reply.valid
