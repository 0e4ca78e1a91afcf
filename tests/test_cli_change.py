"""The commands on a changed requirement and on the gallery of losses, with a scripted model.

Run: python -m pytest tests/test_cli_change.py
"""

import json
import shutil
from pathlib import Path

import pytest

from lib.content.gallery import load_gallery
from lib.content.tasks import TASKS, load_task
from lib.evaluation.gallery_file import read_gallery
from lib.inference import adapter as adapter_files
from lib.inference.adapter import Adapter
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.prompts import fingerprint, template_for
from tests.fakes import FAKE_ADAPTER_SHA256, FAKE_BASE_SHA256, FakeComparer
from tests.running import Run, runner

COMPARE = ("compare", "--task", "booking", "--text", "for 4")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in this process."""
    return runner(capsys)


# ------------------------------------------------------------------ compare --change


def test_compare_answers_under_a_changed_requirement(run: Run, model: FakeComparer) -> None:
    model.replies = {Condition.LORA: '{"people": "4"}', Condition.PLAIN: "Sure!"}
    model.default_reply = '{"party": "4"}'
    found = run(*COMPARE, "--change", "party", "--json").json
    by_id = {one["id"]: one for one in found["conditions"]}
    assert found["change"] == "party"
    assert [by_id[one]["valid"] for one in ALL_CONDITIONS] == [False, True, False, True]
    assert by_id["lora"]["old_answer"] == {"people": "4"}
    assert by_id["plain"]["old_answer"] is None
    assert '"party": how many guests' in by_id["engineered"]["prompt"]


def test_compare_tells_the_old_form_from_no_form(run: Run, model: FakeComparer) -> None:
    model.replies = {Condition.LORA: '{"people": "4"}', Condition.PLAIN: "Sure!"}
    model.default_reply = '{"party": "4"}'
    plain, engineered, lora, *_ = run(*COMPARE, "--change", "party").out.splitlines()
    assert "not valid" in plain
    assert " valid " in engineered
    assert "old form" in lora


def test_compare_without_a_change_is_as_it_was(run: Run, model: FakeComparer) -> None:
    found = run(*COMPARE, "--json").json
    assert "change" not in found
    assert "old_answer" not in found["conditions"][0]


@pytest.mark.usefixtures("no_model")
def test_unknown_change_is_one_line_that_names_the_others(run: Run) -> None:
    ended = run(*COMPARE, "--change", "bar")
    assert ended.status == 2
    assert ended.err == "The task 'booking' has no change 'bar': choose from party, table.\n"


# ------------------------------------------------------------------ gallery


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The booking task elsewhere, with an adapter that nobody looks at."""
    copy = tmp_path / "booking"
    copy.mkdir()
    shutil.copy(TASKS / "booking" / "task.yaml", copy)
    (copy / "gallery.yaml").write_text(
        """items:
  - {id: a, title: A, inputs: {text: for 4}, expected: '{"people": "4"}', look: Why., loses: [lora]}
  - {id: b, title: B, inputs: {text: hi}, expected: '{}', look: Why., loses: [plain], wins: [lora]}
""",
        encoding="utf-8",
    )

    def check(task_id: str, task_folder: Path) -> Adapter:
        return Adapter("fake", task_folder, FAKE_ADAPTER_SHA256, 16)

    monkeypatch.setattr(adapter_files, "check", check)
    return copy


def test_gallery_writes_answers_fingerprints_and_what_is_right(
    run: Run, model: FakeComparer, folder: Path
) -> None:
    model.replies = {Condition.LORA: "{}", Condition.PLAIN: "Sure!"}
    model.default_reply = '{"people": "4"}'
    printed = run("gallery", "--task", folder, "--json").json
    assert printed["broken_claims"] == []
    task, measured = load_task(str(folder)), read_gallery(folder / "results" / "gallery.json")
    assert measured.right == {
        "a": {"plain": False, "engineered": True, "lora": False, "lora_engineered": True},
        "b": {"plain": False, "engineered": False, "lora": True, "lora_engineered": False},
    }
    assert not measured.items["a"].answers[Condition.PLAIN].valid
    assert measured.items["a"].answers[Condition.PLAIN].raw == "Sure!"
    assert measured.base_sha256 == FAKE_BASE_SHA256
    assert measured.adapter_sha256 == FAKE_ADAPTER_SHA256
    assert measured.prompt_sha256 == {
        one.value: fingerprint(template_for(task, one)) for one in ALL_CONDITIONS
    }
    gallery = load_gallery(task)
    assert gallery is not None
    assert measured.items["a"].inputs == gallery.items[0].inputs


def test_gallery_tells_claims_that_are_not_so(run: Run, model: FakeComparer, folder: Path) -> None:
    model.default_reply = '{"people": "4"}'
    out = run("gallery", "--task", folder).out
    assert "Said in gallery.yaml, and not so: a: lora is right." in out
    assert "Said in gallery.yaml, and not so: b: lora is wrong." in out


def test_gallery_can_be_written_elsewhere(
    run: Run, model: FakeComparer, folder: Path, tmp_path: Path
) -> None:
    run("gallery", "--task", folder, "--out", tmp_path / "new" / "mine.json")
    assert json.loads((tmp_path / "new" / "mine.json").read_text("utf-8"))["mode"] == "gallery"
    assert not (folder / "results").exists()


@pytest.mark.usefixtures("no_model")
def test_mistakes_are_told_before_the_model_loads(run: Run, folder: Path) -> None:
    text = (folder / "gallery.yaml").read_text("utf-8")
    (folder / "gallery.yaml").write_text(text.replace("loses: [lora]", "loses: [lore]"))
    assert "gallery.yaml, line 2: items.0.loses" in run("gallery", "--task", folder).err
    (folder / "gallery.yaml").unlink()
    ended = run("gallery", "--task", folder)
    assert (ended.status, ended.err) == (
        2,
        "The task 'booking' has no gallery: write gallery.yaml in its folder.\n",
    )


def test_expected_answer_that_is_none_is_told(run: Run, model: FakeComparer, folder: Path) -> None:
    text = (folder / "gallery.yaml").read_text("utf-8")
    (folder / "gallery.yaml").write_text(text.replace("'{}'", '\'{"guests": "4"}\''))
    ended = run("gallery", "--task", folder)
    assert ended.status == 2
    assert "'b' expects what is no answer of the task" in ended.err
    assert not model.compared
