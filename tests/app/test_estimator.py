"""The estimator's page, money: bad input is told beside its field, the address keeps numbers.

Run: python -m pytest tests/app/test_estimator.py
"""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.content.estimator_texts import load_estimator_texts
from lib.errors import ContentError
from lib.estimator.amounts import shown
from lib.estimator.breakeven import Case, break_even
from lib.estimator.gpus import find_gpu
from lib.estimator.preset_gpus import on_gpu
from lib.estimator.presets import load_presets
from lib.estimator.prices import STALE_DAYS
from lib.ui import estimator_case
from tests.app.reading import maybe_rendered, words

OpenPage = Callable[..., AppTest]

PRESETS = load_presets()
FIRST = next(iter(PRESETS))
CALLS = "m_traffic.calls_per_month"


def _field(at: AppTest, name: str, preset: str = FIRST) -> str:
    return str(at.text_input(key=f"{name}_{preset}").value)


def _type(at: AppTest, name: str, text: str, preset: str = FIRST) -> AppTest:
    at.text_input(key=f"{name}_{preset}").set_value(text).run()
    return at


def _rivals(at: AppTest) -> Any:
    return next(one.value for one in at.table if "first year" in one.value)


@pytest.mark.parametrize("id", PRESETS)
def test_scenario_shows_its_break_even(open_page: OpenPage, id: str) -> None:
    at = open_page("estimator", preset=id)
    assert not at.exception
    assert not at.error
    assert break_even(PRESETS[id].case).why in words(at)
    assert len(at.get("vega_lite_chart")) == 2
    assert all(chart.proto.alt for chart in at.get("vega_lite_chart"))
    assert len(_rivals(at)) == 2 + len(PRESETS[id].others)
    assert at.query_params == ({} if id == FIRST else {"preset": id})


def test_typed_number_changes_the_result_and_the_address(open_page: OpenPage) -> None:
    at = _type(open_page("estimator"), CALLS, "1000")
    assert "Never at 1,000 calls a month" in words(at)
    assert at.query_params[CALLS] == "1000"
    again = open_page("estimator", **{CALLS: "1000"})
    assert _field(again, CALLS) == "1000"
    assert "Never at 1,000 calls a month" in words(again)


@pytest.mark.parametrize("bad", ["0", "500-300", "<b>1</b>", ""])
def test_bad_amount_is_a_sentence_and_the_last_good_result_stays(
    open_page: OpenPage, bad: str
) -> None:
    at = _type(open_page("estimator"), CALLS, "2000000")
    before = at.table[0].value
    _type(at, CALLS, bad)
    assert not at.exception
    assert "The number of calls a month" in words(at)
    assert at.table[0].value.equals(before)
    assert at.query_params[CALLS] == "2000000"
    assert all("<b>" not in text.replace("\\<", "") for _, text in maybe_rendered(at))


def test_bad_amount_names_the_one_that_stays_in_use(open_page: OpenPage) -> None:
    at = _type(open_page("estimator"), CALLS, "1000-1200000-2500000")
    _type(at, CALLS, "many")
    assert "1,000-1,200,000-2,500,000 stays in use." in words(at)
    _type(at, "m_prompting.cache_hit_share", "many")
    assert "50%-85%-95% stays in use." in words(at)
    other = open_page("estimator", show="memory")
    other.text_input(key="g_rank").set_value("0").run()
    assert "16 stays in use." in words(other)
    test = open_page("estimator", show="data")
    test.text_input(key="d_wanted").set_value("x").run()
    assert "It stays left open." in words(test)


def test_junk_in_the_address_is_dropped(open_page: OpenPage) -> None:
    at = open_page(
        "estimator", **{CALLS: "<b>x", "preset": "?", "foo": "bar", "m_what": "1", "show": "all"}
    )
    assert not at.exception
    assert at.query_params == {}
    assert break_even(PRESETS[FIRST].case).why in words(at)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({CALLS: "abc"}, f"{CALLS} = abc, which is no amount"),
        ({"preset": "x", CALLS: "abc"}, "preset = x, which is none of the choices"),
        ({"m_model": "x/y"}, "m_model = x/y, which is none of the choices"),
        ({"m_gpu": "x"}, "m_gpu = x, which is none of the choices"),
        ({"m_bands": "1", "bands": "maybe"}, "bands = maybe, which is none of the choices"),
        ({"show": "x"}, "show = x, which is no part of this page"),
        ({"show": "memory", "g_gpu": "x"}, "g_gpu = x, which is none of the choices"),
        ({"show": "data", "d_points": "x"}, "d_points = x, which are no rows with scores"),
    ],
)
def test_what_the_address_says_and_nobody_can_use_is_told_once(
    open_page: OpenPage, address: dict[str, str], sentence: str
) -> None:
    at = open_page("estimator", **address)
    assert not at.exception
    told = [one.value for one in at.caption if "The address says" in one.value]
    assert [one.replace("\\", "") for one in told] == [
        f"The address says {sentence}: the usual one is used."
    ]
    at.run()
    assert "The address says" not in words(at)


