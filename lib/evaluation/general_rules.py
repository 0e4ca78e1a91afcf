"""Tells by rule whether a reply to a general question is right. Pure functions, no model.

Lenient on form: case, accents, curly quotes and hyphens don't count, and numbers may be digits or
words. An empty reply and one that is a JSON object or list as a whole are never right: nobody who
asks for the capital of France wants `{"date": "Paris"}`.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence

from lib.questions import Count, NamesFirst, Rule

_ALIKE = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": " ", "\u2014": " "}
_PLAIN_SIGNS = str.maketrans({**_ALIKE, "-": " "})
_WORD = re.compile(r"[^\W_]+(?:['’_-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?=[\s\"')\]*]|$)")
_NUMBER_OR_WORD = re.compile(r"\d[\d,]*(?:\.\d+)?|[a-z]+")

# fmt: off
_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six",
    "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]
# fmt: on
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
_LARGE = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}


def is_right(rule: Rule, question: str, reply: str) -> bool:
    """Return whether a reply keeps to the rule; the question tells which numbers are only repeated."""
    text = reply.strip()
    if not text or _is_json(text):
        return False
    return (
        _has_its_words(rule, fold(text))
        and (rule.number is None or _is_number(rule.number, question, text))
        and _has_its_form(rule, text)
    )


def fold(text: str) -> str:
    """Return text as phrases are compared: small letters without accents, hyphens as spaces."""
    bare = unicodedata.normalize("NFKD", text.translate(_PLAIN_SIGNS))
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(letters.casefold().split())


def is_right_inside(rule: Rule, question: str, reply: str) -> bool:
    """Return whether a reply is a JSON object whose values alone would be right.

    Such a reply is not right; it tells that the answer was there in a form that nobody asked for.
    """
    text = _without_fence(reply.strip())
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, dict):
        return False
    values = [str(one) for one in found.values() if isinstance(one, str | int | float)]
    return is_right(rule, question, " ".join(values))


def _is_json(text: str) -> bool:
    bare = _without_fence(text)
    if bare[:1] not in ("{", "["):
        return False
    try:
        json.loads(bare)
    except (ValueError, RecursionError):
        # An object that the token limit cut is one all the same.
        return re.match(r'[{\[]\s*"', bare) is not None
    return True


def _without_fence(text: str) -> str:
    return re.sub(r"^```\w*\s*|\s*```$", "", text)


# ------------------------------------------------------------------------- words


def _has_its_words(rule: Rule, folded: str) -> bool:
    return (
        (not rule.any_of or _names_any(folded, rule.any_of))
        and all(_names_any(folded, phrases) for phrases in rule.all_of)
        and not _names_any(folded, rule.none_of)
        and (
            rule.at_least is None
            or sum(_names_any(folded, [one]) for one in rule.at_least.of) >= rule.at_least.count
        )
        and (rule.names_first is None or _names_right_first(folded, rule.names_first))
        and (
            rule.times is None
            or len(_pattern(rule.times.phrase).findall(folded)) == rule.times.exactly
        )
    )


def _names_any(folded: str, phrases: Sequence[str]) -> bool:
    return any(_pattern(one).search(folded) for one in phrases)


def _names_right_first(folded: str, rule: NamesFirst) -> bool:
    right, wrong = (_first_place(folded, phrases) for phrases in (rule.right, rule.wrong))
    return right is not None and (wrong is None or right < wrong)


def _first_place(folded: str, phrases: Sequence[str]) -> int | None:
    found = [_pattern(one).search(folded) for one in phrases]
    return min((one.start() for one in found if one), default=None)


def _pattern(phrase: str) -> re.Pattern[str]:
    """Return what finds a phrase as whole words in folded text."""
    may_go_on = phrase.endswith("*")
    words = re.escape(fold(phrase.removesuffix("*"))).replace(r"\ ", r"\W+")
    return re.compile(rf"(?<!\w){words}" + ("" if may_go_on else r"(?!\w)"))


# ------------------------------------------------------------------------- numbers


def _is_number(wanted: float, question: str, reply: str) -> bool:
    """Whether the first or the last number is the wanted one, those of the question left out.

    "2 plus 3 is 5", "5 is what you get from 2 plus 3" and "Five" are all replies with 5.
    """
    repeated = {one for one in numbers(question) if one != wanted}
    told = [one for one in numbers(reply, with_one=wanted == 1) if one not in repeated]
    return bool(told) and wanted in (told[0], told[-1])


def numbers(text: str, with_one: bool = True) -> list[float]:
    """Return the numbers of a text in their order, digits or English words up to millions.

    Without `with_one` the word "one" alone is none: it mostly stands for something else.
    """
    found = []
    for words in _runs(fold(text)):
        if words == ["one"] and not with_one:
            continue
        found.append(_value(words))
    return found


def _runs(folded: str) -> Iterator[list[str]]:
    """Yield each number as its words: `["42"]`, `["one", "hundred", "and", "five"]`."""
    run: list[str] = []
    end = 0
    for one in _NUMBER_OR_WORD.finditer(folded):
        word = one[0]
        adjoins = not folded[end : one.start()].strip()
        end = one.end()
        if run and not (adjoins and _goes_on(run, word)):
            yield _closed(run)
            run = []
        if run or word in _SMALL or word in _LARGE or word[0].isdigit():
            run.append(word)
    if run:
        yield _closed(run)


def _closed(run: list[str]) -> list[str]:
    """Return a number's words without an "and" that led to no more of it."""
    return run[:-1] if run[-1] == "and" else run


