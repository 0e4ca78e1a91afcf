"""The questions: the list, every answer, and the search box on each page that has one.

Run: python -m pytest tests/app/test_faq.py
"""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.content import marks
from lib.content.faq import Question, question_files
from lib.content.library import Library
from lib.content.page_texts import load_page_texts
from lib.content.search import MARK_END, MARK_START, MAX_QUERY, Found, Hit, Kind
from lib.ui import prose, search_view
from tests.app.conftest import Link
from tests.app.reading import assert_foot_holds, is_told, maybe_rendered, words

OpenPage = Callable[..., AppTest]

QUESTIONS = [file.stem for file in question_files()]
WITH_SEARCH = ["home", "concepts", "faq"]


def _texts(one: Question) -> str:
    return "\n".join([one.short, one.body, one.mistake])


# ------------------------------------------------------------------------- the list


def test_list_shows_every_question_under_its_group(open_page: OpenPage, library: Library) -> None:
    at = open_page("faq")
    texts = load_page_texts().faq
    assert not at.exception
    assert at.title[0].value == texts.title
    groups = dict.fromkeys(one.group for one in library.questions.values())
    assert {header.value for header in at.header} == {texts.groups[one] for one in groups}
    assert sorted(box.label for box in at.expander) == sorted(
        one.question for one in library.questions.values()
    )
    assert not any(box.proto.expanded for box in at.expander)


@pytest.mark.parametrize("unknown", ["nonsense", "LORA", "lora ", "../concepts/lora", "<b>x</b>"])
def test_unknown_question_is_told_and_the_list_shown(
    open_page: OpenPage, library: Library, unknown: str
) -> None:
    at = open_page("faq", q=unknown)
    assert not at.exception
    assert not at.error
    assert "There is no such question here" in at.info[0].value
    assert len(at.expander) == len(library.questions)
    assert all(unknown not in text for _, text in maybe_rendered(at) if len(unknown) > 5)


def test_empty_address_is_the_plain_list(open_page: OpenPage) -> None:
    assert not open_page("faq", q="").info


# ------------------------------------------------------------------------- an answer


@pytest.mark.parametrize("id", QUESTIONS)
def test_answer_opens_by_its_address_with_all_that_belongs_to_it(
    open_page: OpenPage, links: list[Link], library: Library, id: str
) -> None:
    at = open_page("faq", q=id)
    one = library.questions[id]
    assert not at.exception
    assert not at.error
    assert [title.value for title in at.title] == [one.question]
    assert is_told(one.short, at.get_by_key("short_answer"))
    assert is_told(one.mistake, at.get_by_key("mistake"))
    assert is_told(one.body, at)
    assert prose.NOT_MEASURED not in words(at)
    assert at.code[0].value.endswith(f"?q={id}")
    texts = _texts(one)
    assert_foot_holds(at, list(marks.cited(texts)), list(marks.terms(texts)))
    led = [(page, params) for _, page, params in links]
    for other in one.related:
        assert ("faq", {"q": other}) in led
    for article in one.articles:
        assert ("concepts", {"read": article}) in led
    assert ("faq", {}) in led


def test_opened_question_shows_its_answer_and_a_link_to_share(
    open_page: OpenPage, links: list[Link], library: Library
) -> None:
    one = library.questions["forgetting"]
    at = open_page("faq")
    assert not is_told(one.short, at)
    at.session_state["faq_forgetting"] = True
    at.run()
    assert not at.exception
    box = at.get_by_key("faq_forgetting")
    assert box.proto.expanded
    for text in (one.short, one.body, one.mistake):
        assert is_told(text, box)
    assert ("faq", {"q": "forgetting"}) in [(page, params) for _, page, params in links]
    assert_foot_holds(at, list(marks.cited(_texts(one))), list(marks.terms(_texts(one))))


def test_two_opened_questions_share_one_foot(open_page: OpenPage, library: Library) -> None:
    at = open_page("faq")
    opened = [library.questions[id] for id in ("lora", "many-adapters")]
    for one in opened:
        at.session_state[f"faq_{one.id}"] = True
    at.run()
    assert not at.exception
    in_order = [one for one in library.questions.values() if one in opened]
    texts = "\n".join(
        _texts(one)
        for one in sorted(
            in_order, key=lambda one: list(load_page_texts().faq.groups).index(one.group)
        )
    )
    assert_foot_holds(at, list(marks.cited(texts)), list(marks.terms(texts)))


def test_all_questions_can_be_open_at_once(open_page: OpenPage, library: Library) -> None:
    at = open_page("faq")
    for id in library.questions:
        at.session_state[f"faq_{id}"] = True
    at.run()
    assert not at.exception
    for id, one in library.questions.items():
        for text in (one.short, one.body, one.mistake):
            assert is_told(text, at.get_by_key(f"faq_{id}"))


# ------------------------------------------------------------------------- search


def _search(at: AppTest, page: str, query: str) -> AppTest:
    return at.text_input(key=f"search_{page}").set_value(query).run()


def _hits(links: list[Link]) -> list[tuple[str, dict[str, str]]]:
    kinds = ("Question", "Concept", "Word", "Finding")
    found = [(p, q) for label, p, q in links if label.rpartition(" · ")[2] in kinds]
    return [one for place, one in enumerate(found) if one not in found[:place]]


