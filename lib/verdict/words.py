"""The sentences of a verdict, filled in from its facts, for pages and commands alike.

Shares are whole percent. The ends of a difference are rounded outwards, so that no sentence claims
more than was shown.
"""

import math
from dataclasses import dataclass

from lib.content.results_texts import filled
from lib.content.verdict_texts import VerdictTexts
from lib.verdict.facts import Pair, Score, Verdict, Way


@dataclass(frozen=True, slots=True)
class VerdictWords:
    """A verdict as a page shows it."""

    title: str
    found: str
    needed: str
    """How many rows could tell; empty where the outcome is clear."""
    scores: tuple[str, ...]
    """One line a way, in the fixed order."""
    pairs: tuple[str, ...]
    """Which candidates can be told apart, and which can't."""
    notes: tuple[str, ...]
    """How it was compared."""
    changes: tuple[str, ...]
    """What would change it."""


def verdict_words(verdict: Verdict, texts: VerdictTexts) -> VerdictWords:
    """Return the verdict in words."""
    return VerdictWords(
        title=_title(verdict, texts),
        found=_found(verdict, texts),
        needed=(
            filled(texts.needed, needed=about(verdict.needed_rows)) if verdict.needed_rows else ""
        ),
        scores=tuple(_score_line(verdict, texts, one) for one in verdict.scores),
        pairs=tuple(_pair_line(texts, one) for one in verdict.pairs),
        notes=tuple(_notes(verdict, texts)),
        changes=tuple(
            filled(one, training_rows=f"{verdict.training_rows:,}")
            for one in getattr(texts.change, verdict.outcome)
        ),
    )


def verdict_lines(verdict: Verdict, texts: VerdictTexts) -> list[str]:
    """Return the verdict as lines: its title, what it rests on, and the rest in order."""
    words = verdict_words(verdict, texts)
    lines = [words.title, words.found, words.needed]
    lines += [*words.scores, *words.pairs, *words.notes, *words.changes]
    return [line for line in lines if line]


def percent(share: float) -> str:
    """Return a share in whole percent, without the sign; all and none are said only if true."""
    whole = round(100 * share)
    if whole == 100 and share < 1:
        return "over 99"
    if whole == 0 and share > 0:
        return "under 1"
    return str(whole)


def with_range(share: float, ends: tuple[float, float]) -> str:
    """Return a share with its interval: "81 % (70 to 89)"."""
    return f"{percent(share)} % ({percent(ends[0])} to {percent(ends[1])})"


def about(rows: int) -> str:
    """Return a number of rows with two digits that count: it is an estimate."""
    digits = max(0, len(str(rows)) - 2)
    return f"{round(rows, -digits):,}"


def _title(verdict: Verdict, texts: VerdictTexts) -> str:
    rows = f"{verdict.rows:,}"
    if verdict.outcome == "lora" and verdict.best.family == "both":
        return texts.titles.both
    if verdict.outcome != "unclear":
        title: str = getattr(texts.titles, verdict.outcome)
        return title
    best = verdict.score(verdict.best).accuracy
    other = (
        (verdict.commonest or 0.0) if verdict.rival is None else _accuracy(verdict, verdict.rival)
    )
    low, high = sorted((best, other))
    if percent(low) == percent(high):
        return filled(texts.titles.unclear_level, rows=rows)
    return filled(texts.titles.unclear, rows=rows, low=percent(low), high=percent(high))