def _goes_on(run: list[str], word: str) -> bool:
    last = run[-1]
    if word in _LARGE:
        return last != "and"
    if word == "and":
        return last in _LARGE
    if last == "and" or last in _LARGE:
        return word in _SMALL
    return last in _TENS and word in _UNITS[1:10]


def _value(words: Sequence[str]) -> float:
    total = part = 0.0
    for word in words:
        if word in _LARGE:
            part = max(part, 1) * _LARGE[word]
            if _LARGE[word] > 100:
                total, part = total + part, 0.0
        elif word != "and":
            part += _SMALL[word] if word in _SMALL else float(word.replace(",", ""))
    return total + part


# ------------------------------------------------------------------------- form


def _has_its_form(rule: Rule, text: str) -> bool:
    folded = fold(text).strip("\"'*` ")
    return (
        _counts(rule.words, len(_WORD.findall(text)))
        and _counts(rule.sentences, _sentences(text))
        and _counts(rule.lines, sum(bool(line.strip()) for line in text.splitlines()))
        and (not rule.starts_with or _starts(folded, rule.starts_with))
        and (not rule.ends_with or _ends(folded, rule.ends_with))
        and not set(rule.without_letters.casefold()) & set(fold(text))
        and _has_its_letters(rule, text)
    )


def _counts(wanted: Count | None, found: int) -> bool:
    return wanted is None or (
        found >= wanted.least and (wanted.most is None or found <= wanted.most)
    )


def _sentences(text: str) -> int:
    """Return the number of sentences; a last one without its full stop is one as well."""
    ends = list(_SENTENCE_END.finditer(text))
    rest = text[ends[-1].end() :] if ends else text
    return len(ends) + bool(_WORD.search(rest))


def _starts(folded: str, phrases: Sequence[str]) -> bool:
    return any(_pattern(one).match(folded) for one in phrases)


def _ends(folded: str, phrases: Sequence[str]) -> bool:
    bare = folded.rstrip(".!?\"'*` ")
    return any(bare.endswith(fold(one).rstrip(".!? ")) for one in phrases)


def _has_its_letters(rule: Rule, text: str) -> bool:
    if rule.letters is None:
        return True
    return text.isupper() if rule.letters == "upper" else text.islower()