def test_what_the_address_says_is_shown_as_text(open_page: OpenPage) -> None:
    at = open_page("estimator", **{CALLS: "**<b>1</b>** $x$"})
    told = next(one.value for one in at.caption if "The address says" in one.value)
    assert "\\*\\*\\<b" in told
    assert all("<b>" not in text.replace("\\<", "") for _, text in maybe_rendered(at))
    plain = open_page("estimator", **{CALLS: "1000"})
    assert "The address says" not in words(plain)


def test_a_part_forgets_what_is_no_field_of_its_own_and_keeps_what_is_hidden(
    open_page: OpenPage,
) -> None:
    at = open_page(
        "estimator", show="memory", g_method="full", g_rank="8", g_what="a secret", g_batch="x y"
    )
    assert not at.exception
    assert at.query_params == {"show": "memory", "g_method": "full", "g_rank": "8"}


def test_another_scenario_begins_with_its_own_numbers_and_all_can_be_reset(
    open_page: OpenPage,
) -> None:
    at = _type(open_page("estimator"), CALLS, "1000")
    at.button_group(key="preset").set_value("brand-voice").run()
    assert at.query_params == {"preset": "brand-voice"}
    assert break_even(PRESETS["brand-voice"].case).why in words(at)
    _type(at, CALLS, "7", "brand-voice")
    next(one for one in at.button if one.label.startswith("Back")).click().run()
    assert at.query_params == {"preset": "brand-voice"}
    assert break_even(PRESETS["brand-voice"].case).why in words(at)


def test_other_model_and_other_ways_are_counted(open_page: OpenPage) -> None:
    at = open_page("estimator", m_model="openai/gpt-6-luna", m_training="host", m_serving="token")
    assert not at.exception
    assert "openai/gpt-6-luna" in words(at)
    assert _field(at, "m_tuning.serving.prompting.prefix_tokens") == "0-50-200"
    assert at.query_params["m_training"] == "host"


def test_another_gpu_brings_its_price_its_hours_and_its_calls(open_page: OpenPage) -> None:
    hours, rent, calls = (
        "m_tuning.training.hours",
        "m_tuning.serving.usd_per_hour",
        "m_tuning.serving.calls_per_hour",
    )
    at = _type(open_page("estimator"), rent, "0.5")
    at.selectbox(key=f"m_gpu_{FIRST}").set_value("L40S").run()
    assert not at.exception
    assert at.query_params == {"m_gpu": "L40S"}
    moved = on_gpu(PRESETS[FIRST], "L40S")
    assert break_even(moved.case).why in words(at)
    there = f"L40S_{FIRST}"
    wanted = {one.path: one.value for one in moved.assumptions}
    for name in (hours, rent, calls):
        likely = wanted[name.removeprefix("m_")].likely
        assert shown(likely) in _field(at, name, there)
    assert "price table: L40S" in words(at)
    _type(at, rent, "2", there)
    assert at.query_params == {"m_gpu": "L40S", rent: "2"}
    again = open_page("estimator", **{"m_gpu": "L40S", rent: "2"})
    assert _field(again, rent, there) == "2"
    assert _field(again, hours, there) == _field(at, hours, there)
    again.selectbox(key=f"m_gpu_{FIRST}").set_value("L4").run()
    assert again.query_params == {}
    assert break_even(PRESETS[FIRST].case).why in words(again)


