"""Committed figures belong to the committed prompts and adapter: change one, and measure again.

Example run: python -m pytest tests/content/test_measured.py -v
"""

import csv
from collections import Counter

import pytest

from lib.content.tasks import load_task, task_names
from lib.evaluation.metrics import field_f1
from lib.evaluation.results import read_results
from lib.inference import adapter as adapter_files
from lib.inference.base_model import GGUF_SHA256
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.prompts import fingerprint, template_for

MAX_ADAPTER_BYTES = 10_000_000


@pytest.fixture(params=task_names())
def task(request):
    return load_task(request.param)


@pytest.fixture
def results(task):
    return read_results(task, task.folder / "results" / "test.json")


def test_results_were_measured_with_the_adapter_that_is_here(task, results):
    assert results.adapter_sha256 == adapter_files.check(task.id, task.folder).sha256


def test_results_were_measured_with_the_prompts_that_are_here(task, results):
    current = {one.value: fingerprint(template_for(task, one)) for one in ALL_CONDITIONS}

    assert results.prompt_sha256 == current


def test_results_were_measured_on_the_published_base_model(results):
    assert results.base_sha256 == GGUF_SHA256


def test_the_adapter_is_small_enough_to_commit(task):
    folder = task.folder / "adapter"

    assert sum(file.stat().st_size for file in folder.iterdir()) <= MAX_ADAPTER_BYTES


def test_the_summary_is_the_sum_of_its_rows(task, results):
    with (task.folder / "results" / "test_rows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for condition, score in results.scores.items():
        own = [row for row in rows if row["condition"] == condition.value]
        total = Counter()
        for row in own:
            total.update({name: int(row[name]) for name in ("correct", "valid", "near_twin")})
            total.update(
                {name: int(row[name]) for name in ("pairs_right", "pairs_given", "pairs_wanted")}
            )
        assert len(own) == results.rows
        assert total["correct"] / len(own) == pytest.approx(score.score, abs=1e-4)
        assert total["valid"] / len(own) == pytest.approx(score.valid_rate, abs=1e-4)
        pairs = [total[name] for name in ("pairs_right", "pairs_given", "pairs_wanted")]
        if task.kind == "extraction":
            assert field_f1(*pairs) == pytest.approx(score.f1, abs=1e-4)
        assert len(own) - total["near_twin"] == results.rows_without_twins


def test_the_model_card_names_the_measured_shares(task, results):
    card = (task.folder / "README.md").read_text(encoding="utf-8")

    for condition in Condition:
        assert f"{results.scores[condition].score:.1%}" in card
