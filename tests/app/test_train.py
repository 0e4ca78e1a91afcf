"""The train page, in this process, with a scripted worker: rows in, a private link, a verdict.

Run: python -m pytest tests/app/test_train.py
"""

import csv
import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.content.page_texts import load_page_texts
from lib.content.samples import load_sample_sets
from lib.errors import BaseModelError
from lib.ui import rows_form, train_pace
from lib.verdict import jobs as jobs_module
from lib.verdict import pace, take_home
from lib.verdict.diary import Diary, Ended, Looked, Measuring, Noted, Scored, Stage, Trained
from lib.verdict.folder import ANSWERS, VERDICT, read_order
from lib.verdict.jobs import Jobs, JobState
from lib.verdict.judge import Measured, Way, judge, verdict_json
from lib.verdict.pace import Pace
from tests.app.reading import maybe_rendered, words

TEXTS = load_page_texts().train
PACE = Pace(trained_tokens=500.0, read_tokens=2000.0, steps=100.0, machine="a test")
NASTY = "**bold** ![x](https://example.org/a.png) <b>"
OpenPage = Callable[..., AppTest]


# ------------------------------------------------------------------------- stand-ins


@dataclass
class FakeWorker:
    """A process that does nothing: a test writes the diary in its place."""

    folder: Path
    pid: int = 0
    stdin: io.BytesIO = field(default_factory=io.BytesIO)
    status: int | None = None

    def poll(self) -> int | None:
        return self.status

    def kill(self) -> None:
        self.status = -9

    def wait(self, timeout: float | None = None) -> int:
        return self.status or 0


@dataclass
class Server:
    """A line of trainings, and the workers it started."""

    root: Path
    workers: list[FakeWorker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.root, start=self._start)

    def _start(self, folder: Path) -> FakeWorker:
        self.workers.append(FakeWorker(folder))
        return self.workers[-1]

    def kill(self) -> None:
        """Forget everything that is not on disk, as a killed server does."""
        self.jobs = Jobs(self.root, start=self._start)

    def write(self, token: str, *events: Any) -> None:
        """Write into a training's diary."""
        diary = Diary(self.state(token).folder)
        for one in events:
            diary.write(one)

    def state(self, token: str) -> JobState:
        state = self.jobs.state(token)
        assert state is not None
        return state

    def is_running(self, token: str) -> None:
        """Wait until the worker has been started."""
        for _ in range(200):
            if self.state(token).status == "running":
                return
            time.sleep(0.02)
        raise AssertionError("the training did not begin")

    def end(self, token: str, problem: str | None = None) -> None:
        """Let a running training come to its end."""
        folder = self.state(token).folder
        self.write(token, Ended(problem))
        next(one for one in self.workers if one.folder == folder).status = 0


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(tmp_path / "trials")
    monkeypatch.setattr(jobs_module, "get_jobs", lambda: server.jobs)
    monkeypatch.setattr(pace, "known_pace", lambda: PACE)
    monkeypatch.setattr(rows_form, "tokenizer_file", lambda: None)
    yield server
    for worker in server.workers:
        worker.status = 0  # or a thread would look after it for ever


@pytest.fixture
def train(server: Server, open_page: OpenPage) -> AppTest:
    return open_page("train")


def tone_rows(number: int = 60, labels: Sequence[str] = ("curt", "kind")) -> str:
    """Return pasted rows whose texts and labels differ."""
    return "text,label\n" + "".join(
        f'"message number {n} about the order",{labels[n % len(labels)]}\n' for n in range(number)
    )


def paste(at: AppTest, text: str) -> AppTest:
    at.button_group(key="train_way").set_value("paste").run()
    return at.text_area(key="train_pasted").set_value(text).run()


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    at.file_uploader(key="train_upload").set_value((name, data, "text/csv"))
    return at.run()


def submitted(at: AppTest) -> str:
    """Press the button, and return the token that the address then has."""
    at.button(key="train_submit").click().run()
    assert not at.exception
    return token_of(at)


