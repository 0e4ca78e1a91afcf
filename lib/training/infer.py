"""Makes a task from labelled rows alone, for people who bring data and no `task.yaml`.

Also reads the two formats of hosted tuning services, `{"messages": [...]}` and
`{"prompt", "completion"}`, by turning them into the project's own rows.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lib.columns import LONGEST_LABEL, messages_of, shown_text
from lib.errors import DataError
from lib.rows import LabelledRow, read_records, row_from_record
from lib.task import Data, Kind, Prompts, Task
from lib.training.infer_prompts import key_prompts, key_uses, label_prompts, question_prompts

MAX_LABELS = 50
MAX_KEYS = 30
MAX_CHARACTERS = 8_000
"""Of one input."""
MAX_ANSWER_CHARACTERS = 1_000
MAX_ANSWER_TOKENS = 480
"""A task allows 512 tokens for an answer, some of them to spare."""
_TOKENS_TO_SPARE = 16

Record = dict[str, Any]


def read_training_rows(path: Path, task: Task | None) -> tuple[Task, list[LabelledRow]]:
    """Return the rows of a file in any format that `train` takes, and the task they belong to.

    Raises:
        DataError: if the rows can't be read, or don't show what kind of task they are.
    """
    read = list(read_records(path))
    records = [(line, _own_format(one, f"{path.name}, line {line}")) for line, one in read]
    if not records:
        raise DataError(f"{path.name} holds no rows.")
    if task is None:
        hosted = [own for (_, one), (_, own) in zip(read, records, strict=True) if one is not own]
        _refuse_free_texts(path.name, hosted)
        task = infer_task(path.stem, [record for _, record in records])
    rows = [
        row_from_record(record, task, f"{path.name}, line {line}", default_id=f"line-{line}")
        for line, record in records
    ]
    return task, rows


def infer_task(
    name: str, records: Sequence[Record], count: Callable[[str], int] | None = None
) -> Task:
    """Return a task whose prompts name the keys or labels found in the rows.

    `count` counts the tokens of an answer; without it there is room for as many as it can have.

    Raises:
        DataError: if the rows are of no kind, teach nothing, or have too many labels, too many
            keys, or too long an answer.
    """
    kind = _kind(records)
    keys: dict[str, str] = {}
    labels: dict[str, str] = {}
    if kind == "extraction":
        keys, prompts = _keys(records)
    elif kind == "classification":
        labels = _labels(records)
        prompts = label_prompts(list(labels))
    else:
        prompts = question_prompts()
    return Task(
        id="own",
        title=name,
        kind=kind,
        summary=f"Made from {name}.",
        input_label="Text",
        max_characters=MAX_CHARACTERS,
        max_new_tokens=_room_for_answers(records, kind, count),
        prompts=prompts,
        samples=(),
        data=Data(name=name, source="the user's own file", licence="the user's own", credit=name),
        keys=keys,
        labels=labels,
    )


def hosted_pair(record: Record) -> tuple[str, str] | None:
    """Return the user's text and the answer of a row as hosted services take it; None for others.

    The system message of a chat is left out.

    Raises:
        ValueError: saying what the row lacks, if it is of such a form and broken.
    """
    if "messages" in record:
        text, answer = _from_chat(messages_of(record))
    elif "prompt" in record and "completion" in record:
        text, answer = record["prompt"], record["completion"]
    else:
        return None
    # A content may be a list of parts, as in {"type": "text", "text": "..."}.
    text, answer = (shown_text(one) if isinstance(one, list) else one for one in (text, answer))
    if (
        not isinstance(text, str)
        or not isinstance(answer, str)
        or not text.strip()
        or not answer.strip()
    ):
        raise ValueError("the prompt and the answer must both be text")
    return text.strip(), answer.strip()


def free_texts(name: str) -> DataError:
    """Return the sentence for rows whose answers are of no kind that can be measured here."""
    return DataError(
        f"The answers in {name} are free texts, and only labels, JSON objects and phrases from a "
        f"passage can be measured here: give every row one of at most {MAX_LABELS} labels, or name "
        "the column that holds them."
    )


def too_many_labels(labels: int) -> DataError:
    """Return the sentence for rows with more labels than a prompt can list."""
    return DataError(f"The rows have {labels} labels and {MAX_LABELS} is the most: join rare ones.")


def _own_format(record: Record, where: str) -> Record:
    """Return a record in the project's own fields: itself if it has them already."""
    try:
        pair = hosted_pair(record)
    except ValueError as error:
        raise DataError(f"{where}: {error}.") from error
    if pair is None:
        return record
    text, answer = pair
    try:
        is_object = isinstance(json.loads(answer), dict)
    except (ValueError, RecursionError):
        is_object = False
    return {"text": text, "id": record.get("id"), "target_json" if is_object else "label": answer}


