"""Cost and break-even as commands: the JSON that stays, and a short answer.

Run: python -m pytest tests/cli_estimate/test_money.py
"""

import pytest

from tests.cli_estimate.options import PROMPT, TUNED
from tests.running import Run

# ---------------------------------------------------------------- cost


def test_cost_of_a_prompt_is_the_sum_of_its_tokens(run: Run) -> None:
    found = run("cost", *PROMPT, "--json").json

    assert {"usd_per_call", "usd_per_month", "low", "high"} <= set(found)
    # 1,800 cached at 0.3, 200 written at 3, 100 of input at 3, 50 of output at 15 dollars.
    assert found["usd_per_call"] == pytest.approx(0.00054 + 0.0006 + 0.0003 + 0.00075)
    assert found["low"] == found["usd_per_month"] == found["high"] == pytest.approx(219)


def test_ranges_give_low_and_high_of_a_month(run: Run) -> None:
    found = run("cost", *PROMPT, "--set", "traffic.calls_per_month=50000-100000-300000", "--json")

    assert [found.json[key] for key in ("low", "usd_per_month", "high")] == [109.5, 219, 657]
    assert found.json["inputs"]["traffic.calls_per_month"] == [50000, 100000, 300000]


def test_cost_of_the_tuned_route_needs_no_prompt(run: Run) -> None:
    traffic = ("--calls-per-month", "1000", "--input-tokens", "100", "--output-tokens", "50")

    ended = run("cost", "--route", "tuning", *traffic, *TUNED, "--json")

    assert ended.json["usd_per_call"] == pytest.approx((100 * 1 + 50 * 4) / 1e6)
    assert ended.json["upfront_usd"] == 1000


def test_cost_of_a_preset_reads_well(run: Run) -> None:
    ended = run("cost", "--preset", "support-routing", "--route", "tuning")

    assert ended.status == 0
    assert " a call, $" in ended.out.splitlines()[0]
    assert "labelling" in ended.out
    assert "genai-prices" in run("cost", "--preset", "support-routing").out


def test_batches_cost_less_by_the_typed_discount(run: Run) -> None:
    words = ("cost", *PROMPT, "--batch-discount", "50%", "--batch-share", "1", "--json")

    assert run(*words).json["usd_per_month"] == pytest.approx(109.5)


# ---------------------------------------------------------------- break-even


def test_break_even_by_hand(run: Run) -> None:
    found = run("breakeven", *PROMPT, *TUNED, "--json").json

    assert {"calls", "low", "high", "months", "why"} <= set(found)
    saving = 0.00219 - 0.0003
    assert found["calls"] == pytest.approx(1000 / saving)
    assert found["months"] == pytest.approx(1000 / saving / 100_000)
    assert found["low"] == found["calls"] == found["high"]


def test_break_even_by_hand_with_a_machine_labels_and_retraining(run: Run) -> None:
    found = run(
        *("breakeven", *PROMPT, "--rows", "600", "--minutes-per-row", "2"),
        *("--wage-usd-per-hour", "30", "--training-hours", "10", "--gpu-usd-per-hour", "2"),
        *("--server-usd-per-hour", "0.1", "--retrain-every-months", "4"),
        *("--set", "other.retraining.new_label_share=50%", "--json"),
    ).json

    upfront = 600 * 2 / 60 * 30 + 20
    a_month = 219 - 0.1 * 730 - (300 + 20) / 4
    assert found["months"] == pytest.approx(upfront / a_month)


def test_never_is_null_with_a_reason(run: Run) -> None:
    ended = run("breakeven", *PROMPT, *TUNED, "--set", "tuning.upkeep_usd_per_month=1000", "--json")

    assert (ended.json["calls"], ended.json["months"]) == (None, None)
    assert ended.json["why"].startswith("Never")


def test_every_amount_of_a_preset_can_be_set_back_to_itself(run: Run) -> None:
    preset = run("breakeven", "--preset", "brand-voice", "--json").json
    words = []
    for path, value in preset["inputs"].items():
        text = "-".join(f"{one:.12f}" for one in value) if isinstance(value, list) else value
        words += ["--set", f"{path}={text}"]

    again = run("breakeven", "--preset", "brand-voice", *words, "--json").json

    assert again["calls"] == pytest.approx(preset["calls"])
    assert again["high"] == preset["high"] or again["high"] == pytest.approx(preset["high"])


