"""The gallery of losses: what is claimed was measured, with the prompts and the adapter that are here.

Run: python -m pytest tests/content/test_gallery.py
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from lib.content.gallery import Gallery, broken_claims, gallery_file, load_gallery
from lib.content.tasks import TASKS, load_task, task_names
from lib.errors import ContentError
from lib.evaluation.gallery_file import MeasuredGallery, read_gallery
from lib.inference import adapter as adapter_files
from lib.inference.base_model import GGUF_SHA256
from lib.inference.conditions import ALL_CONDITIONS
from lib.inference.parsing import parse_answer
from lib.inference.prompts import fingerprint, template_for

_TASKS = [name for name in task_names() if gallery_file(load_task(name)).is_file()]
every_gallery = pytest.mark.parametrize("name", _TASKS)
AT_LEAST = 12


def _gallery(name: str) -> Gallery:
    gallery = load_gallery(load_task(name))
    assert gallery is not None
    return gallery


def _measured(name: str) -> MeasuredGallery:
    return read_gallery(TASKS / name / "results" / "gallery.json")


# ------------------------------------------------------------------ as it is committed


@every_gallery
def test_enough_inputs_and_the_losses_of_lora_come_first(name: str) -> None:
    items = _gallery(name).items
    assert len(items) >= AT_LEAST
    assert "lora" in items[0].loses


@every_gallery
def test_what_is_claimed_was_measured(name: str) -> None:
    assert broken_claims(_gallery(name).items, _measured(name).right) == []


@every_gallery
def test_the_inputs_were_measured_as_they_stand_here(name: str) -> None:
    # The measured file may hold more: what is taken out of a gallery need not be measured again.
    measured = {id: (one.inputs, one.expected) for id, one in _measured(name).items.items()}
    for item in _gallery(name).items:
        assert measured[item.id] == (item.inputs, item.expected)


@every_gallery
def test_it_was_measured_with_the_adapter_and_the_prompts_that_are_here(name: str) -> None:
    task, measured = load_task(name), _measured(name)
    current = {one.value: fingerprint(template_for(task, one)) for one in ALL_CONDITIONS}
    assert measured.prompt_sha256 == current
    assert measured.adapter_sha256 == adapter_files.check(name, TASKS / name).sha256
    assert measured.base_sha256 == GGUF_SHA256


@every_gallery
def test_expected_answers_parse_and_are_copied_from_the_text(name: str) -> None:
    task = load_task(name)
    for item in _gallery(name).items:
        expected = parse_answer(task, item.expected)
        assert expected is not None, item.id
        if isinstance(expected, dict):
            assert [one for one in expected.values() if one not in item.inputs["text"]] == []


@every_gallery
def test_no_input_is_a_solved_example_or_a_sample(name: str) -> None:
    task = load_task(name)
    known = [one.inputs for one in (*task.prompts.engineered.examples, *task.samples)]
    assert [one.id for one in _gallery(name).items if one.inputs in known] == []


# ------------------------------------------------------------------ how it is read


def _item(id: str, loses: list[str], **more: Any) -> dict[str, Any]:
    given = {"id": id, "title": id, "inputs": {"text": f"for {id}"}, "expected": "{}"}
    return {**given, "look": "Why.", "loses": loses, **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A task's folder without a gallery."""
    copy = tmp_path / "booking"
    copy.mkdir()
    shutil.copy(TASKS / "booking" / "task.yaml", copy)
    return copy


def _load(folder: Path, *items: dict[str, Any]) -> Gallery | None:
    (folder / "gallery.yaml").write_text(yaml.safe_dump({"items": list(items)}), encoding="utf-8")
    return load_gallery(load_task(str(folder)))


def test_a_task_without_a_gallery_has_none(folder: Path) -> None:
    assert load_gallery(load_task(str(folder))) is None


def test_an_item_becomes_a_sample_of_the_demo(folder: Path) -> None:
    gallery = _load(folder, _item("one", ["lora"]))
    assert gallery is not None
    sample = gallery.items[0].as_sample
    assert (sample.id, sample.inputs, sample.note) == ("one", {"text": "for one"}, "Why.")


@pytest.mark.parametrize(
    ("items", "problem"),
    [
        ([_item("a", ["lora"]), _item("a", ["lora"])], "two items have the id 'a'"),
        ([_item("a", ["plain"]), _item("b", ["lora"])], "'b' has to stand among the first"),
        ([_item("a", ["lora"], wins=["lora"])], "'lora' can't lose and win"),
        ([_item("a", [])], "loses"),
        ([_item("a", ["classic"])], "loses"),
        ([_item("a", ["lora"], inputs={"word": "x"})], "a: `inputs` needs text"),
        ([_item("menu", ["lora"])], "'menu' is the id of a sample"),
        ([], "items"),
    ],
)
def test_a_gallery_that_makes_no_sense_is_refused(
    folder: Path, items: list[dict[str, Any]], problem: str
) -> None:
    with pytest.raises(ContentError, match=rf"gallery\.yaml.*{problem}"):
        _load(folder, *items)


def test_every_broken_claim_is_told(folder: Path) -> None:
    gallery = _load(
        folder, _item("a", ["lora"], wins=["engineered"]), _item("b", ["lora", "plain"])
    )
    assert gallery is not None
    right = {"a": {"lora": True, "engineered": False}, "b": {"lora": False}}
    assert broken_claims(gallery.items, right) == [
        "a: lora is right",
        "a: engineered is wrong",
        "b: plain was not measured",
    ]


def test_a_measured_file_of_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "gallery.json"
    file.write_text(json.dumps({"date": "2026-01-02"}), encoding="utf-8")
    with pytest.raises(ContentError, match="run `python -m lib gallery` again"):
        read_gallery(file)
