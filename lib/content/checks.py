"""Checks every content file, for `make check`: one line a problem, naming file, line and field."""

from collections.abc import Callable, Collection, Iterator
from datetime import date
from functools import partial

from lib.content import marks
from lib.content.articles import Article, LiveLink
from lib.content.case_texts import load_case_texts
from lib.content.estimator_texts import load_estimator_texts
from lib.content.evidence import Confidence
from lib.content.gallery import load_gallery
from lib.content.general_questions import load_general_questions
from lib.content.library import Library, load_library
from lib.content.page_texts import load_page_texts
from lib.content.results_texts import cited_pieces, load_results_texts
from lib.content.samples import check_samples
from lib.content.tasks import load_task, task_names
from lib.content.texts import Piece, pieces
from lib.content.verdict_texts import load_verdict_texts
from lib.errors import ContentError
from lib.files import read_text
from lib.paths import CONTENT

WORDS = range(400, 951)
"""How long an article is, marks and all; the promise is 400 to 900 words of text."""

_READINGS = {"table", "myths"}
_ESTIMATED = {"money", "memory", "time", "data"}
_SHOWN = {"findings", "charts", "glossary", "status"}


def check_all(measured_names: Collection[str]) -> list[str]:
    """Return the problems found; empty if all is well.

    `measured_names` are the names that may stand in `{{...}}`.
    """
    library = load_library()
    others = _other_files()
    read = [*pieces(library), *([] if others else cited_pieces(load_results_texts()))]
    return [
        *others,
        *([] if others else _of_problems(library)),
        *library.problems,
        *(problem for piece in read for problem in _of_piece(library, piece)),
        *(problem for piece in read for problem in _of_measured(piece, measured_names)),
        *_of_links(library),
        *_of_evidence(library),
    ]


def overdue(library: Library, today: date) -> list[str]:
    """Return a line for each page that is past its date of review."""
    dated = [(f"concepts/{one.id}.md", one.review_after) for one in library.articles.values()]
    dated += [(f"faq/{one.id}.md", one.review_after) for one in library.questions.values()]
    for file, table in (
        ("comparison.yaml", library.comparison),
        ("myths.yaml", library.myths),
        ("decision_guide.yaml", library.guide),
        ("status.yaml", library.status),
    ):
        if table is not None:
            dated.append((file, table.review_after))
    return [
        f"{file}, line {_line(file, 'review_after')}: review_after: "
        f"{day} has passed, read it again."
        for file, day in dated
        if today > day
    ]


def _other_files() -> list[str]:
    checks: list[Callable[[], object]] = [
        load_page_texts,
        load_estimator_texts,
        load_results_texts,
        load_verdict_texts,
        load_case_texts,
        load_general_questions,
        check_samples,
    ]
    checks += [partial(_load_with_gallery, name) for name in task_names()]
    problems = []
    for check in checks:
        try:
            check()
        except ContentError as error:
            problems.append(str(error))
    return problems


def _load_with_gallery(name: str) -> None:
    load_gallery(load_task(name))


def _of_problems(library: Library) -> Iterator[str]:
    """The complaints on the home page are answers that the guide knows."""
    if library.guide is None:
        return
    known = {one.id: [answer.id for answer in one.answers] for one in library.guide.questions}
    for problem in load_page_texts().home.problems:
        for question, answer in problem.answers.items():
            if answer not in known.get(question, ()):
                line = _line("pages.yaml", problem.label)
                yield f"pages.yaml, line {line}: home.problems: no answer '{question}: {answer}'"


def _of_piece(library: Library, piece: Piece) -> Iterator[str]:
    found = marks.problems(piece.text, library.findings)
    if not piece.may_hold_own_figures:
        found += [
            f"a figure without a source: '{text}'" for text in marks.uncited_numbers(piece.text)
        ]
    found += [
        f"the glossary has no '{id}'" for id in marks.terms(piece.text) if id not in library.terms
    ]
    for problem in found:
        yield f"{piece.file}, line {_line(piece.file, problem)}: {piece.field}: {problem}"


def _of_measured(piece: Piece, names: Collection[str]) -> Iterator[str]:
    for name in marks.measured(piece.text):
        if name not in names:
            yield (
                f"{piece.file}, line {_line(piece.file, name)}: {piece.field}: "
                f"no measured figure is called '{name}'"
            )


