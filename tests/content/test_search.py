"""The search finds what people mean, in their own words, and nothing that they type breaks it.

The thirty questions were written before their author had seen the phrasings that the search knows
(`asked` in `content/faq/`); nine that happened to share four words in a row with one of those were
written anew.
"""

import random
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.content.library import Library
from lib.content.search import MARK_END, MARK_START, MAX_QUERY, Found, Kind, SearchIndex

PARAPHRASED = [
    ("which-first", "prompt or train, where do I begin"),
    ("difference", "what separates writing prompts from training a model"),
    ("prompt-tuning", "soft prompts versus prompt writing, same thing?"),
    ("lora", "do adapters touch all the weights or only a few"),
    ("rag-is-tuning", "I uploaded my PDFs, is the model trained on them now"),
    ("few-shot", "are sample answers in my message stored by the model"),
    ("kinds-of-tuning", "DPO or SFT or reinforcement learning"),
    ("what-decides", "which factors should I weigh before I train anything"),
    ("when-to-tune", "signs that training my own model will pay off"),
    ("when-to-prompt", "my job is small, can I get by on instructions alone"),
    ("still-needed", "models are so strong today, why would anybody still train one"),
    ("small-vs-large", "small trained classifier against a big LLM"),
    ("rag-or-tuning", "vector database or training for company knowledge"),
    ("easiest-to-change", "how do I roll back if it goes wrong"),
    ("teach-documents", "train the model on our wiki so it knows our products"),
    ("generalise", "will a tuned model work in another domain"),
    ("hallucinations", "stop the model making things up by training it"),
    ("forgetting", "my model got worse at everything else after training"),
    ("role-prompts", "does telling it that it is a senior lawyer work"),
    ("results-jump", "changing the order of my demos swings the score"),
    ("how-many-examples", "are 200 rows enough to train"),
    ("synthetic-data", "is machine-made training data any good"),
    ("epochs-overfitting", "how many passes over the data before it memorises"),
    ("cheaper", "does training lower my token bill"),
    ("hardware", "is a gaming graphics card enough for training"),
    ("providers", "where can I still tune since OpenAI closed it"),
    ("many-adapters", "one server for twenty customers' LoRAs"),
    ("prompt-after-tuning", "tuned model ignores my new instructions"),
    ("is-tuning-safe", "could a tune undo the safety of the model"),
    ("how-many-test-items", "is 85 versus 88 percent on 100 rows a real gain"),
]
QUERIES = [query for _, query in PARAPHRASED]


@pytest.fixture(scope="module")
def index(library: Library) -> SearchIndex:
    return SearchIndex(library)


def first(found: Found, number: int = 3) -> list[tuple[Kind, str]]:
    return [(one.kind, one.id) for one in found.hits[:number]]


def first_question(found: Found) -> str:
    return next(one.id for one in found.hits if one.kind is Kind.FAQ)


# ---------------------------------------------------------------- in people's own words


def test_paraphrased_questions_exist(library: Library) -> None:
    ids = [id for id, _ in PARAPHRASED]

    assert len(set(ids)) == 30
    assert set(ids) <= set(library.questions)


def test_no_paraphrased_question_is_a_phrasing_that_the_search_knows(library: Library) -> None:
    known = "\n".join(
        " ".join(re.findall(r"\w+", text.lower()))
        for one in library.questions.values()
        for text in (one.question, *one.asked)
    )

    assert [one for one in QUERIES if " ".join(re.findall(r"\w+", one.lower())) in known] == []


def test_twenty_seven_of_thirty_paraphrased_questions_are_among_the_first_three(
    index: SearchIndex,
) -> None:
    missed = [
        f"{query} ({id})"
        for id, query in PARAPHRASED
        if (Kind.FAQ, id) not in first(index.search(query))
    ]

    assert len(missed) <= 3, "\n".join(missed)


def test_every_question_is_found_by_its_own_words(index: SearchIndex, library: Library) -> None:
    missed = [
        one.id
        for one in library.questions.values()
        if first_question(index.search(one.question)) != one.id
    ]

    assert missed == []


def test_a_documents_owner_finds_how_to_teach_them(index: SearchIndex) -> None:
    assert (Kind.FAQ, "teach-documents") in first(index.search("train on my data"))


# ---------------------------------------------------------------- spellings


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("finetunning", "fine-tuning"),
        ("promt", "prompt"),
        ("promt enginering", "prompt engineering"),
        ("halucinations", "hallucinations"),
        ("overfiting epochs", "overfitting epochs"),
    ],
)
def test_a_typo_finds_the_question_that_was_meant_and_is_told(
    index: SearchIndex, typed: str, meant: str
) -> None:
    found = index.search(typed)

    assert first_question(found) == first_question(index.search(meant))
    assert found.corrected
    assert not found.is_closest


@pytest.mark.parametrize(
    "spellings",
    [
        ("fine tune", "finetune", "fine-tune", "Fine-Tune"),
        ("fine tuning", "finetuning", "fine-tuning", "fine-tuned"),
        ("LORA", "LoRA", "lora", " lora? "),
        ("how much data for fine tuning", "how much data for finetuning"),
    ],
)
def test_spellings_of_one_word_give_the_same_first_three(
    index: SearchIndex, spellings: tuple[str, ...]
) -> None:
    assert len({tuple(first(index.search(one))) for one in spellings}) == 1


def test_a_word_that_is_still_being_typed_finds_something(index: SearchIndex) -> None:
    found = index.search("halluc")

    assert (Kind.FAQ, "hallucinations") in first(found)
    assert found.corrected == ()


# ---------------------------------------------------------------- by name


