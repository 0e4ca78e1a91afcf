"""What every test may use: one small task of each kind, and stand-ins that need no weights."""

import os
from pathlib import Path

import pytest

from lib import cli
from lib.inference import compare as comparing
from lib.inference import shared
from lib.task import Data, Example, Prompts, PromptTemplate, Sample, Task
from tests.fakes import FakeComparer, LetterTokenizer

CREDIT = Data(name="made up", source="https://example.org", licence="CC0", credit="nobody")


@pytest.fixture
def extraction_task() -> Task:
    """A booking task with two keys and one solved example."""
    template = PromptTemplate(user="Booking:\n{text}")
    return Task(
        id="tiny_booking",
        title="Booking",
        kind="extraction",
        summary="A message becomes JSON.",
        input_label="A message",
        max_characters=200,
        max_new_tokens=16,
        prompts=Prompts(
            plain=template,
            engineered=PromptTemplate(
                system="Write JSON.",
                user="{text}",
                examples=(Example({"text": "two on Friday"}, '{"people": "two"}'),),
            ),
            short=template,
        ),
        samples=(Sample("one", "One", {"text": "for 4"}, '{"people": "4"}', "why"),),
        data=CREDIT,
        keys={"people": "how many guests", "date": "the day"},
    )


@pytest.fixture
def classification_task() -> Task:
    """A routing task with two labels."""
    template = PromptTemplate(user="Team for: {text}")
    return Task(
        id="tiny_routing",
        title="Routing",
        kind="classification",
        summary="A message goes to a team.",
        input_label="A message",
        max_characters=200,
        max_new_tokens=4,
        prompts=Prompts(plain=template, engineered=template, short=template),
        samples=(),
        data=CREDIT,
        labels={"cards": "lost or broken cards", "cash": "cash machines"},
    )


@pytest.fixture
def qa_task() -> Task:
    """A question answering task: two inputs."""
    template = PromptTemplate(user="{context}\n\n{question}")
    return Task(
        id="tiny_qa",
        title="Questions",
        kind="question_answering",
        summary="A phrase of the passage answers.",
        input_label="A passage and a question",
        max_characters=200,
        max_new_tokens=8,
        prompts=Prompts(plain=template, engineered=template, short=template),
        samples=(),
        data=CREDIT,
    )


@pytest.fixture
def letter_tokenizer() -> LetterTokenizer:
    """A tokenizer whose token counts can be checked by counting letters."""
    return LetterTokenizer()


@pytest.fixture(autouse=True)
def _own_cache_folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep tests out of the user's cache folder, save those that need the converted model in it."""
    shares_the_model = any(request.node.get_closest_marker(name) for name in ("model", "e2e"))
    if not shares_the_model and "POT_CACHE_DIR" not in os.environ:
        monkeypatch.setenv("POT_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def fake_comparer(monkeypatch: pytest.MonkeyPatch) -> FakeComparer:
    """The comparer that pages get from now on; a test scripts it before it presses Run."""
    fake = FakeComparer()

    def get_comparer(progress: object = None) -> FakeComparer:
        return fake

    monkeypatch.setattr(shared, "get_comparer", get_comparer)
    return fake


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, fake_comparer: FakeComparer) -> FakeComparer:
    """The scripted comparer that commands get instead of the model."""
    monkeypatch.setattr(cli, "_load_model", lambda: None)
    monkeypatch.setattr(comparing, "Comparer", lambda base: fake_comparer)
    return fake_comparer


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a command loads the model before it has looked at what it was given."""

    def load() -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(cli, "_load_model", load)
