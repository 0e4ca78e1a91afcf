"""What kind of job somebody's rows are: labels, JSON objects, or phrases from a passage.

Knows columns and texts only; what a single answer is made of stands in `answers`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.columns import (
    LABEL_NAMES,
    LONGEST_LABEL,
    Roles,
    RowText,
    find_roles,
    output_kind,
    row_texts,
    shown_text,
)
from lib.errors import DataError, InputError
from lib.inference.phrases import places
from lib.task import Kind
from lib.training.infer import MAX_LABELS, free_texts, hosted_pair, too_many_labels
from lib.uploads import Fields, Upload
from lib.verdict.answers import Unusable, as_object, phrases_of

_PASSAGE_NAMES = ("context", "passage", "paragraph", "document", "article", "story")
_QUESTION_NAMES = ("question", "query")
_ANSWER_NAMES = ("answers", "answer", "answer_text", "response")
_FORMATS: dict[str, frozenset[str]] = {
    "messages": frozenset({"messages"}),
    "prompt and completion": frozenset({"prompt", "completion"}),
    "context, question and answers": frozenset({"context", "question", "answers"}),
    "text and target_json": frozenset({"text", "target_json"}),
    "text and label": frozenset({"text", "label"}),
}
_MOST = 0.9  # of the rows have to be of one kind; the others are left out
_MANY_PHRASES, _FEW_PHRASES = 0.5, 0.1
"""The share of answers that have to stand in their passage: the less where the names of the columns
speak for questions already."""
_LOOK_AT = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """One row before its answer is looked at; `why` where it can't be used."""

    number: int
    inputs: dict[str, str]
    answer: Any
    why: str = ""


@dataclass(frozen=True)
class Understood:
    """What the columns mean, and the rows read by it."""

    roles: Roles
    kind: Kind
    drafts: tuple[Draft, ...]


def understand_columns(
    upload: Upload, inputs: Sequence[str] | None = None, output: str | None = None
) -> Understood:
    """Return the kind of an upload's rows, and each row's inputs and answer as they stand there.

    Raises:
        DataError: if a named column is missing, no column holds answers, the rows are of several
            formats, or their answers are free texts.
    """
    if not inputs:
        _check_one_format(upload)
    try:
        roles = _roles(upload, inputs, output)
    except InputError as error:
        raise DataError(f"{upload.name}: {error}") from error
    if roles.form == "chat":
        drafts = _chat_drafts(upload)
        return Understood(roles, _kind(upload, roles, drafts, chosen=False), drafts)
    if roles.output is None:
        raise DataError(
            f"No column of {upload.name} looks like answers: name the column that holds them, or "
            "add one."
        )
    drafts = tuple(_column_drafts(upload, roles))
    kind = _kind(upload, roles, drafts, chosen=bool(output))
    if kind == "question_answering":
        roles, drafts = _as_questions(upload, roles)
    return Understood(roles, kind, drafts)


def _roles(upload: Upload, inputs: Sequence[str] | None, output: str | None) -> Roles:
    """Return what the columns mean; what is not named is guessed from the rest."""
    if inputs and not output:
        guess = find_roles(upload).output
        return find_roles(upload, inputs, None if guess in inputs else guess)
    questions = None if inputs else _question_roles(upload)
    if questions and output in (None, questions.output):
        return questions
    return find_roles(upload, inputs, output)


def _check_one_format(upload: Upload) -> None:
    first: dict[str, int] = {}
    for row in upload.rows:
        have = {name.lower() for name, value in row.fields.items() if value not in (None, "")}
        form = next((one for one, names in _FORMATS.items() if names <= have), None)
        if form:
            first.setdefault(form, row.number)
    if len(first) > 1:
        (one, here), (other, there) = list(first.items())[:2]
        raise DataError(
            f"{upload.name} mixes formats: row {here} has {one}, row {there} has {other}; write "
            "all rows in one of them."
        )


def _question_roles(upload: Upload) -> Roles | None:
    """Return the columns of a passage, a question and an answer where they have usual names."""
    lower = {one.lower(): one for one in upload.columns}
    passage, question, answer = (
        next((lower[one] for one in names if one in lower), None)
        for names in (_PASSAGE_NAMES, _QUESTION_NAMES, _ANSWER_NAMES)
    )
    if passage is None or question is None or answer is None:
        return None
    why = f"By their names, '{passage}' and '{question}' are the input and '{answer}' the output."
    return Roles("columns", (passage, question), answer, why)


# ---------------------------------------------------------------- rows


def _chat_drafts(upload: Upload) -> tuple[Draft, ...]:
    drafts = []
    for row in upload.rows:
        try:
            pair = hosted_pair(row.fields)
        except ValueError as error:
            drafts.append(Draft(row.number, {}, None, str(error)))
        else:
            why = "" if pair else "it has no 'messages'"
            text, answer = pair or ("", "")
            drafts.append(Draft(row.number, {"text": text}, answer, why))
    return tuple(drafts)