def _of_evidence(library: Library) -> Iterator[str]:
    """Articles rest on two sources of medium confidence or better, and keep to their length."""
    for one in library.articles.values():
        file = f"concepts/{one.id}.md"
        sources = [library.findings.get(id) for id in article_evidence(one)]
        good = [s for s in sources if s and s.confidence is not Confidence.LOW]
        if len(good) < 2 and one.id != "worked-cases":
            yield f"{file}, line 1: body: fewer than two sources of medium confidence or better"
        if (words := len(marks.plain_words(one.body).split())) not in WORDS:
            yield f"{file}, line 1: body: {words} words, 400 to 900 are wanted"


def article_evidence(one: Article) -> tuple[str, ...]:
    """Return the ids of the findings that an article cites, in the order of reading."""
    return marks.cited("\n".join([*one.key_points, one.body, one.picture.caption]))


def _of_links(library: Library) -> Iterator[str]:
    articles, questions = library.articles.keys(), library.questions.keys()
    for one in library.articles.values():
        file = f"concepts/{one.id}.md"
        yield from _missing(file, "related", one.related, articles)
        yield from _missing(file, "questions", one.questions, questions)
        if one.picture.figure:
            yield from _missing(file, "picture.figure", [one.picture.figure], library.figures)
        for link in one.live:
            if problem := _link_problem(library, link):
                yield f"{file}, line {_line(file, link.label)}: live: {problem}"
    for entry in library.questions.values():
        file = f"faq/{entry.id}.md"
        yield from _missing(file, "related", entry.related, questions)
        yield from _missing(file, "articles", entry.articles, articles)
    for term in library.terms.values():
        yield from _missing("glossary.yaml", f"{term.id}.see", term.see, articles)
    if library.myths:
        for myth in library.myths.statements:
            yield from _missing("myths.yaml", f"{myth.id}.article", [myth.article], articles)
        for advice in library.myths.contradictions:
            yield from _missing("myths.yaml", f"{advice.id}.article", [advice.article], articles)
    for figure in library.figures.values():
        file = f"figures/{figure.id}.yaml"
        yield from _missing(file, "evidence", figure.evidence, library.findings)
    if library.status:
        for service in library.status.services:
            yield from _missing("status.yaml", service.name, service.evidence, library.findings)
    if library.guide:
        file = "decision_guide.yaml"
        cited = [
            *((q.id, a.evidence) for q in library.guide.questions for a in q.answers),
            *(("gates", gate.evidence) for gate in library.guide.gates),
            *(("hybrids", hybrid.evidence) for hybrid in library.guide.hybrids),
        ]
        for field, ids in cited:
            yield from _missing(file, field, ids, library.findings)
        for approach in library.guide.approaches:
            yield from _missing(file, approach.id.value, [approach.article], articles)


def _link_problem(library: Library, link: LiveLink) -> str | None:
    """Return why a link into a page leads nowhere, or None if it arrives."""
    allowed: dict[str, Collection[str]] = {}
    if link.page == "demo":
        allowed = {"demo_sample": _sample_ids()}
    elif link.page == "concepts":
        allowed = {"read": {*library.articles, *_READINGS}}
    elif link.page == "faq":
        allowed = {"q": library.questions.keys()}
    elif link.page == "evidence":
        allowed = {
            "show": _SHOWN, "find": library.findings.keys(), "figure": library.figures.keys(),
            "term": library.terms.keys(),
        }  # fmt: skip
    elif link.page == "estimator":
        allowed = {"show": _ESTIMATED}
    elif link.page == "results":
        allowed = {"task": task_names()}
    elif library.guide:
        allowed = {q.id: [a.id for a in q.answers] for q in library.guide.questions}
    for name, value in link.params.items():
        if value not in allowed.get(name, ()):
            return f"the page {link.page} knows no '{name}: {value}'"
    return None


def _sample_ids() -> list[str]:
    """Return the ids of all tasks' samples; a task that can't be read has none."""
    ids: list[str] = []
    for name in task_names():
        try:
            ids += [sample.id for sample in load_task(name).samples]
        except ContentError:
            continue  # `_other_files` tells it
    return ids


def _missing(file: str, field: str, ids: Collection[str], known: Collection[str]) -> Iterator[str]:
    for id in ids:
        if id not in known:
            yield f"{file}, line {_line(file, id)}: {field}: there is no '{id}'"


def _line(file: str, problem: str) -> int:
    """Return the line of a file that holds what a problem quotes, or 1."""
    _, found, quoted = problem.rpartition(": '")
    quoted = (quoted if found else problem.partition("'")[2]).rstrip("'") or problem
    start = quoted.rstrip(".")[:40].split("\n")[0]
    lines = read_text(CONTENT / file).splitlines()
    for length in (40, 24, 12):
        for number, line in enumerate(lines, start=1):
            if start[:length] and start[:length] in line:
                return number
    return 1