def test_an_option_goes_on_top_of_a_preset(run: Run) -> None:
    words = ("breakeven", "--preset", "support-routing", "--json")

    found = run(*words, "--calls-per-month", "1000").json

    assert found["inputs"]["traffic.calls_per_month"] == 1000
    assert found["calls"] is None
    assert run(*words).json["calls"] is not None


def test_a_preset_may_change_to_another_kind_of_serving(run: Run) -> None:
    words = ("--tuned-input-usd-per-mtok", "0.1", "--tuned-output-usd-per-mtok", "0.2")

    found = run("breakeven", "--preset", "support-routing", *words, "--json").json

    assert found["inputs"]["other.serving.prompting.prices.standard.input"] == 0.1
    assert "other.serving.usd_per_hour" not in found["inputs"]


def test_break_even_reads_well(run: Run) -> None:
    ended = run("breakeven", "--preset", "brand-voice")

    assert ended.status == 0
    assert ended.out.splitlines()[0].endswith(".")


def test_a_rival_that_costs_least_stands_in_the_second_line(run: Run) -> None:
    found = run("breakeven", "--preset", "support-routing", "--json").json
    lines = run("breakeven", "--preset", "support-routing").out.splitlines()

    assert found["cheapest_first_year"] == "Cheaper model"
    assert lines[1].startswith("If it answers as well, another way costs least in the first year:")
    assert "Cheaper model, $" in lines[1]
    without = run("breakeven", *PROMPT, *TUNED).out
    assert "another way" not in without


def test_another_gpu_changes_price_hours_and_calls_of_a_preset(run: Run) -> None:
    words = ("cost", "--preset", "support-routing", "--route", "tuning")
    usual = run(*words, "--json").json["inputs"]
    found = run(*words, "--gpu", "l40s", "--json").json["inputs"]

    changed = {name for name in found if found[name] != usual[name]}
    assert changed == {
        "other.training.hours",
        "other.training.usd_per_hour",
        "other.serving.usd_per_hour",
        "other.serving.calls_per_hour",
    }
    assert found["other.serving.usd_per_hour"] == [0.79, 2.15, 3.51]
    typed = run(*words, "--gpu", "l40s", "--server-usd-per-hour", "1", "--json").json["inputs"]
    assert typed["other.serving.usd_per_hour"] == 1
    assert typed["other.training.hours"] == found["other.training.hours"]
    assert "From the L40S" in run(*words, "--gpu", "l40s").out
    broken_even = run("breakeven", "--preset", "support-routing", "--gpu", "L40S", "--json").json
    assert broken_even["inputs"]["other.training.hours"] == found["other.training.hours"]


def test_breakeven_names_the_input_that_matters_most_and_sets_rivals_beside(run: Run) -> None:
    words = ("breakeven", "--preset", "support-routing")
    found = run(*words, "--json").json
    told = run(*words).out

    swings = [
        abs(one["first_year_saving_high"] - one["first_year_saving_low"])
        for one in found["tornado"]
    ]
    assert swings == sorted(swings, reverse=True)
    assert {"input", "low", "high"} <= set(found["tornado"][0])
    assert found["matters_most"] == found["tornado"][0]["input"] == "number of calls a month"
    names = [one["name"] for one in found["compared"]]
    assert names == ["Prompting", "Tuning", "Cheaper model", "Small specialist"]
    assert found["compared"][1]["months"] == pytest.approx(found["months"])
    assert "The number of calls a month matters most." in told
    assert "Cheaper model: $" in told


def test_rivals_can_be_named_without_a_preset(run: Run) -> None:
    cheap = ("--cheaper-input-usd-per-mtok", "0.3", "--cheaper-output-usd-per-mtok", "1.5")
    small = ("--specialist-usd-per-hour", "0.05", "--specialist-training-usd", "20")
    found = run("breakeven", *PROMPT, *TUNED, *cheap, *small, "--json").json

    rows = {one["name"]: one for one in found["compared"]}
    prompted = rows["Prompting"]["usd_per_call"]
    # Prices a tenth of the prompted model's; its own price for cached input is not known: 0.3.
    assert rows["Cheaper model"]["usd_per_call"] == pytest.approx((2100 * 0.3 + 50 * 1.5) / 1e6)
    assert rows["Cheaper model"]["usd_per_call"] < prompted
    assert rows["Small specialist"]["usd_per_month"] == pytest.approx(0.05 * 730)
    assert rows["Small specialist"]["upfront_usd"] == pytest.approx(20)
    assert found["tornado"] == []
    assert found["matters_most"] is None