def _column_drafts(upload: Upload, roles: Roles) -> list[Draft]:
    assert roles.output is not None
    return [
        Draft(row.number, {"text": text.input.strip()}, row.fields.get(roles.output))
        for row, text in zip(upload.rows, row_texts(upload, roles), strict=True)
    ]


def _as_questions(upload: Upload, roles: Roles) -> tuple[Roles, tuple[Draft, ...]]:
    """Return the rows with passage and question apart, the passage first."""
    assert roles.output is not None
    passage, question = _passage_first(upload, roles.inputs)
    drafts = [
        Draft(
            row.number,
            {
                "context": shown_text(row.fields.get(passage)).strip(),
                "question": shown_text(row.fields.get(question)).strip(),
            },
            row.fields.get(roles.output),
        )
        for row in upload.rows
    ]
    return replace(roles, inputs=(passage, question)), tuple(drafts)


def _passage_first(upload: Upload, inputs: Sequence[str]) -> tuple[str, str]:
    one, other = inputs
    if one.lower() in _PASSAGE_NAMES or other.lower() in _QUESTION_NAMES:
        return one, other
    if other.lower() in _PASSAGE_NAMES or one.lower() in _QUESTION_NAMES:
        return other, one
    first, second = (
        sum(len(shown_text(row.fields.get(name))) for row in upload.rows) for name in inputs
    )
    return (one, other) if first >= second else (other, one)


# ---------------------------------------------------------------- kinds


def _kind(upload: Upload, roles: Roles, drafts: Sequence[Draft], chosen: bool) -> Kind:
    given = [one for one in drafts if not one.why]
    texts = [RowText(one.number, "", shown_text(one.answer).strip()) for one in given]
    texts = [one for one in texts if one.output]
    if not texts:
        raise DataError(_no_answers(upload, roles, drafts))
    if roles.output is not None and _own_questions(roles):
        return "question_answering"
    objects = sum(as_object(one.output) is not None for one in texts)
    if objects >= _MOST * len(texts):
        return "extraction"
    least = _FEW_PHRASES if _named_questions(roles.inputs) else _MANY_PHRASES
    phrases = _share_of_phrases(upload, roles) if len(roles.inputs) == 2 else 0.0
    if phrases >= least and not _repeats(texts, roles):
        return "question_answering"
    if objects > (1 - _MOST) * len(texts):
        raise DataError(
            f"{upload.name} mixes formats: {objects:,} answers are JSON objects and "
            f"{len(texts) - objects:,} are not; write all of them in one form."
        )
    _check_labels(upload, roles, texts, chosen)
    return "classification"


def _no_answers(upload: Upload, roles: Roles, drafts: Sequence[Draft]) -> str:
    why = next((one.why for one in drafts if one.why), "")
    if why:
        return f"No row of {upload.name} can be used, because {why}: mend the rows."
    where = f"the column '{roles.output}'" if roles.output else "the last message"
    return (
        f"Every answer in {upload.name} is empty ({where}): fill it, or name the column that holds "
        "the answers."
    )


def _named_questions(inputs: Sequence[str]) -> bool:
    names = {one.lower() for one in inputs}
    return len(inputs) == 2 and all(
        names.intersection(usual) for usual in (_PASSAGE_NAMES, _QUESTION_NAMES)
    )


def _own_questions(roles: Roles) -> bool:
    """Whether these are the project's own fields, which leave nothing to guess."""
    names = {one.lower() for one in roles.inputs}
    return names == {"context", "question"} and (roles.output or "").lower() == "answers"


def _share_of_phrases(upload: Upload, roles: Roles) -> float:
    """Return the share of the answers that are phrases of their passage."""
    assert roles.output is not None
    passage, _ = _passage_first(upload, roles.inputs)
    looked = upload.rows[:: max(1, len(upload.rows) // _LOOK_AT)]
    found = [_stands(row.fields, passage, roles.output) for row in looked]
    answered = [one for one in found if one is not None]
    return sum(answered) / len(answered) if answered else 0.0


def _stands(fields: Fields, passage: str, output: str) -> bool | None:
    try:
        phrases = phrases_of(fields.get(output))
    except Unusable:
        return None
    text = shown_text(fields.get(passage))
    return any(places(one, text) for one in phrases)


def _repeats(texts: Sequence[RowText], roles: Roles) -> bool:
    """Whether the answers are a few labels that come again and again, such as yes and no."""
    different = len({one.output for one in texts})
    return output_kind(texts, roles) == "labels" and different <= min(MAX_LABELS, len(texts) / 10)


def _check_labels(upload: Upload, roles: Roles, texts: Sequence[RowText], chosen: bool) -> None:
    short = [one for one in texts if len(one.output) <= LONGEST_LABEL]
    if len(short) < _MOST * len(texts):
        raise free_texts(upload.name)
    if output_kind(short, roles) == "labels":
        return
    different = len({one.output for one in short})
    named = chosen or (roles.output or "").lower() in LABEL_NAMES
    if different > MAX_LABELS and (named or 2 * different <= len(short)):
        raise too_many_labels(different)
    if not named:
        raise free_texts(upload.name)
