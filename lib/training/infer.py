"""Makes a task from labelled rows alone, for people who bring data and no `task.yaml`.

Also reads the two formats of hosted tuning services, `{"messages": [...]}` and
`{"prompt", "completion"}`, by turning them into the project's own rows.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib.errors import DataError
from lib.rows import LabelledRow, read_records, row_from_record
from lib.task import Data, Kind, Prompts, PromptTemplate, Task

MAX_LABELS = 50
_MAX_CHARACTERS = 8_000
_MAX_ANSWER_CHARACTERS = 1_000

Record = dict[str, Any]


def read_training_rows(path: Path, task: Task | None) -> tuple[Task, list[LabelledRow]]:
    """Return the rows of a file in any format that `train` takes, and the task they belong to.

    Raises:
        DataError: if the rows can't be read, or don't show what kind of task they are.
    """
    records = [
        (line, _own_format(record, f"{path.name}, line {line}"))
        for line, record in read_records(path)
    ]
    if not records:
        raise DataError(f"{path.name} holds no rows.")
    if task is None:
        task = infer_task(path.stem, [record for _, record in records])
    rows = [
        row_from_record(record, task, f"{path.name}, line {line}", default_id=f"line-{line}")
        for line, record in records
    ]
    return task, rows


def infer_task(name: str, records: Sequence[Record]) -> Task:
    """Return a task whose prompts name the keys or labels found in the rows."""
    kind = _kind(records)
    keys: dict[str, str] = {}
    labels: dict[str, str] = {}
    if kind == "extraction":
        for record in records:
            keys |= {key: key.replace("_", " ") for key in _as_object(record["target_json"])}
        if not keys:
            raise DataError("Every answer is {}: at least one row must have a key to learn.")
    elif kind == "classification":
        counts = Counter(str(record["label"]).strip() for record in records)
        if len(counts) < 2:
            raise DataError("Every row has the same label: there is nothing to tell apart.")
        if len(counts) > MAX_LABELS:
            raise DataError(
                f"The rows have {len(counts)} labels and {MAX_LABELS} is the most: join rare ones."
            )
        labels = {label: label.replace("_", " ") for label in sorted(counts)}
    return Task(
        id="own",
        title=name,
        kind=kind,
        summary=f"Made from {name}.",
        input_label="Text",
        max_characters=_MAX_CHARACTERS,
        max_new_tokens=_room_for_answers(records, kind),
        prompts=_prompts(kind, list(keys or labels)),
        samples=(),
        data=Data(name=name, source="the user's own file", licence="the user's own", credit=name),
        keys=keys,
        labels=labels,
    )


def _own_format(record: Record, where: str) -> Record:
    """Return a record in the project's own fields."""
    if "messages" in record:
        text, answer = _from_chat(record["messages"], where)
    elif "prompt" in record and "completion" in record:
        text, answer = record["prompt"], record["completion"]
    else:
        return record
    if (
        not isinstance(text, str)
        or not isinstance(answer, str)
        or not text.strip()
        or not answer.strip()
    ):
        raise DataError(f"{where}: the prompt and the answer must both be text.")
    own: Record = {"text": text.strip(), "id": record.get("id")}
    try:
        is_object = isinstance(json.loads(answer), dict)
    except (ValueError, RecursionError):
        is_object = False
    own["target_json" if is_object else "label"] = answer.strip()
    return own


def _from_chat(messages: Any, where: str) -> tuple[Any, Any]:
    if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
        raise DataError(f"{where}: 'messages' must be a list of objects.")
    turns = [
        (one.get("role"), one.get("content")) for one in messages if one.get("role") != "system"
    ]
    if [role for role, _ in turns] != ["user", "assistant"]:
        raise DataError(f"{where}: 'messages' must hold one user turn and then one assistant turn.")
    return turns[0][1], turns[1][1]


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


def _as_object(target: Any) -> dict[str, Any]:
    try:
        value = json.loads(target) if isinstance(target, str) else target
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise DataError("A 'target_json' is not a JSON object.")
    return value


def _room_for_answers(records: Sequence[Record], kind: Kind) -> int:
    """Return a token limit that the longest answer fits in; a token has at least one character."""
    fields = {
        "extraction": "target_json",
        "classification": "label",
        "question_answering": "answers",
    }
    longest = max(len(str(record[fields[kind]])) for record in records)
    if longest > _MAX_ANSWER_CHARACTERS:
        raise DataError(
            f"An answer has {longest:,} characters and {_MAX_ANSWER_CHARACTERS:,} is the most."
        )
    return min(512, max(16, longest // 2 + 16))


def _prompts(kind: Kind, names: Sequence[str]) -> Prompts:
    if kind == "question_answering":
        body = "Passage: {context}\n\nQuestion: {question}"
        plain = f"Answer the question with a short phrase from the passage.\n\n{body}"
        system = (
            "You answer questions about a passage. Copy the shortest phrase of the passage that answers "
            "the question, and write nothing else."
        )
        return Prompts(
            PromptTemplate(user=plain),
            PromptTemplate(user=body, system=system),
            PromptTemplate(user=body),
        )
    listed = ", ".join(names)
    if kind == "extraction":
        plain = f"Extract {listed} from this text as JSON.\n\n{{text}}"
        system = (
            f"You turn a text into one line of JSON. The keys are {listed}. Copy every value word for word "
            "from the text and leave out every key that the text does not mention. If there is none, "
            "write {}."
        )
    else:
        plain = f"Which of these labels fits the text: {listed}?\n\n{{text}}"
        system = (
            f"You label texts. Answer with exactly one of these labels and nothing else: {listed}."
        )
    return Prompts(
        PromptTemplate(user=plain),
        PromptTemplate(user="{text}", system=system),
        PromptTemplate(user="{text}"),
    )
