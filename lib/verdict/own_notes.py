"""What people should know about their rows before they train on them, one sentence each."""

from collections import Counter
from collections.abc import Sequence

from lib.columns import ID_NAMES, Roles, messages_of, normalised
from lib.inference.phrases import places
from lib.rows import LabelledRow
from lib.task import Task
from lib.training.infer_prompts import key_uses
from lib.uploads import Upload
from lib.verdict.division import FEWEST_TO_PART

_MOST_NAMED = 5


def notes_on_columns(upload: Upload, roles: Roles) -> tuple[str, ...]:
    """Return what of the file is not used: columns beside the chosen ones, system messages."""
    if roles.form == "chat":
        chats = (messages_of(row.fields) or [] for row in upload.rows)
        if any(
            isinstance(one, dict) and one.get("role") == "system" for each in chats for one in each
        ):
            return ("System messages are passed over: the prompts here are made anew.",)
        return ()
    used = {*roles.inputs, roles.output}
    unused = [one for one in upload.columns if one not in used and one.lower() not in ID_NAMES]
    if not unused:
        return ()
    return (f"Columns that are not used: {_named(unused)}.",)


def notes_on(task: Task, rows: Sequence[LabelledRow], conflicts: int) -> tuple[str, ...]:
    """Return what the usable rows show."""
    notes = []
    if conflicts:
        what = f"{_count(conflicts, 'text')} {'has' if conflicts == 1 else 'have'}"
        notes.append(
            f"{what} different answers in different rows: those rows are kept, and nothing can get "
            "all of them right."
        )
    if task.kind == "classification":
        notes += _on_labels(task, Counter(str(row.target) for row in rows))
    elif task.kind == "question_answering":
        notes += _on_questions(rows)
    return tuple(notes)


def balance(task: Task, rows: Sequence[LabelledRow]) -> tuple[tuple[str, int], ...]:
    """Return the rows of each label, the most first, or of each key in the task's order.

    Keys with a small fixed set of values come once for each value. Questions have no balance.
    """
    if task.kind == "classification":
        counts = Counter(str(row.target) for row in rows)
        return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
    answered = [(row.inputs["text"], row.target) for row in rows if isinstance(row.target, dict)]
    found: list[tuple[str, int]] = []
    for use in key_uses(answered) if task.kind == "extraction" else ():
        given = Counter(target[use.name] for _, target in answered if use.name in target)
        if use.choices:
            found += [(f"{use.name}: {value}", rows) for value, rows in given.most_common()]
        else:
            found.append((use.name, given.total()))
    return tuple(found)


def _on_labels(task: Task, counts: Counter[str]) -> list[str]:
    notes = []
    rare = [one for one in task.labels if counts[one] < FEWEST_TO_PART]
    if rare:
        notes.append(
            f"Labels with fewer than {FEWEST_TO_PART} rows are trained on and never tested: "
            f"{_named(rare)}."
        )
    spellings: dict[str, list[str]] = {}
    for label in task.labels:
        spellings.setdefault(normalised(label), []).append(label)
    notes += [
        f"Labels that differ only in case or spaces count as different: {_named(same)}."
        for same in spellings.values()
        if len(same) > 1
    ]
    if all(label.lstrip("-").replace(".", "", 1).isdecimal() for label in task.labels):
        notes.append(
            "The labels are numbers, which tell a prompt nothing: name them in words if you can."
        )
    return notes


def _on_questions(rows: Sequence[LabelledRow]) -> list[str]:
    passages = len({normalised(row.inputs["context"]) for row in rows})
    notes = [
        f"{_count(len(rows), 'question')} on {_count(passages, 'passage')}; all questions on one "
        "passage stay on one side of the test."
    ]
    lacking = sum(not _stands(row) for row in rows)
    if lacking:
        notes.append(
            f"In {_count(lacking, 'row')} the answer does not stand in the passage: kept, though "
            "a phrase of the passage can't match it."
        )
    return notes


def _stands(row: LabelledRow) -> bool:
    return any(
        one in row.inputs["context"] or places(one, row.inputs["context"]) for one in row.target
    )


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{one[:40]}'" for one in names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")
