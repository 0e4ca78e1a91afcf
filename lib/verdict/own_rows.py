"""Somebody's file -> a task, the rows that can be used, and what was left out and why.

Every mistake of a file is told in one sentence, before anything is trained. Knows no model: tokens
are counted by whoever can, or estimated.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lib.columns import ID_NAMES, Roles, normalised
from lib.errors import DataError
from lib.rows import LabelledRow, as_record
from lib.task import Kind, Task
from lib.training.infer import (
    MAX_ANSWER_CHARACTERS,
    MAX_ANSWER_TOKENS,
    MAX_CHARACTERS,
    infer_task,
)
from lib.uploads import Upload
from lib.verdict.answers import (
    EMPTY_ANSWER,
    Found,
    Unusable,
    check_text,
    label_of,
    object_of,
    phrases_of,
)
from lib.verdict.division import divide
from lib.verdict.own_kind import Draft, understand_columns
from lib.verdict.own_notes import balance, notes_on, notes_on_columns

MAX_BYTES = 5_000_000
MAX_ROWS = 5_000
MIN_ROWS = 20

TEMPLATE_TOKENS = 31
"""What the demo model's chat template adds to a prompt with one user turn and its answer: counted
with its tokenizer (30 before the answer, the default system prompt among them, and the end)."""
CHARACTERS_PER_TOKEN = 4
"""Where nobody counts. `lib.estimator.row_tokens` says how far this is off."""

CountTokens = Callable[[str], int]

_REPEATED = "it repeats an earlier row"
_EMPTY_INPUT = "its text is empty"
_CURES = {
    _REPEATED: "add rows that differ",
    _EMPTY_INPUT: "fill them, or name the columns that hold the text",
    EMPTY_ANSWER: "fill them, or name the column that holds the answers",
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not used."""

    number: int
    """1 for the first row of data, as in `Upload.rows`."""
    why: str
    """Fits behind "it is left out because"; rows with the same reason have the same words."""


@dataclass(frozen=True)
class OwnRows:
    """What was understood of a file."""

    name: str
    task: Task
    rows: tuple[LabelledRow, ...]
    roles: Roles
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    """What people should know before they go on, one sentence each."""
    balance: tuple[tuple[str, int], ...]
    """Rows of each label, the most first; or of each key, and value where these are few; else none."""
    conflicts: int
    """Inputs that have different answers in different rows."""
    tokens: tuple[int, ...]
    """Of each row as it is trained: chat template, short prompt, and answer."""


def understand(
    upload: Upload,
    inputs: Sequence[str] | None = None,
    output: str | None = None,
    count: CountTokens | None = None,
    max_tokens: int = 1024,
) -> OwnRows:
    """Return the task that a file holds and its usable rows.

    `inputs` and `output` name the columns where the guess is wrong; `count` counts the tokens of a
    text; rows with more than `max_tokens` are left out.

    Raises:
        DataError: one sentence that says what is wrong with the file and what to do.
    """
    _check_size(upload)
    found = understand_columns(upload, inputs, output)
    sieve = _Sieve(found.kind, _ids(upload), count or _estimate, count, max_tokens)
    for draft in found.drafts:
        sieve.look_at(draft)
    name = upload.name.rpartition(".")[0] or upload.name
    _check_enough(upload.name, sieve)
    task = infer_task(name, [as_record(row) for row in sieve.rows], count)
    divide(task, sieve.rows)  # that this can be done is better known before the training
    conflicts = sum(len(answers) > 1 for answers in sieve.seen.values())
    return OwnRows(
        name=upload.name,
        task=task,
        rows=tuple(sieve.rows),
        roles=found.roles,
        left_out=tuple(sieve.left_out),
        notes=(
            *upload.notes,
            *notes_on_columns(upload, found.roles),
            *notes_on(task, sieve.rows, conflicts),
        ),
        balance=balance(task, sieve.rows),
        conflicts=conflicts,
        tokens=tuple(sieve.tokens),
    )


def _check_size(upload: Upload) -> None:
    if upload.size_bytes > MAX_BYTES:
        raise DataError(
            f"{upload.name} has {upload.size_bytes / 1e6:,.1f} MB and {MAX_BYTES // 1_000_000} MB "
            "is the most: upload a part of it, drawn at random."
        )
    if len(upload.rows) > MAX_ROWS:
        raise DataError(
            f"{upload.name} has {len(upload.rows):,} rows and {MAX_ROWS:,} is the most: upload so "
            "many of them, drawn at random."
        )


