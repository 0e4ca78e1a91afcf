"""Rewrites the prose of a prompt when the names in it change: keys or labels, renamed or added.

Works on text alone and by rule, so that an editor sees what will come out. It knows the forms in
which prompts name things: a word in a sentence, a line for each name, a list with commas.
"""

import re
from collections.abc import Collection, Mapping, Sequence

_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen",
)  # fmt: skip
_SEPARATOR = r"(?:\s*[,/|]\s*(?:(?:or|and)\s+)?|\s+(?:or|and)\s+)"
_ENDS = ".;,"


def renamed(text: str, names: Mapping[str, str], keep: Collection[str] = ()) -> str:
    """Return a text with the old names (as whole words) replaced, except in the phrases to keep."""
    if not names:
        return text
    kept = "|".join(map(re.escape, sorted(keep, key=len, reverse=True))) or "(?!)"
    found = re.compile(f"({kept})|{_word(names)}")
    return found.sub(lambda one: one[0] if one[1] else names[one[0]], text)


def names_in(text: str, names: Collection[str], keep: Collection[str] = ()) -> set[str]:
    """Return which of the names a text holds as whole words, outside the phrases to keep."""
    for phrase in keep:
        text = text.replace(phrase, " ")
    return set(re.findall(_word(names), text)) if names else set()


def with_name(text: str, names: Sequence[str], new: str, meaning: str) -> str:
    """Return a text that names one more thing wherever it names all of `names`.

    Lists get one more entry, a line for each name one more line, and a count in words goes up.
    """
    return with_count(_with_line(_with_entry(text, names, new), names, new, meaning), len(names))


def with_count(text: str, count: int) -> str:
    """Return a text in which a count in words is one higher: "eight teams" are nine."""
    if not 2 < count < len(_NUMBERS) - 1:
        return text
    return re.sub(rf"\b{_NUMBERS[count]}\b", _NUMBERS[count + 1], text)


def _word(names: Collection[str]) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)"


def _with_entry(text: str, names: Sequence[str], new: str) -> str:
    """Add the name to every list of all names: "a, b or c" becomes "a, b, c or d"."""
    one = rf"""["'`]?{_word(names)}["'`]?"""
    every = re.compile(rf"{one}(?:{_SEPARATOR}{one}){{{len(names) - 1}}}")

    def extended(found: re.Match[str]) -> str:
        if names_in(found[0], names) != set(names):
            return str(found[0])
        entries, between = re.findall(one, found[0]), re.split(one, found[0])[1:-1]
        entries.append(re.sub(_word(names), new, entries[-1]))
        last = between.pop() if between else " and "
        comma = between[0] if between else ", "
        glue = [*between, comma, last]
        return "".join(sign + entry for sign, entry in zip(["", *glue], entries, strict=True))

    return every.sub(extended, text)


def _with_line(text: str, names: Sequence[str], new: str, meaning: str) -> str:
    """Add a line behind the last one where each name has a line of its own, all in one form."""
    lines = text.split("\n")
    found = [_line_of(lines, name) for name in names]
    if not names or None in found:
        return text
    parts = [one for one in found if one is not None]
    forms = {(before, after) for _, before, after in parts}
    if len(forms) != 1:
        return text
    before, after = forms.pop()
    ordered = sorted(number for number, _, _ in parts)
    last, end = ordered[-1], _end(lines[ordered[-1]])
    closing = ")" if "(" in after else ""
    if len(ordered) > 1:
        lines[last] = lines[last].rstrip(_ENDS) + _end(lines[ordered[-2]])
    lines.insert(last + 1, f"{before}{new}{after}{meaning}{closing}{end}")
    return "\n".join(lines)


def _line_of(lines: Sequence[str], name: str) -> tuple[int, str, str] | None:
    """Return number, beginning and sign of the line that explains a name: `Team: x (...)`."""
    form = re.compile(rf"(?P<before>\W*(?:\w+:\s+)?\W*){re.escape(name)}(?P<after>\W+)\w")
    for number, line in enumerate(lines):
        if found := form.match(line):
            after = found["after"].rstrip("\"'")  # these open what the line quotes
            return number, found["before"], found["after"] if after.strip() == "" else after
    return None


def _end(line: str) -> str:
    return line[-1] if line and line[-1] in _ENDS else ""
