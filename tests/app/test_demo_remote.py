"""The demo page with a hosted model beside ours, or in its place: a small server stands for it.

Run: python -m pytest tests/app/test_demo_remote.py
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.content.tasks import load_task
from lib.errors import UserError
from lib.inference import shared
from lib.inference.conditions import ALL_CONDITIONS, Condition
from tests import fake_remote as fake
from tests.app.reading import answer, card, maybe_rendered, run_text, words
from tests.fake_remote import KEY, FakeRemote
from tests.fakes import FakeComparer

OpenPage = Callable[..., AppTest]
SAMPLE = load_task("booking").samples[0]


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRemote]:
    """A hosted model that the operator has set."""
    with fake.serving(FakeRemote()) as running:
        for name, value in running.settings().items():
            monkeypatch.setenv(name, value)
        yield running


def _fifth(at: AppTest) -> Any:
    return at.get_by_key("card_remote")


def _has_fifth(at: AppTest) -> bool:
    return "A hosted model beside them" in words(at)


def _everything(at: AppTest) -> str:
    return "\n".join([*(text for _, text in maybe_rendered(at)), *(one.value for one in at.code)])


# ------------------------------------------------------------------------- no settings


def test_without_settings_one_line_at_the_foot_says_how(demo: AppTest) -> None:
    run_text(demo, "A table for 5")
    assert not _has_fifth(demo)
    assert words(demo).count("hosted model") == 1
    assert "docs/deploy.md" in words(demo)
    assert not demo.exception
    assert not demo.warning
    assert not demo.error


def test_page_says_where_a_text_goes(
    remote: FakeRemote, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise = "nothing is stored or sent anywhere"
    assert promise not in words(open_page("demo"))
    assert "also sent to a hosted model, **big-model**" in words(open_page("demo"))
    monkeypatch.setenv("POT_REMOTE_CONDITIONS", "all")
    assert promise not in words(open_page("demo"))
    assert "from a hosted model, **big-model**" in words(open_page("demo"))
    for name in remote.settings(POT_REMOTE_CONDITIONS=""):
        monkeypatch.delenv(name)
    assert promise in words(open_page("demo"))


def test_without_settings_the_download_is_as_before(
    open_page: OpenPage, downloads: dict[str, str]
) -> None:
    run_text(open_page("demo"), "A table for 5")
    assert "remote" not in json.loads(downloads["demo_download"])


# ------------------------------------------------------------------------- the fifth card


def test_fifth_card_waits_and_names_the_model(demo_with_remote: AppTest) -> None:
    told = words(_fifth(demo_with_remote))
    assert "big-model" in told
    assert "Press Run" in told
    assert "docs/deploy.md" not in words(demo_with_remote)


@pytest.fixture
def demo_with_remote(remote: FakeRemote, open_page: OpenPage) -> AppTest:
    return open_page("demo")


def test_run_fills_five_cards(
    remote: FakeRemote, demo_with_remote: AppTest, fake_comparer: FakeComparer
) -> None:
    at = demo_with_remote
    assert SAMPLE.expected is not None
    remote.answers = [fake.says(SAMPLE.expected)]
    at.button(key="demo_start").click().run()
    assert not at.exception
    assert not at.error
    assert "Right" in words(_fifth(at))
    assert json.loads(_fifth(at).get("code")[0].value) == json.loads(SAMPLE.expected)
    assert "120 tokens sent (20 of them cached), 7 written" in words(_fifth(at))
    assert "no price of this model" in words(_fifth(at))
    for condition in ALL_CONDITIONS:
        assert answer(at, condition) == fake_comparer.default_reply
    shown = _fifth(at).get("code")[1].value
    assert shown.startswith("[system]\nYou turn a guest's message")
    assert shown.endswith(f"[user]\n{SAMPLE.inputs['text']}")


def test_cost_is_an_estimate_with_its_version(
    remote: FakeRemote, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POT_REMOTE_PROVIDER", "openai")
    monkeypatch.setenv("POT_REMOTE_MODEL", "gpt-4o-mini")
    at = run_text(open_page("demo"), "A table for 5")
    told = words(_fifth(at))
    assert "About $0.0000" in told
    assert "an estimate by genai-prices" in told
    assert "looked up on 20" in told


def test_download_has_the_hosted_answer_beside_the_conditions_and_no_secret(
    remote: FakeRemote, demo_with_remote: AppTest, downloads: dict[str, str]
) -> None:
    run_text(demo_with_remote, "A table for 5")
    found = json.loads(downloads["demo_download"])
    assert [one["id"] for one in found["conditions"]] == [one.value for one in ALL_CONDITIONS]
    (hosted,) = found["remote"]["conditions"]
    assert hosted["model"] == "big-model"
    assert hosted["answer"] == {"people": "2"}
    assert KEY not in downloads["demo_download"]
    assert remote.base_url not in downloads["demo_download"]


def test_neither_key_nor_address_reach_the_page(
    remote: FakeRemote, demo_with_remote: AppTest
) -> None:
    remote.answers = [fake.says("{}"), fake.fails(401)]
    for _ in range(2):
        run_text(demo_with_remote, "A table for 5")
        assert KEY not in _everything(demo_with_remote)
        assert remote.base_url not in _everything(demo_with_remote)
        assert str(remote.port) not in _everything(demo_with_remote)


def test_settings_may_stand_in_the_secrets_file(
    remote: FakeRemote, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in remote.settings():
        monkeypatch.delenv(name)
    at = open_page("home")
    at.secrets = {**remote.settings(POT_REMOTE_MODEL="secret-model"), "other": {"a": 1}}
    at.switch_page("pages/demo.py").run()
    assert not at.exception
    assert "secret-model" in words(_fifth(at))


def test_markup_of_a_hosted_model_is_never_rendered(
    remote: FakeRemote, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "![x](https://example.org/a.png) <img src=x> :material/home:"
    monkeypatch.setenv("POT_REMOTE_MODEL", "![m](https://example.org/m.png)")
    remote.answers = [fake.says(hostile)]
    at = run_text(open_page("demo"), "A table for 5")
    assert _fifth(at).get("code")[0].value == hostile
    for kind, content in maybe_rendered(at):
        assert "example.org" not in content.replace("\u2060", "") or "\\!" in content, kind
        assert "<img src=x>" not in content, kind


def test_changed_requirement_goes_to_the_hosted_model_too(
    remote: FakeRemote, open_page: OpenPage
) -> None:
    remote.answers = [fake.says('{"people": "5"}')]
    at = run_text(open_page("demo", change="party"), "A table for 5")
    assert "party" in remote.asked[0].body["messages"][0]["content"]
    assert "Answers in the old form" in words(_fifth(at))


def test_answers_survive_a_visit_to_home(remote: FakeRemote, demo_with_remote: AppTest) -> None:
    at = run_text(demo_with_remote, "A table for 5")
    at.switch_page("pages/home.py").run()
    at.switch_page("pages/demo.py").run()
    assert _fifth(at).get("code")[0].value == '{"people": "2"}'
    assert len(remote.asked) == 1


# ------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("played", "part"),
    [
        (fake.fails(401), "POT_REMOTE_API_KEY"),
        (fake.fails(404), "POT_REMOTE_MODEL"),
        (fake.fails(503), "failed (503)"),
        (fake.page(), "POT_REMOTE_BASE_URL"),
        (fake.breaks_after('{"peo'), "broke off"),
    ],
)
def test_failing_hosted_model_is_one_sentence_in_its_card_and_the_four_stand(
    remote: FakeRemote, demo_with_remote: AppTest, played: fake.Answer, part: str
) -> None:
    remote.answers = [played]
    at = run_text(demo_with_remote, "A table for 5")
    assert not at.exception
    assert len(at.error) == 1
    assert part in words(_fifth(at))
    for condition in ALL_CONDITIONS:
        assert answer(at, condition) == '{"people": "2"}'


def test_failing_local_model_leaves_the_hosted_answer(
    remote: FakeRemote, demo_with_remote: AppTest, fake_comparer: FakeComparer
) -> None:
    fake_comparer.error = UserError("Not now.")
    at = run_text(demo_with_remote, "A table for 5")
    assert [error.value for error in at.error] == ["Not now."]
    assert "Valid answer" in words(_fifth(at))


def test_answer_cut_by_the_limit_is_told(remote: FakeRemote, demo_with_remote: AppTest) -> None:
    remote.answers = [fake.says('{"people": "', finish="length")]
    at = run_text(demo_with_remote, "A table for 5")
    assert "cut before it was done" in words(_fifth(at))


@pytest.mark.parametrize(
    ("name", "value"),
    [("POT_REMOTE_BASE_URL", "localhost"), ("POT_REMOTE_MODEL", ""), ("POT_REMOTE_TIMEOUT", "x")],
)
def test_wrong_setting_is_one_sentence_in_the_fifth_card_and_all_else_works(
    remote: FakeRemote, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    at = run_text(open_page("demo"), "A table for 5")
    assert not at.exception
    assert len(at.error) == 1
    assert name in words(_fifth(at))
    assert answer(at, Condition.LORA) == '{"people": "2"}'
    assert remote.asked == []


# ------------------------------------------------------------------------- in place of ours


@pytest.fixture
def alone(
    remote: FakeRemote, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], AppTest]:
    """Open the page where the hosted model answers all conditions; ours must not be asked."""

    def no_comparer(progress: object = None) -> None:
        raise AssertionError("the model here was loaded")

    def open_() -> AppTest:
        monkeypatch.setattr(shared, "get_comparer", no_comparer)
        return open_page("demo")

    monkeypatch.setenv("POT_REMOTE_CONDITIONS", "all")
    monkeypatch.setenv("POT_REMOTE_ADAPTERS", "booking=tuned")
    return open_


def test_hosted_model_alone_fills_the_four_cards(
    remote: FakeRemote, alone: Callable[[], AppTest], downloads: dict[str, str]
) -> None:
    remote.by_model["tuned"] = fake.says('{"people": "5"}')
    at = run_text(alone(), "A table for 5")
    assert not at.exception
    assert not at.error
    assert not _has_fifth(at)
    assert json.loads(answer(at, Condition.ENGINEERED)) == {"people": "2"}
    assert json.loads(answer(at, Condition.LORA)) == {"people": "5"}
    assert "All answers come from the hosted model big-model" in words(at)
    assert "1,234 test messages" not in words(at)  # those were measured on our model
    found = json.loads(downloads["demo_download"])
    assert found["text"] == "A table for 5"
    assert [one["model"] for one in found["remote"]["conditions"]] == [
        *("big-model", "big-model", "tuned", "tuned")
    ]


def test_hosted_model_alone_without_an_adapter_for_the_task_says_so(
    alone: Callable[[], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POT_REMOTE_ADAPTERS", "")
    at = run_text(alone(), "A table for 5")
    assert json.loads(answer(at, Condition.PLAIN)) == {"people": "2"}
    for condition in (Condition.LORA, Condition.LORA_ENGINEERED):
        assert "POT_REMOTE_ADAPTERS names no adapter" in words(card(at, condition))


def test_hosted_model_alone_names_answers_to_an_earlier_text(
    alone: Callable[[], AppTest],
) -> None:
    at = run_text(alone(), "A table for 5")
    at.text_area(key="demo_text_booking").set_value("A table for 6").run()
    assert "These answers belong to the text before" in words(at)
