"""The sample sets of `content/samples/`: labelled rows that we wrote, for people without any."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from lib.content.glossary import Text
from lib.errors import ContentError, DataError
from lib.files import read_yaml, shown_path
from lib.paths import CONTENT
from lib.rows import read_records
from lib.task import INPUT_FIELDS, Kind

FOLDER = CONTENT / "samples"
MIN_ROWS = 200

_STRICT = ConfigDict(extra="forbid")
_ANSWER_FIELDS: dict[Kind, str] = {
    "extraction": "target_json",
    "classification": "label",
    "question_answering": "answers",
}


@dataclass(frozen=True, config=_STRICT)
class SampleSet:
    """One file of labelled rows with its words for the train page."""

    id: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    file: Annotated[str, Field(pattern=r"^[a-z_]+\.jsonl$")]
    title: Text
    about: Text
    kind: Kind

    @property
    def path(self) -> Path:
        """Where the rows are."""
        return FOLDER / self.file


@dataclass(frozen=True, config=_STRICT)
class _File:
    sets: Annotated[tuple[SampleSet, ...], Field(min_length=1)]


def load_sample_sets() -> tuple[SampleSet, ...]:
    """Return the sample sets in the order of `samples.yaml`; the rows themselves stay unread.

    Raises:
        ContentError: naming file and field, if the list is broken, an id or a file stands in it
            twice, or a file is missing.
    """
    listing = FOLDER / "samples.yaml"
    sets = read_yaml(listing, _File).sets
    for what, names in (("id", [one.id for one in sets]), ("file", [one.file for one in sets])):
        name, times = Counter(names).most_common(1)[0]
        if times > 1:
            raise ContentError(f"{shown_path(listing)}: {what}: '{name}' stands there twice.")
    for one in sets:
        if not one.path.is_file():
            raise ContentError(f"{shown_path(one.path)} is missing.")
    return sets


def check_samples() -> None:
    """Read every row of every sample set.

    Raises:
        ContentError: naming the file, and the line where there is one, if a row lacks a field that
            its kind needs, stands there twice, or a set has fewer than 200 rows.
    """
    for one in load_sample_sets():
        try:
            records = list(read_records(one.path))
        except DataError as error:
            raise ContentError(f"samples/{error}") from error
        if len(records) < MIN_ROWS:
            raise ContentError(
                f"samples/{one.file} has {len(records)} rows, {MIN_ROWS} is the least."
            )
        _check_records(one, records)


def _check_records(one: SampleSet, records: Sequence[tuple[int, dict[str, Any]]]) -> None:
    inputs, seen = INPUT_FIELDS[one.kind], set[tuple[str, ...]]()
    for line, record in records:
        where = f"samples/{one.file}, line {line}"
        for name in ("id", *inputs, _ANSWER_FIELDS[one.kind]):
            if not record.get(name):
                raise ContentError(f"{where}: the field '{name}' is missing or empty.")
        row = tuple(str(record[name]).strip().lower() for name in inputs)
        if row in seen:
            raise ContentError(f"{where}: the row stands there twice.")
        seen.add(row)
