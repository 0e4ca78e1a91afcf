"""The estimator's page, memory and time: a peak with its parts, a range with its basis.

Run: python -m pytest tests/app/test_estimator_machine.py
"""

import csv
import io
import json
import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.content.estimator_texts import load_estimator_texts
from lib.estimator.memory import MemoryInputs, estimate_memory
from lib.estimator.shapes import load_models
from tests.app.reading import words

OpenPage = Callable[..., AppTest]


def test_memory_names_peak_parts_and_gpus(open_page: OpenPage) -> None:
    at = open_page("estimator", show="memory")
    assert not at.exception
    assert "GB, on one GPU." in words(at)
    assert "weights 16.06 GB" in at.get("vega_lite_chart")[0].proto.alt
    at.text_input(key="g_batch").set_value("64").run()
    assert "it doesn't fit." in words(at)
    assert "The cheapest change" in words(at)
    at.text_input(key="g_batch").set_value("0").run()
    assert not at.exception
    assert "type a number 1 or more" in words(at)
    assert at.query_params["g_batch"] == "64"


def test_memory_of_a_broken_config_is_a_sentence(open_page: OpenPage) -> None:
    at = open_page("estimator", show="memory", g_model="pasted config.json")
    at.text_area(key="g_config").set_value("{").run()
    assert not at.exception
    assert "config.json" in words(at)


def test_serving_tells_what_the_model_needs_and_how_many_requests_fit(open_page: OpenPage) -> None:
    at = open_page("estimator", show="memory", g_serve_requests="2", g_serve_weights="nf4")

    assert not at.exception
    told = words(at)
    assert "cache of 2 requests" in told
    assert re.search(r"this fits [\d,]+ requests|not even one such request", told.replace("*", ""))


def test_time_is_a_range_with_its_basis(open_page: OpenPage) -> None:
    at = open_page("estimator", show="time")
    assert not at.exception
    before = words(at)
    assert "Likely " in before
    assert "% of peak" in before
    at.text_input(key="t_tokens").set_value("10,000,000").run()
    assert "hours" in words(at)
    at.text_input(key="t_tokens").set_value("lots").run()
    assert not at.exception
    assert "The number of training tokens is 'lots'" in words(at)


def test_every_assumption_about_memory_has_a_source_a_date_and_a_way_to_change_it() -> None:
    texts = load_estimator_texts().memory.assumptions
    named = {"range", "room"}
    for model in load_models().values():
        for method in ("full", "lora", "qlora"):
            named |= estimate_memory(MemoryInputs(model.shape, method=method)).assumptions.keys()
    assert named - {"model"} - texts.keys() == set(), "add them to estimator_texts.yaml"
    assert all(one.source and one.checked_on for one in texts.values())


@pytest.mark.parametrize("part", ["memory", "time"])
def test_other_downloads_hold_inputs_result_and_dated_assumptions(
    open_page: OpenPage, downloads: dict[str, str], part: str
) -> None:
    at = open_page("estimator", show=part)
    report = json.loads(downloads[f"estimator_{part}_json"])
    assert all(one["source"] for one in report["assumptions"])
    assert sum("checked_on" in one for one in report["assumptions"]) >= 3
    assert all(one["name"] in words(at) for one in report["assumptions"])
    parts = {row[0] for row in csv.reader(io.StringIO(downloads[f"estimator_{part}_csv"]))}
    assert {"inputs", "result", "assumptions"} <= parts
    assert "## Result" in downloads[f"estimator_{part}_md"]