@pytest.mark.parametrize("place", WITH_SEARCH)
def test_search_shows_what_it_finds_and_where_it_leads(
    open_page: OpenPage, links: list[Link], library: Library, place: str
) -> None:
    at = open_page(place)
    links.clear()
    _search(at, place, "how much data do I need")
    assert not at.exception
    hits = _hits(links)
    assert ("faq", {"q": "how-many-examples"}) in hits[:3]
    known = {
        "q": library.questions,
        "read": library.articles,
        "find": library.findings,
        "term": library.terms,
    }
    for target, params in hits:
        ((name, id),) = params.items()
        assert id in known[name]
        assert target == {"q": "faq", "read": "concepts"}.get(name, "evidence")
    assert len(at.get_by_key("search_hits").caption) == len(hits)


@pytest.mark.parametrize("what", ["finetune", "fine-tune", "fine-tune a model"])
def test_search_knows_the_question_when_its_purpose_is_named(
    open_page: OpenPage, links: list[Link], what: str
) -> None:
    """The example in the empty box, and what it is asked for."""
    _search(open_page("faq"), "faq", f"how much data do I need to {what}")
    assert ("faq", {"q": "how-many-examples"}) in _hits(links)


def test_search_says_which_spelling_it_took(open_page: OpenPage, links: list[Link]) -> None:
    at = _search(open_page("faq"), "faq", "finetunning catastrofic")
    assert any('for "catastrofic"' in one.value for one in at.caption)
    assert ("faq", {"q": "forgetting"}) in _hits(links)


def test_search_without_words_in_common_offers_the_closest(
    open_page: OpenPage, links: list[Link]
) -> None:
    at = _search(open_page("faq"), "faq", "zxqvkj")
    assert [one.value for one in at.info] == ['Nothing found for "zxqvkj". The closest are:']
    assert 0 < len(_hits(links)) <= 3


@pytest.mark.parametrize("query", ["***", "?!", "🙂", "—"])
def test_search_for_no_words_at_all_is_a_sentence(open_page: OpenPage, query: str) -> None:
    at = _search(open_page("faq"), "faq", query)
    assert not at.exception
    assert "Nothing found for" in at.info[0].value
    assert "Try fewer or other words" in at.info[0].value


@pytest.mark.parametrize("query", ["", "   "])
def test_empty_search_shows_nothing(
    open_page: OpenPage, links: list[Link], library: Library, query: str
) -> None:
    at = _search(open_page("faq"), "faq", query)
    assert not at.exception
    assert not at.info
    assert not _hits(links)
    assert len(at.expander) == len(library.questions)


@pytest.mark.parametrize(
    "query",
    [
        "a" * MAX_QUERY,
        "lora " * (MAX_QUERY // 5),
        '" OR 1=1 --',
        "NEAR(lora rank)",
        "title:lora AND NOT rank",
        "lora*",
        "'; DROP TABLE texts",
        "ファインチューニング",
        "\x00lora\x02\x03",
        "E14",
    ],
)
def test_search_takes_any_text(open_page: OpenPage, query: str) -> None:
    at = _search(open_page("faq"), "faq", query)
    assert not at.exception
    assert not at.error
    assert at.info or at.get_by_key("search_hits")


HOSTILE = [
    "**zxqv**<b>zxqv</b>",
    ":red[zxqv]",
    "[zxqv](http://zxqv)",
    "![zxqv](https://example.org/a.png)",
    "<img src=x onerror=alert(1)>",
    ":material/home: :smile: $x$ `zxqv`",
    "# zxqv\n- zxqv",
    "https://zxqv.example.org",
    '" onmouseover="alert(1)',
]


@pytest.mark.parametrize("kind", ["real", "nothing", "closest", "corrected"])
@pytest.mark.parametrize("query", HOSTILE)
def test_query_is_never_read_as_markdown_or_html(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, query: str, kind: str
) -> None:
    hit = Hit(Kind.FAQ, "lora", "What is LoRA?", "a snippet", 1.0)
    found = {
        "nothing": Found(query, (), (), is_closest=False),
        "closest": Found(query, (hit,), (), is_closest=True),
        "corrected": Found(query, (hit,), ((query, query),), is_closest=False),
    }.get(kind)
    at = open_page("faq")
    before = {text for _, text in maybe_rendered(at)}
    if found:

        class Index:
            def search(self, _: str) -> Found:
                return found

        monkeypatch.setattr(search_view, "get_index", Index)
    _search(at, "faq", query)
    assert not at.exception
    for element, text in maybe_rendered(at):
        assert text in before or query not in text, element
    if found:  # it is shown as it was typed, every sign of it escaped
        shown = at.info[0].value if at.info else at.caption[0].value
        assert query in shown.replace("\\", "").replace("\u2060", "")
        for place, sign in enumerate(shown):
            if sign in "*[]<>`$#:!" and place < shown.rindex('"'):
                assert shown[place - 1] == "\\", shown[: place + 1]


def test_hit_is_never_read_as_markdown_or_html(
    open_page: OpenPage, links: list[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "**x**<b> :red[x] [a](http://x)"
    snippet = f"{hostile} {MARK_START}word{MARK_END}"
    hit = Hit(Kind.FAQ, "lora", hostile, snippet, 1.0)

    class Index:
        def search(self, query: str) -> Found:
            return Found(query, (hit,), (), is_closest=False)

    monkeypatch.setattr(search_view, "get_index", Index)
    at = _search(open_page("faq"), "faq", "anything")
    for element, text in maybe_rendered(at):
        assert "<b>" not in text, element
        assert "](http" not in text, element
        assert ":red[" not in text, element
    assert "**word**" in at.get_by_key("search_hits").caption[0].value
    label = next(label for label, _, _ in links if "Question" in label)
    assert hostile in label.replace("\\", "").replace("\u2060", "")