def _estimate(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def _ids(upload: Upload) -> dict[int, str]:
    """Return each row's own id where the file has one for every row, else its number."""
    for name in upload.columns:
        if name.lower() in ID_NAMES:
            own = [row.fields.get(name) for row in upload.rows]
            ids = [str(one).strip() for one in own if isinstance(one, str | int)]
            usable = len(set(ids)) == len(own) and all(0 < len(one) <= 60 for one in ids)
            if usable and all(one.isprintable() for one in ids):
                return {row.number: id for row, id in zip(upload.rows, ids, strict=True)}
    return {row.number: f"row-{row.number}" for row in upload.rows}


def _check_enough(name: str, sieve: "_Sieve") -> None:
    usable, left = len(sieve.rows), Counter(one.why for one in sieve.left_out)
    if usable >= MIN_ROWS:
        return
    if usable == 1 and left[_REPEATED]:
        raise DataError(f"All usable rows of {name} are the same: upload rows that differ.")
    count = f"{usable} usable row" + ("" if usable == 1 else "s")
    if not left:
        raise DataError(f"{name} has {count} and {MIN_ROWS} is the least: add labelled rows.")
    why, rows = left.most_common(1)[0]
    cure = _CURES.get(why, "shorten such rows" if "more than" in why else "mend such rows")
    raise DataError(
        f"{name} has {count} and {MIN_ROWS} is the least; {rows:,} of {len(sieve.ids):,} rows are "
        f"left out, each because {why}: {cure}."
    )


# ---------------------------------------------------------------- row by row


@dataclass
class _Sieve:
    """Keeps the rows that can be used, and says of the others why not."""

    kind: Kind
    ids: Mapping[int, str]
    count: CountTokens
    exact: CountTokens | None
    max_tokens: int
    rows: list[LabelledRow] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    seen: dict[str, set[str]] = field(default_factory=dict)
    """Answers by their normalised input."""

    def look_at(self, draft: Draft) -> None:
        try:
            row, tokens = self._usable(draft)
        except Unusable as reason:
            self.left_out.append(LeftOut(draft.number, str(reason)))
        else:
            self.rows.append(row)
            self.tokens.append(tokens)

    def _usable(self, draft: Draft) -> tuple[LabelledRow, int]:
        if draft.why:
            raise Unusable(draft.why)
        for name, text in draft.inputs.items():
            if not check_text(text):
                raise Unusable(_EMPTY_INPUT if name == "text" else f"its {name} is empty")
            if len(text) > MAX_CHARACTERS:
                raise Unusable(f"its text has more than {MAX_CHARACTERS:,} characters")
        target = _target(self.kind, draft.answer)
        row = LabelledRow(self.ids[draft.number], draft.inputs, target)
        tokens = self._check_length(row)
        key = "\n".join(map(normalised, draft.inputs.values()))
        answer = _compared(target)
        if answer in self.seen.setdefault(key, set()):
            raise Unusable(_REPEATED)
        self.seen[key].add(answer)
        return row, tokens

    def _check_length(self, row: LabelledRow) -> int:
        answers = _written(row)
        if max(map(len, answers)) > MAX_ANSWER_CHARACTERS:
            raise Unusable(f"its answer has more than {MAX_ANSWER_CHARACTERS:,} characters")
        if self.exact and max(map(self.exact, answers)) > MAX_ANSWER_TOKENS:
            raise Unusable(f"its answer has more than {MAX_ANSWER_TOKENS:,} tokens")
        texts = "\n".join(_as_prompted(self.kind, row.inputs))
        tokens = self.count(texts) + self.count(answers[0]) + TEMPLATE_TOKENS
        if tokens > self.max_tokens:
            raise Unusable(f"it has more than {self.max_tokens:,} tokens")
        return tokens


def _target(kind: Kind, answer: object) -> Found:
    if kind == "extraction":
        return object_of(answer)
    return label_of(answer) if kind == "classification" else phrases_of(answer)


def _as_prompted(kind: Kind, inputs: Mapping[str, str]) -> list[str]:
    if kind != "question_answering":
        return [inputs["text"]]
    return [f"Passage: {inputs['context']}\n", f"Question: {inputs['question']}"]


def _written(row: LabelledRow) -> list[str]:
    """Return the answers of a row as a model writes them."""
    if isinstance(row.target, dict):
        return [json.dumps(row.target, ensure_ascii=False)]
    return [row.target] if isinstance(row.target, str) else list(row.target)


def _compared(target: Found) -> str:
    if isinstance(target, dict):
        return json.dumps(target, sort_keys=True)
    return target if isinstance(target, str) else json.dumps(sorted(target))