def token_of(at: AppTest) -> str:
    value = at.query_params["job"]
    return value if isinstance(value, str) else value[0]


def keys(at: AppTest) -> set[str]:
    return {one.key for one in at.button}


def problems(at: AppTest) -> list[str]:
    """Return the sentences on mistakes that the page shows."""
    plain = [one.value.replace("\\", "").replace("\u2060", "") for one in at.markdown]
    start = ":red[:material/error: "
    return [one.removeprefix(start)[:-1] for one in plain if one.startswith(start)]


# ------------------------------------------------------------------------- rows


def test_nothing_is_understood_or_started_before_there_are_rows(train: AppTest) -> None:
    assert not train.exception
    assert TEXTS.lead in words(train)
    assert TEXTS.understood.title not in words(train)
    assert "train_submit" not in keys(train)


@pytest.mark.parametrize("sample", load_sample_sets(), ids=lambda one: one.id)
def test_each_sample_can_be_trained_on(train: AppTest, sample: Any) -> None:
    train.button_group(key="train_way").set_value("sample").run()
    train.radio(key="train_sample").set_value(sample.id).run()
    assert not train.exception
    assert problems(train) == []
    assert f"rows in {sample.file} can be used" in words(train)
    assert "minutes** on this machine" in words(train)
    assert "train_submit" in keys(train)


def test_pasted_rows_are_understood_before_anything_runs(train: AppTest, server: Server) -> None:
    paste(train, tone_rows() + '"message number 3 about the order",kind\nfree,\n')
    told = words(train)
    assert "60 of 62 rows in pasted.csv can be used" in told
    assert "one of 2 labels" in told
    assert [one.value for one in train.metric] == ["39", "6", "15"]
    assert "With 15 test rows, 12 right ones (80%) mean a share of 55% to 93%" in told
    balance = next(one.value for one in train.dataframe if "label" in one.value)
    assert dict(zip(balance["label"], balance["rows"], strict=True)) == {"curt": 30, "kind": 30}
    left_out = next(one.value for one in train.dataframe if "reason" in one.value)
    assert sorted(left_out["row numbers"]) == ["61", "62"]
    assert len(train.code) == 3  # the prompts
    assert all("message number" in one.value for one in train.code)
    assert server.workers == []
    assert not server.root.exists()


def test_uploaded_rows_stay_for_the_visit(train: AppTest) -> None:
    upload(train, "mine.csv", tone_rows().encode())
    assert "60 of 60 rows in mine.csv can be used" in words(train)
    train.switch_page("pages/faq.py").run()
    train.switch_page("pages/train.py").run()
    assert "mine.csv is still here from before." in words(train)
    assert "60 of 60 rows in mine.csv can be used" in words(train)
    train.button(key="train_forget").click().run()
    assert "can be used" not in words(train)


def test_other_columns_can_be_chosen(train: AppTest) -> None:
    rows = "text,label,team\n" + "".join(f"message {n},{n % 2},{'ab'[n % 2]}\n" for n in range(60))
    paste(train, rows)
    assert "Output: label." in words(train)
    box = train.selectbox[0]
    box.set_value(2).run()
    assert problems(train) == []
    assert "Output: team." in words(train)


