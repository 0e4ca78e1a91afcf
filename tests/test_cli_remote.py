"""`compare --remote`: the hosted model's answer beside ours, and its mistakes.

Run: python -m pytest tests/test_cli_remote.py
"""

from collections.abc import Iterator

import pytest

from tests import fake_remote as fake
from tests.fake_remote import KEY, FakeRemote
from tests.fakes import FakeComparer
from tests.running import Run, runner

pytestmark = pytest.mark.slow  # it waits for servers of its own

BOOKING = ("compare", "--task", "booking", "--text", "A table for 2")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRemote]:
    with fake.serving(FakeRemote()) as running:
        for name, value in running.settings().items():
            monkeypatch.setenv(name, value)
        yield running


def test_answer_of_the_hosted_model_stands_under_remote(
    run: Run, model: FakeComparer, remote: FakeRemote
) -> None:
    found = run(*BOOKING, "--remote", "--json").json
    assert len(found["conditions"]) == 4
    (hosted,) = found["remote"]["conditions"]
    assert (hosted["id"], hosted["model"]) == ("engineered", "big-model")
    assert hosted["answer"] == {"people": "2"}
    assert hosted["problem"] is None


def test_people_get_one_more_line(run: Run, model: FakeComparer, remote: FakeRemote) -> None:
    lines = run(*BOOKING, "--remote").out.splitlines()
    assert len(lines) == 6
    assert lines[-1].startswith("big-model, Engineered prompt, ")
    assert lines[-1].endswith("""s: valid  '{"people": "2"}'""")


def test_without_the_option_the_hosted_model_is_not_asked(
    run: Run, model: FakeComparer, remote: FakeRemote
) -> None:
    assert "remote" not in run(*BOOKING, "--json").json
    assert remote.asked == []


def test_failing_hosted_model_leaves_our_answers(
    run: Run, model: FakeComparer, remote: FakeRemote
) -> None:
    remote.answers = [fake.fails(401)]
    ended = run(*BOOKING, "--remote", "--json")
    (hosted,) = ended.json["remote"]["conditions"]
    assert "POT_REMOTE_API_KEY" in hosted["problem"]
    assert hosted["answer"] is None
    assert len(ended.json["conditions"]) == 4
    assert KEY not in ended.out + ended.err


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("POT_REMOTE_BASE_URL", "nonsense", "POT_REMOTE_BASE_URL is not an address"),
        ("POT_REMOTE_MODEL", "", "POT_REMOTE_MODEL is missing"),
    ],
)
def test_wrong_setting_is_one_line_before_the_model_loads(
    run: Run,
    no_model: None,
    remote: FakeRemote,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    part: str,
) -> None:
    monkeypatch.setenv(name, value)
    ended = run(*BOOKING, "--remote")
    assert (ended.status, ended.out) == (2, "")
    assert part in ended.err
    assert ended.err.count("\n") == 1


def test_without_settings_one_line_says_what_to_set(run: Run, no_model: None) -> None:
    ended = run(*BOOKING, "--remote")
    assert (ended.status, ended.out) == (2, "")
    assert "set POT_REMOTE_BASE_URL and POT_REMOTE_MODEL" in ended.err
