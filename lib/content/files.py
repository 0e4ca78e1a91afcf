"""Reads one content file into one checked object, or says in one line what is wrong with it."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from lib.errors import ContentError

T = TypeVar("T")


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        ContentError: if it is missing or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ContentError(f"{_short(path)} is missing.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"{_short(path)} can't be read as UTF-8 text.") from error


def read_yaml(path: Path, kind: type[T], **extra: Any) -> T:
    """Return a YAML file as `kind`, which is a pydantic model or dataclass.

    `extra` are fields that the file itself must not set.

    Raises:
        ContentError: naming file, line and field.
    """
    text = read_text(path)
    try:
        data = yaml.safe_load(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "not valid YAML"
        raise ContentError(f"{_short(path)}, line {line}: {problem}.") from error
    if not isinstance(data, dict):
        raise ContentError(f"{_short(path)}, line 1: a mapping of fields is needed.")
    for field in extra:
        if field in data:
            raise ContentError(f"{_short(path)}, line 1: '{field}' is not set in the file.")
    try:
        return TypeAdapter(kind).validate_python({**data, **extra})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        line = _line_of(node, first["loc"])
        raise ContentError(f"{_short(path)}, line {line}: {field}: {first['msg']}.") from error


def _line_of(node: yaml.Node | None, loc: tuple[int | str, ...]) -> int:
    """Return the line of the deepest part of a field's path that the file has."""
    line = 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif (
            isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value)
        ):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _short(path: Path) -> str:
    """Return the last parts of a path: enough to find the file, the same on every machine."""
    return "/".join(path.parts[-4:])
