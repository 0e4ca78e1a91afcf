"""A task under a changed requirement: prompts and samples follow, the short prompt does not.

Run: python -m pytest tests/test_task_change.py
"""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from lib.errors import InputError
from lib.inference.parsing import parse_answer, parse_old_form
from lib.inference.prompts import fingerprint
from lib.task import Change, Example, OwnText, Prompts, PromptTemplate, Sample, Task
from lib.task_change import change_id, changed_task, find_change, translated

PARTY = Change("party", "Party", "A new name.", rename={"people": "party"})


@pytest.fixture
def booking(extraction_task: Task) -> Task:
    """The small booking task with prompts that name its keys."""
    engineered = PromptTemplate(
        system='"people": how many guests\n"date": the day\nNever add another key.',
        user="{text}",
        examples=(
            Example({"text": "two people on Friday"}, '{"people": "two people", "date": "Friday"}'),
            Example({"text": "can we sit outside"}, "{}"),
        ),
    )
    plain = PromptTemplate(user="JSON with people and date:\n{text}")
    prompts = Prompts(plain, engineered, extraction_task.prompts.short)
    return replace(extraction_task, prompts=prompts, changes=(PARTY,))


@pytest.fixture
def routing(classification_task: Task) -> Task:
    """The small routing task with prompts that name its labels."""
    engineered = PromptTemplate(
        system="Which team?\ncards: lost cards\ncash: machines",
        user="{text}",
        examples=(Example({"text": "my cards"}, "cards"), Example({"text": "notes"}, "cash")),
    )
    plain = PromptTemplate(user="cards or cash?\n{text}")
    prompts = Prompts(plain, engineered, classification_task.prompts.short)
    sample = Sample("lost", "Lost", {"text": "my card"}, "cards", "")
    return replace(classification_task, prompts=prompts, samples=(sample,))


def _table(**more: Any) -> Change:
    given: dict[str, Any] = {
        "add": {"table": "where to sit"},
        "examples": (
            Example({"text": "can we sit outside"}, '{"table": "outside"}'),
            Example({"text": "the bar, on Monday"}, '{"date": "Monday", "table": "bar"}'),
        ),
        "samples": (
            Sample("window", "Window", {"text": "a window"}, '{"table": "window"}', ""),
            Sample("one", "Other", {"text": "4 outside"}, '{"people": "4"}', ""),
        ),
    }
    return Change("table", "Table", "A new key.", **{**given, **more})


# ------------------------------------------------------------------ renamed


def test_a_renamed_key_is_renamed_wherever_prompts_name_it(booking: Task) -> None:
    made = changed_task(booking, PARTY)
    assert list(made.keys.items()) == [("party", "how many guests"), ("date", "the day")]
    assert made.prompts.plain.user == "JSON with party and date:\n{text}"
    assert made.prompts.engineered.system == (
        '"party": how many guests\n"date": the day\nNever add another key.'
    )
    assert [one.answer for one in made.prompts.engineered.examples] == [
        '{"party": "two people", "date": "Friday"}',
        "{}",
    ]


def test_texts_of_guests_are_never_reworded(booking: Task) -> None:
    made = changed_task(booking, PARTY)
    assert made.prompts.engineered.examples[0].inputs == {"text": "two people on Friday"}


def test_the_short_prompt_stays_what_the_adapter_was_trained_on(booking: Task) -> None:
    assert changed_task(booking, PARTY).prompts.short == booking.prompts.short


def test_the_task_itself_is_left_alone(booking: Task) -> None:
    before = fingerprint(booking.prompts.engineered)
    made = changed_task(booking, PARTY)
    assert fingerprint(booking.prompts.engineered) == before
    assert fingerprint(made.prompts.engineered) != before
    assert made.original is booking
    assert (made.id, made.folder) == (booking.id, booking.folder)


def test_expected_answers_are_translated(booking: Task) -> None:
    assert changed_task(booking, PARTY).samples[0].expected == '{"party": "4"}'


def test_a_sample_without_an_answer_has_none_afterwards(booking: Task) -> None:
    two = replace(booking, samples=(Sample("two", "Two", {"text": "2 and 3"}, None, ""),))
    assert changed_task(two, PARTY).samples[0].expected is None


def test_a_renamed_label_is_renamed_in_prompts_examples_and_samples(routing: Task) -> None:
    change = Change("desk", "Desk", "", rename={"cards": "desk"}, keep=("lost cards",))
    made = changed_task(routing, change)
    assert list(made.labels) == ["desk", "cash"]
    assert made.prompts.plain.user == "desk or cash?\n{text}"
    assert made.prompts.engineered.system == "Which team?\ndesk: lost cards\ncash: machines"
    assert [one.answer for one in made.prompts.engineered.examples] == ["desk", "cash"]
    assert made.samples[0].expected == "desk"


# ------------------------------------------------------------------ added


def test_an_added_key_is_named_last_and_explained(booking: Task) -> None:
    made = changed_task(booking, _table())
    assert list(made.keys) == ["people", "date", "table"]
    assert made.prompts.plain.user == "JSON with people, date and table:\n{text}"
    assert made.prompts.engineered.system == (
        '"people": how many guests\n"date": the day\n"table": where to sit\nNever add another key.'
    )


def test_solved_examples_of_a_change_take_the_place_of_those_with_the_same_text(
    booking: Task,
) -> None:
    answers = [one.answer for one in changed_task(booking, _table()).prompts.engineered.examples]
    assert answers == [
        '{"people": "two people", "date": "Friday"}',
        '{"table": "outside"}',
        '{"date": "Monday", "table": "bar"}',
    ]


