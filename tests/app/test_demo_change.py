"""The demo page under a changed requirement: prompts follow, answers in the old form are named.

Run: python -m pytest tests/app/test_demo_change.py
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.content import tasks
from lib.content.tasks import load_task
from lib.errors import ContentError
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.ui import demo_change, library
from tests.app.reading import answer, card, run_text, sent, words
from tests.fakes import FakeComparer
from tests.measured_curve import write_curve_file

OpenPage = Callable[..., AppTest]
SWITCH = "demo_change_booking"
OLD = json.dumps(
    {
        "people": "6",
        "date": "Friday",
        "time": "half past seven",
        "first_name": "Maya",
        "last_name": "Ortega",
    }
)
NEW = OLD.replace("people", "party")


@pytest.fixture
def party(open_page: OpenPage, fake_comparer: FakeComparer) -> AppTest:
    """The page with people renamed; the adapter keeps to what it learned."""
    fake_comparer.replies = {
        Condition.PLAIN: "Sure!",
        Condition.ENGINEERED: NEW,
        Condition.LORA: OLD,
        Condition.LORA_ENGINEERED: '{"people": "6"}',
    }
    return open_page("demo", change="party")


def test_first_visit_is_as_trained(demo: AppTest) -> None:
    switch = demo.get_by_key(SWITCH)
    titles = [one.title for one in load_task("booking").changes]
    assert switch.options == ["As trained", *titles]
    assert switch.value == ""
    assert "change" not in demo.query_params
    assert "What the change costs" not in words(demo)


def test_switch_stands_in_the_address(demo: AppTest) -> None:
    demo.get_by_key(SWITCH).set_value("table").run()
    assert demo.query_params["change"] == "table"
    assert load_task("booking").changes[1].about.strip() in words(demo)
    demo.get_by_key(SWITCH).set_value("").run()
    assert "change" not in demo.query_params


@pytest.mark.parametrize("unknown", ["nonsense", "<b>", "card_desk", ""])
def test_link_to_an_unknown_change_is_as_trained(open_page: OpenPage, unknown: str) -> None:
    at = open_page("demo", change=unknown)
    assert not at.exception
    assert at.get_by_key(SWITCH).value == ""
    assert "change" not in at.query_params


def test_prompts_follow_at_once_and_the_short_one_stays(party: AppTest) -> None:
    party.button(key="demo_start").click().run()
    assert not party.exception
    assert "keys party, date" in sent(party, Condition.PLAIN)
    assert '"party": how many guests' in sent(party, Condition.ENGINEERED)
    assert '"people"' not in sent(party, Condition.ENGINEERED)
    assert sent(party, Condition.ENGINEERED) == sent(party, Condition.LORA_ENGINEERED)
    party.get_by_key(SWITCH).set_value("").run()
    party.button(key="demo_start").click().run()
    assert '"people": how many guests' in sent(party, Condition.ENGINEERED)


def test_answers_in_the_old_form_are_told_apart_from_other_failures(party: AppTest) -> None:
    party.button(key="demo_start").click().run()
    assert "No usable answer" in words(card(party, Condition.PLAIN))
    assert "**Right**: every field as we expect it" in words(card(party, Condition.ENGINEERED))
    lora = words(card(party, Condition.LORA))
    assert "Answers in the old form: “people” is “party” now" in lora.replace("*", "")
    assert "The content is what we expect." in lora
    assert "Right" not in lora
    both = words(card(party, Condition.LORA_ENGINEERED))
    assert "Answers in the old form" in both
    assert "The content is what we expect." not in both
    assert answer(party, Condition.LORA) == OLD
    shown = party.info[0].value.replace("\\", "")
    assert "LoRA and LoRA + engineered answer in the old form." in shown
    assert "The engineered prompt uses the new name." in shown


def test_old_shares_do_not_stand_beside_new_answers(party: AppTest) -> None:
    party.button(key="demo_start").click().run()
    told = words(party)
    assert "test messages" not in "".join(words(card(party, one)) for one in ALL_CONDITIONS)
    assert "no held-out rows exist for the changed requirement" in told
    assert "Is this typical?" not in told


def test_each_requirement_keeps_its_own_answers(party: AppTest) -> None:
    party.button(key="demo_start").click().run()
    party.get_by_key(SWITCH).set_value("").run()
    assert "Press Run" in words(card(party, Condition.LORA))
    party.get_by_key(SWITCH).set_value("party").run()
    assert answer(party, Condition.LORA) == OLD


def test_text_stays_when_the_requirement_changes(demo: AppTest) -> None:
    run_text(demo, "A table for 5")
    demo.get_by_key(SWITCH).set_value("party").run()
    assert demo.text_area(key="demo_text_booking").value == "A table for 5"


def test_run_is_downloaded_with_the_change_and_the_old_answers(
    party: AppTest, downloads: dict[str, str]
) -> None:
    party.button(key="demo_start").click().run()
    run = json.loads(downloads["demo_download"])
    assert (run["task"], run["change"]) == ("booking", "party")
    by_id = {one["id"]: one for one in run["conditions"]}
    assert by_id["lora"]["valid"] is False
    assert by_id["lora"]["old_answer"] == json.loads(OLD)
    assert by_id["engineered"]["old_answer"] is None
    assert by_id["engineered"]["answer"] == json.loads(NEW)


def test_run_of_the_task_as_trained_names_no_change(
    demo: AppTest, downloads: dict[str, str]
) -> None:
    demo.button(key="demo_start").click().run()
    run = json.loads(downloads["demo_download"])
    assert "change" not in run
    assert "old_answer" not in run["conditions"][0]


def test_added_key_brings_samples_of_its_own(
    open_page: OpenPage, fake_comparer: FakeComparer
) -> None:
    fake_comparer.replies = {Condition.ENGINEERED: '{"table": "in the garden"}'}
    fake_comparer.default_reply = "{}"
    at = open_page("demo", change="table", demo_sample="garden")
    assert at.text_area(key="demo_text_booking").value == "Could we sit in the garden?"
    at.button(key="demo_start").click().run()
    assert "Right" in words(card(at, Condition.ENGINEERED))
    assert "not what we expect" in words(card(at, Condition.LORA))
    shown = at.info[0].value.replace("\\", "")
    assert "“table”, which is new here, is used by Engineered prompt." in shown
    at.get_by_key(SWITCH).set_value("").run()
    assert "demo_sample" not in at.query_params  # it is nobody's sample now


def test_cost_of_retraining_comes_from_our_own_training(party: AppTest) -> None:
    record = json.loads((load_task("booking").folder / "training.json").read_text("utf-8"))
    told = words(party)
    assert f"{record['rows']:,} rows" in told
    assert f"{record['seconds'] / 60:,.0f} minutes" in told
    assert record["processor"] in told
    assert "a script can rewrite" in told
    difference = next(one.value for one in party.code if one.language == "diff")
    assert '- "people": how many guests' in difference
    assert '+ "party": how many guests' in difference


def test_renamed_label_is_judged_by_its_new_name(
    open_page: OpenPage, fake_comparer: FakeComparer
) -> None:
    fake_comparer.replies = {Condition.LORA: "cards", Condition.ENGINEERED: "card_desk"}
    fake_comparer.default_reply = "security"
    at = open_page("demo", task="routing", change="card_desk", demo_sample="letterbox")
    at.button(key="demo_start").click().run()
    assert not at.exception
    assert "“cards” is “card_desk” now" in words(card(at, Condition.LORA))
    assert "Right" in words(card(at, Condition.ENGINEERED))
    at.get_by_key("demo_mode").set_value("score").run()
    table = card(at, Condition.LORA).get("dataframe")[0].value
    assert "card_desk" in table["label"].to_list()
    assert "cards" not in table["label"].to_list()
    assert "old form" not in words(card(at, Condition.LORA))


def test_change_of_one_task_is_not_taken_to_another(open_page: OpenPage) -> None:
    at = open_page("demo", change="party")
    at.get_by_key("demo_task").set_value("routing").run()
    assert "change" not in at.query_params
    at.get_by_key("demo_task").set_value("booking").run()
    assert at.query_params["change"] == "party"


def test_fewer_rows_come_from_the_learning_curve(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tasks"
    shutil.copytree(
        tasks.TASKS / "booking", folder / "booking", ignore=shutil.ignore_patterns("adapter")
    )
    write_curve_file(folder / "booking", scored=False)
    monkeypatch.setattr(tasks, "TASKS", folder)
    library._tasks.clear()
    told = words(open_page("demo", change="party"))
    library._tasks.clear()
    # Two seeds, of 20 and 24 right rows among 100; one seed of 94.
    assert "on 100 test rows: 16 rows 22.0% right after" in told
    assert "2,048 rows 94.0% right after" in told
    assert "Whether a changed one takes as many was not measured." in told


def test_missing_record_of_the_training_is_one_sentence(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(folder: object) -> None:
        raise ContentError("training.json is missing.")

    monkeypatch.setattr(demo_change, "read_training_record", missing)
    at = open_page("demo", change="party")
    assert not at.exception
    assert "training.json is missing." in words(at)