def test_only_what_is_billed_by_the_hour_of_a_gpu_has_the_choice(open_page: OpenPage) -> None:
    def offered(at: AppTest) -> bool:
        assert not at.exception
        return any(one.label == "GPU" for one in at.selectbox)

    assert offered(open_page("estimator", preset="policy-answers"))
    assert not offered(open_page("estimator", preset="brand-voice"))
    assert not offered(open_page("estimator", preset="json-extraction"))
    assert not offered(open_page("estimator", m_training="host", m_serving="token"))
    assert not offered(open_page("estimator", preset="policy-answers", m_serving="token"))
    rented = open_page("estimator", preset="brand-voice", m_serving="hour", m_gpu="T4")
    assert offered(rented)
    rent = find_gpu("T4").usd_per_hour
    assert rent
    assert shown(rent.low) in _field(rented, "m_tuning.serving.usd_per_hour", "T4_brand-voice")


def test_a_rival_that_costs_least_is_named_beside_the_break_even(open_page: OpenPage) -> None:
    at = open_page("estimator")
    assert "another way costs least in the first year: Cheaper model, same prompt" in words(at)


def test_typed_prices_are_counted(open_page: OpenPage) -> None:
    at = open_page("estimator", m_model="type the prices", m_usd_input="4")
    assert not at.exception
    assert "typed price: $4 input, $4 cached input, $10 output" in words(at)
    at.text_input(key="m_usd_input").set_value("0").run()
    assert not at.exception
    assert "The price of input in dollars a million tokens is 0" in words(at)


def test_downloads_hold_inputs_result_and_assumptions(
    open_page: OpenPage, downloads: dict[str, str]
) -> None:
    _type(open_page("estimator"), CALLS, "1000-2000-4000")
    report = json.loads(downloads["estimator_money_json"])
    calls = next(one for one in report["inputs"] if one["name"] == "traffic.calls_per_month")
    assert (calls["low"], calls["value"], calls["high"]) == (1000, 2000, 4000)
    typed = [one["name"] for one in report["assumptions"] if one["value"] == "typed by you"]
    assert typed == ["traffic.calls_per_month"]
    names = [one["name"] for one in report["result"]]
    assert "break-even" in names
    rows = list(csv.reader(io.StringIO(downloads["estimator_money_csv"])))
    assert ["inputs", "traffic.calls_per_month", "2000", "1000", "4000"] in [r[:5] for r in rows]
    assert "## Assumptions" in downloads["estimator_money_md"]


def test_unchanged_fields_give_the_presets_case() -> None:
    for preset in PRESETS.values():
        case = preset.case
        parts = {"traffic": case.traffic, "prompting": case.prompting, "tuning": case.other}
        same = [
            estimator_case.with_amounts(
                part,
                {one.path: one.value for one in estimator_case.fields_of(preset, part, path)},
                path,
            )
            for path, part in parts.items()
        ]
        assert all(new is old for new, old in zip(same, parts.values(), strict=True))


def test_labels_that_change_move_the_specialist_too() -> None:
    preset = PRESETS["support-routing"]
    tuning = estimator_case.tuning_of(preset)
    rows = tuning.labelling.rows.times(tuning.labelling.labels_per_row)
    changed = estimator_case.with_amounts(tuning, {"tuning.labelling.rows": rows}, "tuning")
    case = Case(preset.case.traffic, preset.case.prompting, changed)
    specialist = preset.others["Small specialist"]
    assert not isinstance(specialist, type(preset.case.prompting))
    rivals = estimator_case.with_rivals(preset, case, preset.case.prompting.prices, specialist)
    assert rivals["Small specialist"].labelling is changed.labelling  # type: ignore[union-attr]
    assert changed.labelling.rows.likely == Decimal(1200)


def test_prices_that_are_a_quarter_old_are_named_until_they_are_replaced(
    open_page: OpenPage,
) -> None:
    gpu = next(
        one for one in PRESETS[FIRST].assumptions if one.path == "tuning.serving.usd_per_hour"
    )
    assert gpu.checked_on is not None
    warning = f"{gpu.label} ({gpu.checked_on})"
    at = open_page("estimator")
    assert (warning in words(at)) is ((date.today() - gpu.checked_on).days > STALE_DAYS)
    _type(at, "m_tuning.serving.usd_per_hour", "0.5")
    assert warning not in words(at)


def test_texts_of_the_page_are_checked(tmp_path: object) -> None:
    assert load_estimator_texts().title
    broken = tmp_path / "texts.yaml"  # type: ignore[operator]
    broken.write_text("titel: x\n")
    with pytest.raises(ContentError, match=r"texts\.yaml, line"):
        load_estimator_texts(broken)