def _from_chat(messages: list[Any] | None) -> tuple[Any, Any]:
    if messages is None or not all(isinstance(one, dict) for one in messages):
        raise ValueError("'messages' must be a list of objects")
    turns = [
        (one.get("role"), one.get("content")) for one in messages if one.get("role") != "system"
    ]
    if [role for role, _ in turns] != ["user", "assistant"]:
        raise ValueError("'messages' must hold one user turn and then one assistant turn")
    return turns[0][1], turns[1][1]


def _refuse_free_texts(name: str, hosted: Sequence[Record]) -> None:
    """Refuse completions that are no labels: hosted formats don't say what an answer is."""
    answers = {record["label"] for record in hosted if "label" in record}
    if len(answers) > MAX_LABELS or any(len(one) > LONGEST_LABEL for one in answers):
        raise free_texts(name)


def _kind(records: Sequence[Record]) -> Kind:
    if all("target_json" in record for record in records):
        return "extraction"
    if all({"context", "question", "answers"} <= record.keys() for record in records):
        return "question_answering"
    if all("label" in record for record in records):
        return "classification"
    raise DataError(
        "The rows don't agree on a format: each needs text and label, text and target_json, or context, "
        "question and answers."
    )


def _labels(records: Sequence[Record]) -> dict[str, str]:
    counts = Counter(str(record["label"]).strip() for record in records)
    if len(counts) < 2:
        raise DataError(
            "Every row has the same label: there is nothing to tell apart, so add rows with others."
        )
    if len(counts) > MAX_LABELS:
        raise too_many_labels(len(counts))
    return {label: label.replace("_", " ") for label in sorted(counts)}


def _keys(records: Sequence[Record]) -> tuple[dict[str, str], Prompts]:
    uses = key_uses(
        [
            (str(record.get("text", "")), _texts_of(_as_object(record["target_json"])))
            for record in records
        ]
    )
    if not uses:
        raise DataError("Every answer is {}: at least one row must have a key to learn.")
    if len(uses) > MAX_KEYS:
        raise DataError(
            f"The answers have {len(uses)} keys and {MAX_KEYS} is the most: leave out rare ones."
        )
    return {one.name: one.meaning for one in uses}, key_prompts(uses)


def _texts_of(answer: dict[str, Any]) -> dict[str, str]:
    return {key: shown_text(value) for key, value in answer.items()}


def _as_object(target: Any) -> dict[str, Any]:
    try:
        value = json.loads(target) if isinstance(target, str) else target
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise DataError("A 'target_json' is not a JSON object.")
    return value


def _room_for_answers(
    records: Sequence[Record], kind: Kind, count: Callable[[str], int] | None
) -> int:
    """Return a token limit that the longest answer fits in, and its end."""
    answers = {answer for record in records for answer in _written(record, kind)}
    longest = max(map(len, answers), default=0)
    if longest > MAX_ANSWER_CHARACTERS:
        raise DataError(
            f"An answer has {longest:,} characters and {MAX_ANSWER_CHARACTERS:,} is the most: "
            "shorten it."
        )
    tokens = max(map(count or most_tokens, answers), default=0)
    return min(512, tokens + _TOKENS_TO_SPARE)


def _written(record: Record, kind: Kind) -> Iterator[str]:
    """Yield the answers of a record as a model writes them."""
    if kind == "extraction":
        yield json.dumps(_as_object(record["target_json"]), ensure_ascii=False)
    elif kind == "classification":
        yield str(record["label"]).strip()
    elif isinstance(record["answers"], list):
        yield from map(str, record["answers"])
    else:
        yield str(record["answers"])


def most_tokens(text: str) -> int:
    """Return about how many tokens a text has at the most.

    The demo model's tokenizer gives every digit and most signs a token of their own, capitals in a
    row often too, and letters of other alphabets at most one a byte; two and more small English
    letters go to a token where they make words.
    """
    small = sum("a" <= one <= "z" for one in text)
    spaces = text.count(" ")  # part of the word after them
    return -(-small // 2) + len(text.encode(errors="replace")) - small - spaces