def _found(verdict: Verdict, texts: VerdictTexts) -> str:
    best = verdict.score(verdict.best)
    told = {
        "best": best.way.shown_as,
        "best_share": with_range(best.accuracy, best.interval95),
        "rows": f"{verdict.rows:,}",
        "right": getattr(texts.right, verdict.kind),
        "margin": percent(verdict.margin),
        "floor": percent(verdict.floor),
        "commonest": percent(verdict.commonest or 0.0),
    }
    if verdict.rival is None:
        if verdict.outcome == "unclear":
            return filled(texts.found.unclear_commonest, **told)
        is_low = best.accuracy < verdict.floor or verdict.commonest is None
        return filled(texts.found.floor if is_low else texts.found.commonest, **told)
    rival, pair = verdict.score(verdict.rival), verdict.pair(verdict.best, verdict.rival)
    assert pair is not None, "a rival has been compared"
    ends = _from_best(verdict, pair)
    told |= {
        "rival": rival.way.shown_as,
        "rival_share": with_range(rival.accuracy, rival.interval95),
        "range": f"{_points(ends[0], down=True)} and {_points(ends[1], down=False)}",
    }
    is_ahead = verdict.outcome == "unclear" and ends[0] > -verdict.margin
    name = "unclear_ahead" if is_ahead else verdict.outcome
    found = filled(getattr(texts.found, name), **told)
    gain = best.accuracy - rival.accuracy
    if verdict.outcome == "lora" and gain < verdict.margin:
        points = _points(gain, down=True)
        found += " " + filled(texts.found.small_gain, margin=percent(verdict.margin), points=points)
    return found


def _from_best(verdict: Verdict, pair: Pair) -> tuple[float, float]:
    """Return the interval of the best way's share less the other's.

    Where "enough" was to be shown, it is the guarded one, which decided.
    """
    ends = pair.interval95 if verdict.outcome == "lora" else pair.guarded
    return ends if pair.first == verdict.best else (-ends[1], -ends[0])


def _points(difference: float, down: bool) -> str:
    """Return a difference in points, rounded down or up; below one with a decimal."""
    points = 100 * difference
    scale = 1 if abs(points) >= 1 else 10
    # A hair to the other side, so that 3 points stay 3 in floating point.
    rounded = (
        math.floor(points * scale + 1e-9) if down else math.ceil(points * scale - 1e-9)
    ) / scale
    return f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded:.1f}"


def _score_line(verdict: Verdict, texts: VerdictTexts, score: Score) -> str:
    told = {
        "way": score.way.shown_as,
        "share": with_range(score.accuracy, score.interval95),
        "right": getattr(texts.right, verdict.kind),
    }
    if score.way is Way.CLASSIC:
        line = filled(texts.score_without_tokens, **told)
    else:
        tokens = (f"{score.mean_prompt_tokens:,.0f}", f"{score.mean_output_tokens:,.0f}")
        line = filled(texts.score, **told, prompt_tokens=tokens[0], output_tokens=tokens[1])
    if score.f1 is None:
        return line
    ends = score.f1_interval95
    f1 = f"{percent(score.f1)} %" if ends is None else with_range(score.f1, ends)
    return filled(texts.f1, line=line, score=f1)


def _pair_line(texts: VerdictTexts, pair: Pair) -> str:
    if pair.ahead is None:
        return filled(
            texts.pair_level,
            first=pair.first.shown_as,
            second=pair.second.shown_as,
            only_first=_rows(pair.only_first),
            only_second=_rows(pair.only_second),
        )
    is_first = pair.ahead == pair.first
    return filled(
        texts.pair_ahead,
        ahead=pair.ahead.shown_as,
        behind=(pair.second if is_first else pair.first).shown_as,
        only_ahead=_rows(pair.only_first if is_first else pair.only_second),
        only_behind=_rows(pair.only_second if is_first else pair.only_first),
    )


def _rows(number: int) -> str:
    if not number:
        return "no row"
    return "1 row" if number == 1 else f"{number:,} rows"


def _notes(verdict: Verdict, texts: VerdictTexts) -> list[str]:
    notes = []
    if verdict.picked_on is not None:
        notes.append(getattr(texts.notes, f"picked_on_{verdict.picked_on}"))
    if verdict.tests > 1:
        notes.append(filled(texts.notes.tests, tests=verdict.tests))
    else:
        notes.append(texts.notes.one_test)
    return notes


def _accuracy(verdict: Verdict, way: Way) -> float:
    return verdict.score(way).accuracy