def test_a_word_of_the_glossary_comes_first_by_its_name(
    index: SearchIndex, library: Library
) -> None:
    missed = [
        one.term
        for one in library.terms.values()
        if first(index.search(one.term), 1) != [(Kind.GLOSSARY, one.id)]
    ]

    assert missed == []


def test_a_finding_comes_first_by_its_number(index: SearchIndex, library: Library) -> None:
    for id in library.findings:
        assert first(index.search(id), 1) == [(Kind.EVIDENCE, id)]
        assert first(index.search(id.lower()), 1) == [(Kind.EVIDENCE, id)]


def test_a_finding_comes_first_by_its_title(index: SearchIndex, library: Library) -> None:
    title = library.findings["E44"].title
    same = [one.id for one in library.findings.values() if one.title == title]

    ((kind, id),) = first(index.search(title), 1)

    assert kind is Kind.EVIDENCE
    assert id in same


# ---------------------------------------------------------------- what a hit shows


def test_a_snippet_marks_the_words_that_match(index: SearchIndex) -> None:
    for query, beginning in (("adapter", "adapt"), ("hallucination", "hallucin")):
        marked = [
            word.lower()
            for one in index.search(query).hits
            for word in re.findall(f"{MARK_START}(.*?){MARK_END}", one.snippet)
        ]

        assert any(word.startswith(beginning) for word in marked)


def test_marks_in_a_snippet_come_in_pairs(index: SearchIndex) -> None:
    for query in QUERIES:
        for one in index.search(query).hits:
            signs = re.sub(f"[^{MARK_START}{MARK_END}]", "", one.snippet)
            assert signs == (MARK_START + MARK_END) * (len(signs) // 2)
            assert one.snippet.strip()


def test_better_hits_have_higher_scores_and_no_hit_comes_twice(index: SearchIndex) -> None:
    for query in QUERIES:
        hits = index.search(query).hits
        scores = [one.score for one in hits]
        assert scores == sorted(scores, reverse=True)
        assert len({(one.kind, one.id) for one in hits}) == len(hits)


@pytest.mark.parametrize("limit", [1, 3, 8, 20])
def test_there_are_no_more_hits_than_wanted(index: SearchIndex, limit: int) -> None:
    assert len(index.search("prompt", limit).hits) == limit


# ---------------------------------------------------------------- nothing to find


@pytest.mark.parametrize("query", ["xyzzyqwert", "zzzz qqqq", "日本語"])
def test_an_unknown_word_gets_at_most_three_that_come_close(index: SearchIndex, query: str) -> None:
    found = index.search(query)

    assert found.is_closest
    assert len(found.hits) <= 3


@pytest.mark.parametrize("query", ["", " ", "\n\t", "?!", "___", "\x00", "**", "'"])
def test_an_empty_query_finds_nothing(index: SearchIndex, query: str) -> None:
    found = index.search(query)

    assert found.hits == ()
    assert not found.is_closest


def test_an_empty_library_can_be_searched() -> None:
    nothing = Library({}, {}, {}, {}, {}, {}, None, None, None, None, ())

    assert SearchIndex(nothing).search("lora").hits == ()


# ---------------------------------------------------------------- whatever is typed


@pytest.mark.parametrize(
    "query",
    [
        '"lora',
        '"lora" "',
        "lora AND rag",
        "AND",
        "OR OR",
        "NOT",
        "lora NOT rag",
        "lora*",
        "*",
        "NEAR(lora rag, 2)",
        "NEAR",
        "(lora",
        "lora)",
        "((",
        "title:lora",
        "{title lead} : lora",
        "^lora",
        "lora + rag",
        "-lora",
        "lora; DROP TABLE texts; --",
        "';--",
        "lora' OR '1'='1",
        "%s ? :name",
        "\\",
        "<script>alert(1)</script>",
    ],
)
def test_the_syntax_of_the_database_is_only_words(index: SearchIndex, query: str) -> None:
    found = index.search(query)

    assert len(found.hits) <= 8
    if "lora" in query:
        assert any("lora" in one.id for one in found.hits)


def test_the_database_is_still_there_after_an_attack(index: SearchIndex) -> None:
    before = index.search("lora")
    index.search("'); DROP TABLE texts; --")

    assert index.search("lora") == before


def test_a_long_query_is_cut(index: SearchIndex) -> None:
    found = index.search("lora " * 2000)

    assert len(found.query) <= MAX_QUERY
    assert any(one.id == "lora" for one in found.hits)
    assert len(index.search("x" * 10_000).query) == MAX_QUERY


@pytest.mark.parametrize("sign", ["\x00", "\x02", "\x03", "\x1b", "\x7f", "\u200b", "\ud800"])
def test_control_characters_are_harmless(index: SearchIndex, sign: str) -> None:
    assert first(index.search(f"{sign}lora{sign}")) == first(index.search("lora"))
    assert first(index.search(f"rag{sign} {sign}or tuning")) == first(index.search("rag or tuning"))


@pytest.mark.slow
def test_no_string_of_any_signs_raises(index: SearchIndex) -> None:
    chance = random.Random(5)
    ranges = (0x80, 0x3000, 0x110000)
    for _ in range(300):
        length = chance.randrange(1, 12)
        query = "".join(chr(chance.randrange(chance.choice(ranges))) for _ in range(length))

        assert len(index.search(query).hits) <= 8, ascii(query)


def test_two_threads_that_search_at_once_agree(index: SearchIndex) -> None:
    alone = [index.search(query) for query in QUERIES]

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: [index.search(query) for query in QUERIES], range(2))

    assert one == alone
    assert other == alone
