"""What hosted tuning services would reject in a file, by the rules in `content/facts/hosted_rules.csv`.

Every rule names who applies it and where that is written. Rows that are no chats are judged as if
they were turned into chats: the input as the user's message, the output as the assistant's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from lib.columns import Roles, RowText, messages_of, shown_text
from lib.errors import ContentError
from lib.estimator.row_tokens import CHARACTERS_PER_TOKEN, CountTokens
from lib.files import read_csv, shown_path
from lib.paths import CONTENT
from lib.uploads import Upload

ROLES = frozenset({"system", "user", "assistant", "tool", "function"})
_RULES = frozenset(
    {
        "too-few-rows",
        "no-messages",
        "missing-key",
        "unknown-role",
        "empty-content",
        "no-user",
        "last-not-assistant",
        "role-repeated",
        "too-long",
    }
)

_Name = Annotated[str, Field(min_length=1)]


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class HostedRule:
    """One thing that a service rejects, cuts or warns about."""

    id: _Name
    limit: Annotated[str, Field(pattern=r"^\d*$")]
    problem: _Name
    cure: _Name
    who: _Name
    source: _Name
    checked_on: date

    @property
    def problem_shown(self) -> str:
        """The problem with its limit filled in, to stand inside a sentence."""
        return self.problem.replace("{limit}", f"{int(self.limit):,}" if self.limit else "")


@dataclass(frozen=True)
class Rejection:
    """A rule that the file breaks."""

    rule: HostedRule
    rows: tuple[int, ...]
    """Which rows, by number; none where the file as a whole is meant."""


@cache
def load_rules(path: Path = CONTENT / "facts" / "hosted_rules.csv") -> dict[str, HostedRule]:
    """Return the rules by id, in the order of the file.

    Raises:
        ContentError: naming file, line and field, or the rule that is missing or unknown.
    """
    rules = {one.id: one for one in read_csv(path, HostedRule)}
    if odd := sorted(_RULES ^ rules.keys()):
        raise ContentError(f"{shown_path(path)}: the rule '{odd[0]}' is missing or unknown.")
    return rules


def find_rejections(
    upload: Upload, roles: Roles, rows: Sequence[RowText], count: CountTokens | None
) -> tuple[Rejection, ...]:
    """Return the rules that a file breaks, with the rows that break them."""
    rules = load_rules()
    broken: dict[str, list[int]] = {one: [] for one in rules}
    for source, row in zip(upload.rows, rows, strict=True):
        found = _chat_problems(source.fields) if roles.form == "chat" else _pair_problems(row)
        for one in dict.fromkeys(found):
            broken[one].append(row.number)
    broken["too-long"] = _too_long(rows, count, int(rules["too-long"].limit))
    few = len(rows) < int(rules["too-few-rows"].limit)
    return tuple(
        Rejection(rule, tuple(broken[name]))
        for name, rule in rules.items()
        if broken[name] or (name == "too-few-rows" and few)
    )


def _pair_problems(row: RowText) -> Iterator[str]:
    if not row.input.strip() or not row.output.strip():
        yield "empty-content"


def _chat_problems(fields: dict[str, Any]) -> Iterator[str]:
    messages = messages_of(fields)
    if not messages:
        yield "no-messages"
        return
    before: object = None
    for one in messages:
        if not isinstance(one, dict) or not {"role", "content"} <= one.keys():
            # An answer that calls a tool has no content.
            if not (isinstance(one, dict) and "role" in one and _calls(one)):
                yield "missing-key"
        elif not shown_text(one["content"]).strip() and not _calls(one):
            yield "empty-content"
        role = one.get("role") if isinstance(one, dict) else None
        if role is not None and role not in ROLES:
            yield "unknown-role"
        if role is not None and role == before and role != "tool":
            yield "role-repeated"
        before = role
    said = [one.get("role") for one in messages if isinstance(one, dict)]
    if "user" not in said:
        yield "no-user"
    if not said or said[-1] != "assistant":
        yield "last-not-assistant"


def _calls(message: dict[str, Any]) -> bool:
    return bool(message.get("tool_calls") or message.get("function_call"))


def _too_long(rows: Sequence[RowText], count: CountTokens | None, limit: int) -> list[int]:
    """Return the rows with more tokens than the limit; only long ones have to be counted."""
    # A token has at least one byte.
    long = [one for one in rows if len(one.whole.encode()) > limit]
    if count is None:
        return [one.number for one in long if len(one.whole) / CHARACTERS_PER_TOKEN > limit]
    tokens = count([one.whole for one in long])
    return [one.number for one, found in zip(long, tokens, strict=True) if found > limit]
