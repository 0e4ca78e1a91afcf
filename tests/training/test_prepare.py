"""Prepared rows: the chosen ones of several files, byte for byte, or one sentence that says why not.

Run: python -m pytest tests/training/test_prepare.py
"""

import hashlib
import json
import zipfile
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from lib.content.tasks import TASKS, load_task
from lib.errors import ContentError, DataError
from lib.files import read_yaml
from lib.task import Task
from lib.training.prepare import prepare
from lib.training.published import READERS

FILES = {
    "amazon_cells_labelled.txt": "Fine.\t1\nBroke at once.\t0\nGood case.\t1\n",
    "reviews.csv": ",Review Text,Rating\n0,Too tight,1\n1,So so,3\n2,Lovely,5\n",
}
PREPARED = {
    "train": [
        '{"id": "amazon-2", "text": "Good case.", "label": "positive"}\n',
        '{"id": "amazon-1", "text": "Broke at once.", "label": "negative"}\n',
        '{"id": "cr-2", "text": "Lovely", "label": "positive"}\n',
    ],
    "sentences": ['{"id": "amazon-0", "text": "Fine.", "label": "positive", "domain": "amazon"}\n'],
}


def _part(source: str, positions: list[int], lines: list[str], **more: Any) -> dict[str, Any]:
    data, ids = {
        "amazon_cells_labelled.txt": ("uci_sentences", "amazon"),
        "reviews.csv": ("clothing_reviews", "cr"),
    }[source]
    sha256 = hashlib.sha256("".join(lines).encode()).hexdigest()
    own = {"source": source, "data": data, "ids": ids, "published_rows": 3}
    return {**own, "positions": positions, "sha256": sha256, **more}


CHOICE = {
    "about": "made up",
    "train": [
        _part("amazon_cells_labelled.txt", [2, 1], PREPARED["train"][:2]),
        _part("reviews.csv", [2], PREPARED["train"][2:]),
    ],
    "sentences": _part(
        "amazon_cells_labelled.txt",
        [0],
        PREPARED["sentences"],
        fields=["text", "label", "domain"],
    ),
}