BAD = {
    "empty file": ("rows.csv", b""),
    "broken UTF-8": ("rows.csv", b"text,label\n\xff\xfe\xfa,x\n"),
    "a workbook renamed": ("rows.csv", b"PK\x03\x04" + bytes(200)),
    "two rows": ("rows.csv", b"text,label\nfirst,a\nsecond,b\n"),
    "one label": ("rows.csv", tone_rows(labels=("same",)).encode()),
    "all rows equal": ("rows.csv", b"text,label\n" + b"the same,a\n" * 60),
    "a label a row": ("rows.csv", tone_rows(500, [f"label {n}" for n in range(500)]).encode()),
    "empty labels": ("rows.csv", tone_rows(labels=("",)).encode()),
    "5,001 rows": ("rows.csv", tone_rows(5_001).encode()),
    "too many bytes": ("rows.csv", b"text,label\n" + b"x" * 90_000 + b",a\n" + b" " * 5_000_000),
    "no JSON": ("rows.jsonl", b'{"text": "a", "label": "b"}\n{"text"\n'),
    "free texts": (
        "rows.jsonl",
        "".join(
            json.dumps({"prompt": f"Ask {n}", "completion": f"A long answer number {n}. " * 5})
            + "\n"
            for n in range(60)
        ).encode(),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_rows_that_cannot_be_used_are_one_sentence_in_place(train: AppTest, name: str) -> None:
    upload(train, *BAD[name])
    assert not train.exception
    assert not train.error
    (sentence,) = problems(train)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "train_submit" not in keys(train)
    assert len(train.title) == 1


def test_pasted_text_stays_when_it_cannot_be_used(train: AppTest) -> None:
    paste(train, "text,label\nonly one,a\n")
    assert len(problems(train)) == 1
    assert train.text_area(key="train_pasted").value == "text,label\nonly one,a\n"


def test_names_in_the_file_are_never_markdown(train: AppTest, server: Server) -> None:
    rows = io.StringIO()
    table = csv.writer(rows)
    table.writerow([f"text {NASTY}", f"label {NASTY}"])
    table.writerows([f"{NASTY} number {n}", f"{'ab'[n % 2]} {NASTY}"] for n in range(60))
    upload(train, f"rows {NASTY.replace('/', '')}.csv", rows.getvalue().encode())
    assert problems(train) == []
    token = submitted(train)
    server.is_running(token)
    train.run()
    for at in (train, _broken(train, server, token)):
        for kind, shown in maybe_rendered(at):
            if kind not in ("selectbox", "multiselect", "arrow_data_frame", "file_uploader"):
                assert "![x]" not in shown, kind
                assert "<b>" not in shown.replace("\\\\<", ""), kind


def _broken(at: AppTest, server: Server, token: str) -> AppTest:
    server.write(token, Noted(NASTY))
    server.end(token, f"It failed {NASTY}")
    return at.run()


# ------------------------------------------------------------------------- minutes


def test_minutes_are_estimated_from_the_measured_pace(train: AppTest) -> None:
    paste(train, tone_rows())
    assert "on this machine if nobody else uses it" in words(train)
    assert "training steps of up to 16 rows" in words(train)


@pytest.fixture
def unknown_pace(server: Server, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A machine whose pace is unknown; what it becomes or raises can be set."""
    found: dict[str, Any] = {"pace": None, "error": None, "measured": 0}

    def measure() -> None:
        found["measured"] += 1
        if found["error"]:
            raise found["error"]
        found["pace"] = PACE

    monkeypatch.setattr(pace, "known_pace", lambda: found["pace"])
    monkeypatch.setattr(pace, "measure_pace", measure)
    meter = train_pace.PaceMeter()
    monkeypatch.setattr(train_pace, "_meter", meter)
    return found


def pace_is_measured() -> None:
    """Wait until the measurement that is under way has ended."""
    thread = train_pace.get_meter()._thread
    assert thread is not None
    thread.join(timeout=5)


def test_an_unknown_pace_is_measured_while_the_page_can_be_used(
    unknown_pace: dict[str, Any], open_page: OpenPage
) -> None:
    at = paste(open_page("train"), tone_rows())
    assert "train_submit" in keys(at)
    pace_is_measured()
    at.run()
    assert "on this machine if nobody else uses it" in words(at)
    assert unknown_pace["measured"] == 1


def test_a_pace_that_cannot_be_measured_is_told_and_tried_again_on_request(
    unknown_pace: dict[str, Any], open_page: OpenPage
) -> None:
    unknown_pace["error"] = BaseModelError("There is no model: run `make setup`.")
    at = paste(open_page("train"), tone_rows())
    pace_is_measured()
    at.run()
    assert problems(at) == ["There is no model: run `make setup`."]
    assert "train_submit" in keys(at)
    assert unknown_pace["measured"] == 1
    unknown_pace["error"] = None
    at.button(key="train_measure_again").click().run()
    pace_is_measured()
    at.run()
    assert "on this machine if nobody else uses it" in words(at)


# ------------------------------------------------------------------------- a training


def test_submitting_leads_to_a_private_link_and_the_address_holds_no_row(
    train: AppTest, server: Server
) -> None:
    train.context.update(url="http://localhost/train", timezone="Europe/Berlin")
    token = submitted(paste(train, tone_rows()))
    assert list(train.query_params) == ["job"]
    assert train.code[0].value == f"http://localhost/train?job={token}"
    assert "(Europe/Berlin)" in words(train)
    order = read_order(server.state(token).folder)
    assert len(order.parts.training) == 39


def test_a_double_click_trains_once(train: AppTest, server: Server) -> None:
    token = submitted(paste(train, tone_rows()))
    train.query_params.pop("job")
    train.run()
    assert submitted(train) == token
    assert len(list(server.root.iterdir())) == 1


def test_the_same_rows_with_another_output_are_another_training(
    train: AppTest, server: Server
) -> None:
    paste(train, "text,label,team\n" + "".join(f"message {n},{n % 2},{n % 3}\n" for n in range(60)))
    first = submitted(train)
    train.button(key="train_anew").click().run()
    train.selectbox[0].set_value(2).run()
    assert submitted(train) != first


def test_whoever_waits_is_told_how_many_are_before(
    train: AppTest, server: Server, open_page: OpenPage
) -> None:
    first = submitted(paste(train, tone_rows()))
    server.is_running(first)
    second = open_page("train")
    token = submitted(paste(second, tone_rows(80)))
    assert "1 training before yours" in words(second)
    assert "pasted.csv" in words(second)
    assert token != first
    assert first not in str([one.value for one in second.code])


def test_a_full_line_is_told_and_the_rows_stay(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "MAX_WAITING", 0)
    paste(train, tone_rows())
    train.button(key="train_submit").click().run()
    (sentence,) = problems(train)
    assert "wait already" in sentence
    assert "job" not in train.query_params
    assert "60 of 60 rows" in words(train)


def test_a_running_training_shows_stage_loss_looks_and_what_was_scored(
    train: AppTest, server: Server, open_page: OpenPage
) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    steps = [Trained(n, 100, 2.0 / n, 3.0 * n) for n in range(1, 41)]
    server.write(token, Stage("prompts"), Measuring("plain", 5, 21))
    train.run()
    assert TEXTS.job.stages["prompts"] in words(train)
    assert "train_stop" not in keys(train)
    server.write(token, Scored("plain", 7, 15), Stage("training"), *steps, Looked(40, 5, 6))
    for at in (train.run(), open_page("train", job=token)):
        told = words(at)
        assert TEXTS.job.stages["training"] in told
        assert "Plain prompt: 7 of 15 right" in told
        loss, looks = at.get("vega_lite_chart")
        assert loss.proto.alt.endswith("2.00 at step 1, 0.05 at step 40 of 100.")
        assert "5 of 6 at step 40" in looks.proto.alt
        assert {"train_stop", "train_delete"} <= keys(at)
    # 60 steps of 3 seconds are left.
    assert any("Step 40 of 100 · about 3 minutes" in str(one.proto) for one in _progress(train))


def _progress(at: AppTest) -> list[Any]:
    return list(at.get("progress"))


def test_a_training_that_yields_says_so(
    train: AppTest, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    real = server.jobs.state
    monkeypatch.setattr(server.jobs, "state", lambda one: replace(real(one), yielding=True))
    assert TEXTS.job.yielding in words(train.run())


def test_stop_tells_the_worker_once(train: AppTest, server: Server) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    server.write(token, Stage("training"), Trained(1, 100, 2.0, 1.0))
    train.run().button(key="train_stop").click().run()
    assert server.workers[0].stdin.getvalue() == b"stop\n"
    assert train.button(key="train_stop").disabled
    assert TEXTS.job.stopping in words(train)


def test_deleting_asks_once_more_and_leaves_nothing(train: AppTest, server: Server) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    folder = server.state(token).folder
    train.run().button(key="train_delete").click().run()
    assert folder.is_dir()
    train.button(key="train_sure_no").click().run()
    assert "train_sure_yes" not in keys(train)
    train.button(key="train_delete").click().run()
    train.button(key="train_sure_yes").click().run()
    assert not folder.exists()
    assert server.workers[0].status == -9
    assert "job" not in train.query_params
    assert TEXTS.job.deleted in [one.value for one in train.success]
    assert train.text_area(key="train_pasted").value == tone_rows()


@pytest.mark.parametrize("token", ["nobody", "../../etc", "", "x" * 5_000])
def test_an_unknown_link_is_one_sentence_and_a_way_on(
    server: Server, open_page: OpenPage, token: str
) -> None:
    at = open_page("train", job=token) if token else open_page("train")
    assert not at.exception
    if token:
        assert at.warning[0].value.startswith("Nothing is kept under this link")
        at.button(key="train_anew").click().run()
    assert TEXTS.bring.title in words(at)
    assert "job" not in at.query_params


def test_a_link_ends_after_its_day(
    train: AppTest, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(paste(train, tone_rows()))
    monkeypatch.setattr(jobs_module, "KEEP_SECONDS", 0)
    assert "Nothing is kept under this link" in train.run().warning[0].value


def test_a_killed_server_says_what_was_lost_and_starts_again_with_the_same_rows(
    train: AppTest, server: Server
) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    server.write(token, Stage("training"), Trained(12, 100, 1.0, 30.0))
    server.kill()
    at = train.run()
    assert "It was at training step 12 of 100." in at.warning[0].value
    assert "The rows are still here until" in at.warning[0].value
    at.button(key="train_restart").click().run()
    server.is_running(token)
    assert server.state(token).progress.steps == ()
    assert not at.run().warning


def test_what_was_lost_before_it_began_is_told_as_that(train: AppTest, server: Server) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    server.kill()
    assert "before this training began" in train.run().warning[0].value


def test_a_failed_training_says_why_and_can_be_started_again(
    train: AppTest, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    server.end(token, "The loss is no number: try fewer rows.")
    train.run()
    assert "The loss is no number\\: try fewer rows." in train.error[0].value
    server.workers[0].status = 0
    monkeypatch.setattr(jobs_module, "MAX_WAITING", 0)
    train.button(key="train_restart").click().run()
    assert "wait already" in problems(train)[0]
    monkeypatch.setattr(jobs_module, "MAX_WAITING", 5)
    train.button(key="train_restart").click().run()
    server.is_running(token)


def test_a_visit_finds_its_own_trainings_again_and_no_others(
    train: AppTest, server: Server, open_page: OpenPage
) -> None:
    token = submitted(paste(train, tone_rows()))
    train.button(key="train_anew").click().run()
    assert "job" not in train.query_params
    train.button(key="train_mine_0").click().run()
    assert token_of(train) == token
    other = open_page("train")
    assert "train_mine_0" not in keys(other)
    assert TEXTS.mine not in words(other)


# ------------------------------------------------------------------------- verdict

RIGHT = {
    Way.PLAIN: [n < 3 for n in range(15)],
    Way.PLAIN_SCORE: [n < 8 for n in range(15)],
    Way.CLASSIC: [n < 10 for n in range(15)],
    Way.LORA: [n < 14 for n in range(15)],
    Way.LORA_ENGINEERED: [n < 13 for n in range(15)],
}


@pytest.fixture
def done(train: AppTest, server: Server) -> AppTest:
    """The page of a training that has come to its end."""
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    folder = server.state(token).folder
    measured = [Measured(way, tuple(right), 40.0, 3.0) for way, right in RIGHT.items()]
    verdict = judge(measured, "classification", 39, (True,) * 7 + (False,) * 8)
    (folder / VERDICT).write_text(json.dumps(verdict_json(verdict, measured)), encoding="utf-8")
    with (folder / ANSWERS).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "text", "wanted", "way", "answer", "right"])
        for way, right in RIGHT.items():
            for n, one in enumerate(right):
                answer = "curt" if one else ["null", NASTY][n % 2]
                table.writerow([f"row-{n}", f"text {n} {NASTY}", "curt", way, answer, int(one)])
    (folder / "adapter").mkdir()
    steps = [Trained(n, 3, 1.0 / n, float(n)) for n in (1, 2, 3)]
    server.write(token, Stage("training"), *steps, Looked(3, 6, 6), Noted("2 rows were too long."))
    server.write(token, Stage("verdict"))
    server.end(token)
    return train.run()


def test_the_verdict_is_told_in_words_figures_and_what_could_not_be_told(done: AppTest) -> None:
    assert not done.exception
    assert not done.error
    told = words(done)
    assert "15 test rows" in told
    assert TEXTS.verdict.pairs in told
    assert TEXTS.verdict.changes in told
    assert "2 rows were too long." in told
    ways, loss, looks = done.get("vega_lite_chart")
    assert "LoRA 93% (70% to 99%)" in ways.proto.alt
    assert loss.proto.alt.startswith(TEXTS.job.loss)
    assert looks.proto.alt.startswith(TEXTS.job.looks)
    table = next(one.value for one in done.dataframe if "way" in one.value)
    assert list(table["right"]) == [3, 8, 10, 14, 13]
    assert "train_stop" not in keys(done)
    assert "train_delete" in keys(done)


def test_rows_that_divide_the_ways_are_shown_as_plain_text(done: AppTest) -> None:
    table = next(one.value for one in done.dataframe if "wanted" in one.value)
    assert len(table) == 11  # 14 rows that some way got right, less the 3 that all did
    assert f"{NASTY}" in table["text"].iloc[0]
    assert f"wrong: {NASTY}" in set(table["Plain prompt"])
    assert "wrong: no answer of the form" in set(table["Plain prompt"])
    done.selectbox(key="train_differ").set_value(Way.LORA_ENGINEERED).run()
    table = next(one.value for one in done.dataframe if "wanted" in one.value)
    assert len(table) == 1
    assert table["LoRA"].iloc[0] == "right: curt"


def test_downloads_are_made_only_when_somebody_wants_them(
    done: AppTest, downloads: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    packed: list[Path] = []
    monkeypatch.setattr(take_home, "pack", lambda folder: packed.append(folder) or b"zip")
    done.run()
    assert packed == []
    assert downloads["train_zip"]() == b"zip"
    assert len(packed) == 1
    assert downloads["train_answers"]().startswith(b"id,text,wanted,way,answer,right")


def test_a_verdict_without_an_adapter_offers_none(done: AppTest, server: Server) -> None:
    (server.state(token_of(done)).folder / "adapter").rmdir()
    done.run()
    assert TEXTS.verdict.no_adapter in words(done)


def test_a_damaged_verdict_is_one_sentence_and_the_rest_stands(
    done: AppTest, server: Server
) -> None:
    (server.state(token_of(done)).folder / VERDICT).write_text("{")
    done.run()
    assert not done.exception
    assert len(done.error) == 1
    assert "train_delete" in keys(done)


def test_delete_now_removes_a_finished_training(done: AppTest, server: Server) -> None:
    folder = server.state(token_of(done)).folder
    assert done.button(key="train_delete").label == TEXTS.job.delete_done
    done.button(key="train_delete").click().run()
    done.button(key="train_sure_yes").click().run()
    assert not folder.exists()
