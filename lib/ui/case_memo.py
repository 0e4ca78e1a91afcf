"""A case as a memo: question, advice with reasons, costs, verdict, and what would change it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lib.content import marks
from lib.content.case_texts import CaseTexts
from lib.content.decide import Flip, Ranked, Reason, Recommendation, decide, steadiness
from lib.content.evidence import Finding
from lib.content.library import Library
from lib.content.results_texts import filled
from lib.content.verdict_texts import VerdictTexts
from lib.errors import InputError
from lib.inference.conditions import Condition
from lib.ui.agreement import Agreement, agreement
from lib.ui.case import MyCase, Trial, address
from lib.ui.case_costs import estimate_blocks
from lib.ui.memo import Bar, Block, Memo, Picture, Point, Points, Says, Section
from lib.ui.palette import CLASSIC_COLOUR, COLOURS
from lib.verdict.facts import Way
from lib.verdict.words import VerdictWords, verdict_words, with_range


@dataclass(frozen=True)
class Words:
    """The texts that a memo is made of."""

    case: CaseTexts
    verdict: VerdictTexts


def memo_of(case: MyCase, library: Library, words: Words, today: date) -> Memo:
    """Return the memo of what is known so far; what is missing is said at its end."""
    return _Writer(case, library, words, today).memo()


def advice_of(case: MyCase, library: Library) -> Recommendation | None:
    """Return what the guide says to the answers; None without answers, or if it changed since."""
    if case.advice is None or library.guide is None:
        return None
    try:
        return decide(library.guide, case.advice.answers)
    except InputError:
        return None


class _Writer:
    """Writes the sections, and notes the findings that they cite."""

    def __init__(self, case: MyCase, library: Library, words: Words, today: date) -> None:
        self._case, self._library, self._today = case, library, today
        self._texts = words.case
        self._memo = words.case.memo
        self._advice = advice_of(case, library)
        self._verdict = verdict_words(case.trial.verdict, words.verdict) if case.trial else None
        self._cited: list[str] = []

    def memo(self) -> Memo:
        guide = self._library.guide
        day = guide.reviewed_on.isoformat() if guide else "-"
        sections = [
            Section(self._memo.short_title, tuple(self._in_short())),
            Section(self._memo.question_title, tuple(self._question())),
        ]
        if self._advice:
            sections.append(self._recommendation(self._advice))
        if self._case.estimates:
            blocks = [
                block for one in self._case.estimates for block in estimate_blocks(one, self._texts)
            ]
            sections.append(Section(self._memo.costs_title, tuple(blocks)))
        if self._case.trial and self._verdict:
            sections.append(self._measured(self._case.trial, self._verdict))
        sections += [
            Section(self._memo.changes_title, tuple(self._changes())),
            Section(self._memo.missing_title, tuple(self._missing())),
            Section(self._memo.open_title, tuple(self._addresses())),
            Section(self._memo.sources_title, tuple(self._sources())),
        ]
        return Memo(
            title=self._case.name or self._memo.untitled,
            made=filled(self._memo.made, day=self._today.isoformat(), guide=day),
            sections=tuple(one for one in sections if one.blocks),
        )

    # ------------------------------------------------------------------ what comes first

    def _in_short(self) -> Iterator[Block]:
        points = []
        if self._advice:
            points.append(Point(self._memo.advice, f"{self._picks(self._advice)}."))
        points += [
            Point(self._texts.parts[one.part].capitalize(), one.says)
            for one in self._case.estimates
        ]
        if self._verdict:
            points.append(Point(self._memo.measured, f"{self._verdict.title}."))
        if points:
            yield Points(tuple(points))
        if self._advice and self._case.trial and self._verdict:
            found = agreement(self._advice, self._case.trial.verdict)
            yield Says(self._agreement(found, self._advice, self._verdict))

    def _agreement(self, found: Agreement, advice: Recommendation, verdict: VerdictWords) -> str:
        first = _titles(advice)[advice.leader]
        sentence: str = getattr(self._texts.agreement, found)
        return filled(sentence, guide=first, rows=verdict.title)

    def _picks(self, advice: Recommendation) -> str:
        return ", then ".join(_titles(advice)[one] for one in advice.picks)

    def _question(self) -> Iterator[Block]:
        yield Says(self._case.question or self._memo.no_question)
        if not self._advice:
            return
        guide, given = self._advice.guide, self._advice.answers
        labels = {one.id: one.answer(given[one.id]).label for one in guide.questions}
        own = [one for one in guide.questions if given[one.id] != one.default]
        usual = [one for one in guide.questions if given[one.id] == one.default]
        if own:
            answers = tuple(Point(one.text, labels[one.id]) for one in own)
            yield Points(answers, self._memo.answers)
        if usual:
            told_usual = "; ".join(f"{one.text} {labels[one.id]}" for one in usual)
            yield Points((Point(self._memo.usual, told_usual),), small=True)

    # ------------------------------------------------------------------ advice

    def _recommendation(self, advice: Recommendation) -> Section:
        approaches = {one.id: one for one in advice.guide.approaches}
        picks = tuple(
            Point(
                approaches[one].title,
                f"{approaches[one].what} "
                + filled(self._memo.first_step, step=approaches[one].first_step),
            )
            for one in advice.picks
        )
        points = f"{advice.margin} point{'' if advice.margin == 1 else 's'}"
        lead = filled(self._memo.lead, margin=points, confidence=advice.confidence.value)
        blocks: list[Block] = [Points(picks), Says(f"{lead} {advice.guide.honesty}")]
        ranked = {one.approach: one for one in advice.ranked}
        blocks.append(self._reasons(advice, ranked[advice.leader]))
        others = [ranked[one] for one in advice.picks if one is not advice.leader]
        if others:
            blocks.append(Points(tuple(self._weights(advice, one) for one in others), small=True))
        also = [Point("", self._with_marks(one.says, one.evidence)) for one in advice.gates]
        also += [
            Point(one.title, self._with_marks(one.text, one.evidence)) for one in advice.hybrids
        ]
        if also:
            blocks.append(Points(tuple(also), self._memo.also))
        if advice.removed:
            gone = ", ".join(_titles(advice)[one] for one in advice.removed)
            blocks.append(Says(filled(self._memo.removed, approaches=gone)))
        return Section(self._memo.recommendation_title, tuple(blocks))

    def _reasons(self, advice: Recommendation, ranked: Ranked) -> Points:
        title = f"{_titles(advice)[ranked.approach]}, {ranked.score:+d}"
        return Points(
            tuple(
                Point(
                    f"{one.weight:+d}",
                    f"{_answered(one)}. "
                    f"{self._with_marks(one.answer.reason, one.answer.evidence)} "
                    f"({one.answer.confidence.value} confidence)",
                )
                for one in ranked.reasons
            ),
            filled(self._memo.reasons, approach=title),
        )

    def _weights(self, advice: Recommendation, ranked: Ranked) -> Point:
        """Return the reasons without their words: the guide's page has them."""
        title = f"{_titles(advice)[ranked.approach]}, {ranked.score:+d}"
        reasons = "; ".join(f"{one.weight:+d} {_answered(one)}" for one in ranked.reasons)
        return Point(filled(self._memo.other, approach=title), reasons)

    def _with_marks(self, text: str, evidence: Sequence[str]) -> str:
        """Return a text with the ids of its findings, which the sources explain."""
        self._cited += [one for one in evidence if one in self._library.findings]
        ids = "".join(f" [{one}]" for one in evidence)
        return f"{marks.plain_words(text).rstrip('.')}{ids}."

    # ------------------------------------------------------------------ measured

    def _measured(self, trial: Trial, words: VerdictWords) -> Section:
        verdict = trial.verdict
        rows = filled(
            self._memo.rows,
            name=trial.name,
            training=f"{verdict.training_rows:,}",
            rows=f"{verdict.rows:,}",
            day=trial.looked_at.isoformat(),
        )
        bars = tuple(
            Bar(
                one.way.shown_as,
                one.interval95[0],
                one.accuracy,
                one.interval95[1],
                with_range(one.accuracy, one.interval95),
                _colour(one.way),
            )
            for one in verdict.scores
        )
        blocks: list[Block] = [
            Says(f"{words.title}. {words.found} {words.needed}".strip()),
            Picture(self._memo.ways, self._memo.way, self._memo.share, bars, most=1),
            Says(f"{rows} {' '.join(words.notes)} {self._memo.small_model}"),
        ]
        return Section(self._memo.measured_title, tuple(blocks))

    # ------------------------------------------------------------------ the rest

    def _changes(self) -> Iterator[Block]:
        points: list[Point] = []
        if advice := self._advice:
            flips = [
                filled(self._memo.flip, approach=one.title, answers="; ".join(answers))
                for one in advice.guide.approaches
                if (answers := [_answered(f) for f in advice.flips if f.leader is one.id])
            ]
            told_flips = flips or [self._memo.no_flips]
            points += [Point(self._memo.advice, one) for one in told_flips]
            share = f"{steadiness(advice.guide, advice.answers):.0%}"
            points.append(Point(self._memo.advice, filled(self._memo.steady, share=share)))
        for estimate in self._case.estimates:
            label = self._texts.parts[estimate.part].capitalize()
            points += [Point(label, one) for one in estimate.changes]
        if self._verdict:
            points += [Point(self._memo.measured, one) for one in self._verdict.changes]
        if points:
            yield Points(tuple(points))

    def _missing(self) -> Iterator[Block]:
        here = {
            "choose": self._advice is not None,
            "estimator": bool(self._case.estimates),
            "train": self._case.trial is not None,
        }
        missing = [
            Point(f"/{step}", text.missing)
            for step, text in self._texts.steps.items()
            if not here[step]
        ]
        if missing:
            yield Points(tuple(missing))

    def _addresses(self) -> Iterator[Block]:
        found = []
        if self._case.advice:
            where = address("choose", self._case.advice.answers)
            found.append(Point(self._memo.advice, where, is_address=True))
        for one in self._case.estimates:
            label = self._texts.parts[one.part].capitalize()
            found.append(Point(label, address("estimator", one.params), is_address=True))
        if found:
            yield Says(self._memo.open)
            yield Points(tuple(found))

    def _sources(self) -> Iterator[Block]:
        findings = [self._library.findings[id] for id in dict.fromkeys(self._cited)]
        if findings:
            yield Points(tuple(self._source(one) for one in findings), small=True)

    def _source(self, one: Finding) -> Point:
        year = f" ({one.year})" if one.year else ""
        note = f" {self._memo.second_hand}" if one.is_second_hand else ""
        end = "" if one.title.endswith(("?", "!", ".")) else "."
        text = f"{one.authors}{year}: {one.title}{end} {one.ref}.{note}"
        return Point(one.id, text, one.url or "")


def _answered(one: Reason | Flip) -> str:
    return f"{one.question.text} {one.answer.label}"


def _titles(advice: Recommendation) -> dict[str, str]:
    return {one.id: one.title for one in advice.guide.approaches}


def _colour(way: Way) -> str:
    if way is Way.CLASSIC:
        return CLASSIC_COLOUR
    return COLOURS[Condition(way.removesuffix("_score"))]