@pytest.fixture
def task(classification_task: Task, tmp_path: Path) -> Task:
    """A task whose training rows come from two files, one of which holds its test rows too."""
    (tmp_path / "rows.json").write_text(json.dumps(CHOICE))
    return replace(classification_task, folder=tmp_path)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """The two published files."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return [tmp_path / name for name in FILES]


def test_a_set_takes_its_rows_from_several_files(
    task: Task, files: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "new" / "rows.jsonl"

    assert prepare(task, files, out, "train") == 3

    assert out.read_bytes().decode() == "".join(PREPARED["train"])


def test_without_a_name_all_sets_of_the_given_files_are_written(
    task: Task, files: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "rows.jsonl"

    prepare(task, files[::-1], out)
    assert out.read_text() == "".join(PREPARED["train"] + PREPARED["sentences"])

    prepare(task, files[:1], out)
    assert out.read_text() == "".join(PREPARED["sentences"])


def test_files_may_lie_in_an_archive(task: Task, tmp_path: Path) -> None:
    archive, out = tmp_path / "Archive.ZIP", tmp_path / "rows.jsonl"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("readme.txt", "nothing")
        for name, text in FILES.items():
            packed.writestr(f"some folder/{name}", text)

    prepare(task, [archive], out, "train")

    assert out.read_text() == "".join(PREPARED["train"])


def test_an_id_and_a_label_come_from_split_and_team(task: Task, tmp_path: Path) -> None:
    line = '{"id": "clinc-val-1", "text": "send it", "label": "cards"}\n'
    part = {
        "source": "full.json",
        "data": "clinc150",
        "split": "val",
        "ids": "clinc-val",
        "published_rows": 2,
        "positions": [1],
        "sha256": hashlib.sha256(line.encode()).hexdigest(),
    }
    (tmp_path / "rows.json").write_text(json.dumps({"about": "made up", "other": part}))
    (tmp_path / "intents.yaml").write_text("clinc150:\n  cards: [new_card, lost]\n")
    source, out = tmp_path / "full.json", tmp_path / "rows.jsonl"
    source.write_text(json.dumps({"val": [["a", "b"], ["send  it", "lost"]], "test": []}))

    prepare(task, [source], out)

    assert out.read_text() == line


def _questions(folder: Path, row_ids: list[str], answers: str = '["Rome"]') -> Path:
    """Write a choice by published ids, and the file that has two of them; return the file."""
    line = f'{{"id": "q2", "context": "To Rome.", "question": "Where?", "answers": {answers}}}\n'
    part = {
        "source": "xquad.en.json",
        "data": "xquad",
        "published_rows": 2,
        "row_ids": row_ids,
        "fields": ["context", "question", "answers"],
        "sha256": hashlib.sha256(line.encode()).hexdigest(),
    }
    (folder / "rows.json").write_text(json.dumps({"xquad": part}))
    asked = [
        {"id": id, "question": question, "answers": [{"text": "Rome", "answer_start": 3}]}
        for id, question in (("q1", "Why?"), ("q2", "Where? "))
    ]
    paragraph = {"context": "To Rome.\n", "qas": asked}
    source = folder / "xquad.en.json"
    source.write_text(json.dumps({"data": [{"title": "t", "paragraphs": [paragraph]}]}))
    return source


def test_rows_with_ids_of_their_own_are_chosen_by_them_and_keep_them(
    qa_task: Task, tmp_path: Path
) -> None:
    task = replace(qa_task, folder=tmp_path)
    out = tmp_path / "rows.jsonl"

    assert prepare(task, [_questions(tmp_path, ["q2"])], out) == 1

    assert json.loads(out.read_text()) == {
        "id": "q2",
        "context": "To Rome.",
        "question": "Where?",
        "answers": ["Rome"],
    }


@pytest.mark.parametrize(("ids", "answers"), [(["q3"], '["Rome"]'), (["q2"], '["Romy"]')])
def test_a_file_without_the_chosen_rows_is_refused(
    qa_task: Task, tmp_path: Path, ids: list[str], answers: str
) -> None:
    task = replace(qa_task, folder=tmp_path)
    source = _questions(tmp_path, ids, answers)

    with pytest.raises(DataError, match=r"^xquad\.en\.json differs from the published file"):
        prepare(task, [source], tmp_path / "rows.jsonl")


def test_a_part_names_its_rows_by_position_or_by_id(
    task: Task, files: list[Path], tmp_path: Path
) -> None:
    for more in ({"positions": []}, {"row_ids": ["a"]}):
        part = _part("reviews.csv", [0], []) | more
        (tmp_path / "rows.json").write_text(json.dumps({"train": part}))
        with pytest.raises(ContentError, match=r"rows\.json is not a choice of rows"):
            prepare(task, files, tmp_path / "rows.jsonl")


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("reviews.csv", "a,b\n1,2\n1,2\n1,2\n", "reviews.csv differs from the published file"),
        ("reviews.csv", "", "reviews.csv has 0 rows and the published file 3"),
        ("reviews.csv", FILES["reviews.csv"].replace("5", "6"), "reviews.csv differs"),
        ("reviews.csv", FILES["reviews.csv"].replace("Love", "Ugly"), "reviews.csv differs"),
        ("amazon_cells_labelled.txt", "Fine.\nNot\nmarked", "amazon_cells_labelled.txt differs"),
        ("amazon_cells_labelled.txt", b"Cr\xeape\t1\n", "amazon_cells_labelled.txt is not UTF-8"),
    ],
)
def test_another_file_is_refused_by_name(
    task: Task, files: list[Path], tmp_path: Path, name: str, text: str | bytes, complaint: str
) -> None:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(DataError, match=complaint):
        prepare(task, files, tmp_path / "rows.jsonl", "train")

    assert not (tmp_path / "rows.jsonl").exists()


def test_missing_files_are_named(task: Task, files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^The set 'train' also needs amazon_cells_labelled\.txt:"):
        prepare(task, files[1:], tmp_path / "rows.jsonl")


def test_an_unknown_set_names_those_that_exist(
    task: Task, files: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="no set 'tests': choose one of train, sentences"):
        prepare(task, files, tmp_path / "rows.jsonl", "tests")


def test_archives_without_the_files_are_refused(task: Task, tmp_path: Path) -> None:
    broken, other = tmp_path / "broken.zip", tmp_path / "other.zip"
    broken.write_text("no archive")
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("readme.txt", "nothing")

    with pytest.raises(DataError, match=r"^broken\.zip can't be unpacked"):
        prepare(task, [broken], tmp_path / "rows.jsonl")
    with pytest.raises(DataError, match=r"^other\.zip holds none of the published files \(amazon"):
        prepare(task, [other], tmp_path / "rows.jsonl")


@pytest.mark.parametrize("text", ["[]", "{", '{"train": {"source": "a.csv"}}'])
def test_a_broken_choice_is_the_editors_mistake(task: Task, tmp_path: Path, text: str) -> None:
    (tmp_path / "rows.json").write_text(text)

    with pytest.raises(ContentError, match=r"rows\.json is not a choice of rows"):
        prepare(task, [tmp_path / "a.csv"], tmp_path / "rows.jsonl")


# ---------------------------------------------------------------- the tasks that come with it

CHOICES = sorted(TASKS.glob("*/rows.json"))


def _parts(choice: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: parts if isinstance(parts, list) else [parts]
        for name, parts in choice.items()
        if name != "about"
    }


@pytest.mark.parametrize("file", CHOICES, ids=lambda file: file.parent.name)
def test_no_published_row_is_chosen_twice(file: Path) -> None:
    """A row of a test set is never a training row too."""
    places = {}
    for name, parts in _parts(json.loads(file.read_text(encoding="utf-8"))).items():
        chosen = [
            (part["source"], part.get("split"), position)
            for part in parts
            for position in part.get("positions") or part["row_ids"]
        ]
        assert len(set(chosen)) == len(chosen)
        assert all(
            0 <= at < part["published_rows"] for part in parts for at in part.get("positions", ())
        )
        places[name] = set(chosen)

    for one, other in combinations(places, 2):
        assert not places[one] & places[other], f"{one} and {other} share rows"


@pytest.mark.parametrize("file", CHOICES, ids=lambda file: file.parent.name)
def test_every_file_of_a_task_has_a_reader(file: Path) -> None:
    task = load_task(str(file.parent))
    for parts in _parts(json.loads(file.read_text(encoding="utf-8"))).values():
        assert {part.get("data", task.data.name) for part in parts} <= READERS.keys()


def test_every_intent_goes_to_one_label_of_the_task() -> None:
    for file in TASKS.glob("*/intents.yaml"):
        task = load_task(str(file.parent))
        for labels in read_yaml(file, dict[str, dict[str, list[str]]]).values():
            intents = [intent for mapped in labels.values() for intent in mapped]
            assert len(set(intents)) == len(intents)
            assert labels.keys() - task.labels.keys() <= {"out_of_scope"}


@pytest.mark.parametrize("position", [3, -1])
def test_a_position_beyond_the_published_rows_is_told(
    task: Task, files: list[Path], tmp_path: Path, position: int
) -> None:
    parts = {"train": _part("reviews.csv", [0, position], [])}
    (tmp_path / "rows.json").write_text(json.dumps(parts))
    with pytest.raises(ContentError, match="a position that no published row has"):
        prepare(task, files, tmp_path / "rows.jsonl", "train")