def test_own_samples_come_first_and_take_the_place_of_those_with_the_same_id(
    booking: Task,
) -> None:
    made = changed_task(booking, _table())
    assert [(one.id, one.title) for one in made.samples] == [("window", "Window"), ("one", "Other")]


def test_an_added_label_joins_the_labels(routing: Task) -> None:
    change = Change(
        "loans",
        "Loans",
        "",
        add={"loans": "borrowing"},
        examples=(Example({"text": "lend me 5"}, "loans"),),
        samples=(
            Sample("a", "A", {"text": "a loan"}, "loans", ""),
            Sample("b", "B", {"text": "a card"}, "cards", ""),
        ),
    )
    made = changed_task(routing, change)
    assert list(made.labels) == ["cards", "cash", "loans"]
    assert made.prompts.plain.user == "cards, cash or loans?\n{text}"
    assert made.prompts.engineered.system == (
        "Which team?\ncards: lost cards\ncash: machines\nloans: borrowing"
    )


# ------------------------------------------------------------------ the old form


def test_an_answer_under_the_old_name_is_the_old_form_and_not_valid(booking: Task) -> None:
    made, raw = changed_task(booking, PARTY), '{"people": "4"}'
    assert parse_answer(made, raw) is None
    assert parse_old_form(made, raw) == {"people": "4"}


@pytest.mark.parametrize("raw", ['{"party": "4"}', "{}", "no JSON", '{"people": 4}', '{"x": "y"}'])
def test_what_is_valid_now_or_never_was_is_not_the_old_form(booking: Task, raw: str) -> None:
    assert parse_old_form(changed_task(booking, PARTY), raw) is None


def test_without_a_change_nothing_has_an_old_form(booking: Task) -> None:
    assert parse_old_form(booking, '{"people": "4"}') is None
    assert change_id(booking) is None
    assert change_id(changed_task(booking, PARTY)) == "party"


def test_answers_are_translated_with_their_values_untouched(booking: Task) -> None:
    assert translated(booking, PARTY, '{"people": "people", "date": "März"}') == (
        '{"party": "people", "date": "März"}'
    )
    with pytest.raises(ValueError, match="no object"):
        translated(booking, PARTY, "[]")


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({}, "either `rename` or `add`"),
        ({"rename": {"people": "party"}, "add": {"table": "x"}}, "either `rename` or `add`"),
        ({"rename": {"people": "Party size"}}, "rename"),
        ({"add": {"table": "x"}}, "solved `examples`, and two `samples`"),
        ({"rename": {"people": "party"}, "colour": "red"}, "colour"),
    ],
)
def test_a_change_that_contradicts_itself_is_refused(more: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Change("odd", "Odd", "", **more)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ((PARTY, PARTY), "two changes have the id 'party'"),
        ((Change("x", "X", "", rename={"guests": "party"}),), "has no 'guests' to rename"),
        ((Change("x", "X", "", rename={"people": "date"}),), "'date' is there already"),
        (
            (_table(samples=(Sample("s", "S", {"word": "x"}, None, ""),) * 2),),
            "sample s has",
        ),
    ],
)
def test_a_task_refuses_changes_that_do_not_fit(
    booking: Task, changes: tuple[Change, ...], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        replace(booking, changes=changes)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            replace(PARTY, own_text={"engineered": OwnText(system="How many people?")}),
            "the engineered prompt does not name 'party'",
        ),
        (
            replace(PARTY, own_text={"engineered": OwnText(system="party, not people")}),
            "the engineered prompt still names 'people'",
        ),
        (
            replace(PARTY, own_text={"plain": OwnText(user="JSON, please:\n{text}")}),
            "the plain prompt does not name 'party'",
        ),
        (
            _table(examples=(Example({"text": "Monday"}, '{"date": "Monday"}'),)),
            "no solved example answers with 'table'",
        ),
        (
            _table(examples=(Example({"text": "bar"}, '{"table": "bar", "seat": "x"}'),)),
            "has 'seat', which is no name of the task",
        ),
        (
            _table(samples=(Sample("a", "A", {"text": "4"}, '{"people": "4"}', ""),) * 2),
            "no sample of its own expects what is new",
        ),
    ],
)
def test_a_prompt_that_would_not_follow_is_refused(
    booking: Task, change: Change, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        changed_task(booking, change)


def test_own_text_replaces_the_rules(booking: Task) -> None:
    own = {"engineered": OwnText(system="Count the party.")}
    made = changed_task(booking, replace(PARTY, own_text=own))
    assert made.prompts.engineered.system == "Count the party."
    assert made.prompts.engineered.user == "{text}"


def test_prose_in_which_no_rule_finds_a_place_asks_for_own_text(booking: Task) -> None:
    vague = replace(booking.prompts.engineered, system="Write JSON.")
    task = replace(booking, prompts=replace(booking.prompts, engineered=vague))
    with pytest.raises(ValueError, match="does not name 'table': give it an `own_text`"):
        changed_task(task, _table())


def test_an_unknown_change_names_those_that_exist(booking: Task, routing: Task) -> None:
    assert find_change(booking, "party") is PARTY
    with pytest.raises(InputError, match="has no change 'bar': choose from party"):
        find_change(booking, "bar")
    with pytest.raises(InputError, match="lists none"):
        find_change(routing, "bar")
