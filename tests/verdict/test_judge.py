"""The verdict on measured rows: every outcome, worked out by hand, and the way to a file and back.

Run: python -m pytest tests/verdict/test_judge.py
"""

import json
from pathlib import Path
from typing import Any

import pytest

from lib.errors import DataError
from lib.evaluation.paired_difference import rows_to_rule_out_loss, rows_to_tell_apart
from lib.verdict.judge import MARGIN, Measured, Verdict, Way, judge, read_verdict, verdict_json


def rows(*runs: tuple[int, bool]) -> tuple[bool, ...]:
    """Return rows in runs: (3, True) is three right ones."""
    return tuple(right for number, right in runs for _ in range(number))


def first(right: int, of: int) -> tuple[bool, ...]:
    """Return rows of which the first so many are right: ways made so agree as far as they can."""
    return rows((right, True), (of - right, False))


def way(
    name: Way, right: tuple[bool, ...], validation: float | None = None, **more: Any
) -> Measured:
    return Measured(name, right, 20.0, 3.0, validation=validation, **more)


def verdict_of(*measured: Measured, commonest: tuple[bool, ...] | None = None) -> Verdict:
    return judge(measured, "classification", 200, commonest)


# ---------------------------------------------------------------- the ways


def test_ways_stand_in_the_fixed_order_with_family_and_name() -> None:
    assert [(one.value, one.family) for one in Way] == [
        ("plain", "prompt"),
        ("plain_score", "prompt"),
        ("engineered", "prompt"),
        ("engineered_score", "prompt"),
        ("classic", "classic"),
        ("lora", "lora"),
        ("lora_score", "lora"),
        ("lora_engineered", "both"),
        ("lora_engineered_score", "both"),
    ]
    assert Way.ENGINEERED_SCORE.shown_as == "Engineered prompt, likeliest label"
    assert Way.LORA_ENGINEERED.shown_as == "LoRA + engineered"


# ---------------------------------------------------------------- outcomes


def test_lora_that_is_far_ahead_earns_its_keep() -> None:
    # 40 rows that LoRA alone got right, none the other way round: p = 2 / 2^40.
    verdict = verdict_of(way(Way.PLAIN, first(50, 100)), way(Way.LORA, first(90, 100)))

    assert (verdict.outcome, verdict.best, verdict.rival) == ("lora", Way.LORA, Way.PLAIN)
    (pair,) = verdict.pairs
    assert (pair.only_first, pair.only_second, pair.difference) == (0, 40, -0.4)
    assert pair.ahead == Way.LORA
    assert verdict.question is None
    assert verdict.needed_rows is None


def test_a_prompt_that_agrees_with_lora_on_enough_rows_is_enough() -> None:
    # None differs among 400: z^2 / (n + z^2) = 3.84 / 403.84 = 0.95 points at most.
    verdict = verdict_of(way(Way.PLAIN, first(360, 400)), way(Way.LORA, first(360, 400)))

    assert (verdict.outcome, verdict.best, verdict.rival) == ("prompt", Way.PLAIN, Way.LORA)
    assert verdict.pairs[0].guarded[0] == pytest.approx(-3.8415 / 403.8415, abs=1e-5)


def test_the_same_agreement_on_few_rows_is_not_enough_to_tell() -> None:
    # 3.84 / 63.84 = 6 points, more than the margin of 5.
    verdict = verdict_of(way(Way.PLAIN, first(54, 60)), way(Way.LORA, first(54, 60)))

    assert (verdict.outcome, verdict.best, verdict.rival) == ("unclear", Way.PLAIN, Way.LORA)
    assert verdict.question == "difference"
    assert verdict.needed_rows == rows_to_rule_out_loss(0.0, 0.0, MARGIN) == 73


def test_a_few_points_on_sixty_rows_are_not_enough_to_tell() -> None:
    # LoRA alone is right on 6 rows, the prompt alone on 3: p = 0.51.
    prompt = rows((46, True), (3, True), (6, False), (5, False))
    lora = rows((46, True), (3, False), (6, True), (5, False))
    verdict = verdict_of(way(Way.PLAIN, prompt), way(Way.LORA, lora))

    assert verdict.outcome == "unclear"
    # The gap of 5 points is as large as the margin, so only a difference could be shown.
    assert verdict.needed_rows == rows_to_tell_apart(-3 / 60, 9 / 60)
    assert 450 < verdict.needed_rows < 490


def test_a_prompt_that_is_shown_worse_is_not_enough_however_close() -> None:
    # 20 of 2,000 rows: one point, but 20 to 0 is no chance.
    verdict = verdict_of(way(Way.PLAIN, first(1800, 2000)), way(Way.LORA, first(1820, 2000)))

    assert verdict.pairs[0].guarded[0] > -MARGIN
    assert (verdict.outcome, verdict.best) == ("lora", Way.LORA)


def test_a_classic_classifier_that_keeps_up_with_lora_is_enough() -> None:
    verdict = verdict_of(
        way(Way.PLAIN, first(200, 400)),
        way(Way.CLASSIC, first(360, 400)),
        way(Way.LORA, first(361, 400)),
    )

    assert (verdict.outcome, verdict.best, verdict.rival) == ("classic", Way.CLASSIC, Way.LORA)


def test_lora_has_to_be_better_than_the_classic_classifier_too() -> None:
    classic = rows((70, True), (10, True), (15, False), (5, False))
    lora = rows((70, True), (10, False), (15, True), (5, False))
    verdict = verdict_of(
        way(Way.PLAIN, first(30, 100)), way(Way.CLASSIC, classic), way(Way.LORA, lora)
    )

    assert (verdict.outcome, verdict.best, verdict.rival) == ("unclear", Way.CLASSIC, Way.LORA)
    assert verdict.pair(Way.PLAIN, Way.LORA).ahead == Way.LORA  # type: ignore[union-attr]


def test_of_two_equal_ways_with_an_adapter_the_simpler_one_is_named() -> None:
    verdict = verdict_of(
        way(Way.PLAIN, first(40, 100)),
        way(Way.LORA, first(88, 100)),
        way(Way.LORA_ENGINEERED, first(90, 100)),
    )

    assert (verdict.outcome, verdict.best) == ("lora", Way.LORA)


def test_both_together_are_named_where_they_are_shown_to_be_better() -> None:
    verdict = verdict_of(
        way(Way.PLAIN, first(40, 100)),
        way(Way.LORA, first(70, 100)),
        way(Way.LORA_ENGINEERED, first(90, 100)),
    )

    assert (verdict.outcome, verdict.best) == ("lora", Way.LORA_ENGINEERED)


def test_nothing_works_where_the_commonest_answer_does_as_well() -> None:
    verdict = verdict_of(
        way(Way.PLAIN, first(58, 100)),
        way(Way.LORA, first(61, 100)),
        commonest=first(60, 100),
    )

    assert (verdict.outcome, verdict.best, verdict.rival) == ("nothing", Way.LORA, None)
    assert verdict.commonest == 0.6
    assert verdict.beat_commonest == ()


def test_nothing_works_where_fewer_than_one_in_five_is_right() -> None:
    verdict = verdict_of(way(Way.PLAIN, first(0, 100)), way(Way.LORA, first(19, 100)))

    assert verdict.outcome == "nothing"
    assert verdict.pairs[0].ahead == Way.LORA  # and still no help


def test_a_lead_over_the_commonest_answer_that_may_be_chance_is_left_open() -> None:
    # 5 rows of 20 more, none fewer: p = 2 / 2^5 = 0.06.
    verdict = verdict_of(
        way(Way.PLAIN, first(10, 20)), way(Way.LORA, first(15, 20)), commonest=first(10, 20)
    )

    assert (verdict.outcome, verdict.question, verdict.rival) == ("unclear", "commonest", None)
    assert verdict.needed_rows == max(21, rows_to_tell_apart(0.25, 0.25, 0.05 / 2))


def test_a_prompt_no_better_than_the_commonest_answer_is_never_enough() -> None:
    verdict = verdict_of(
        way(Way.PLAIN, first(600, 1000)),
        way(Way.LORA, first(620, 1000)),
        commonest=first(600, 1000),
    )

    assert (verdict.outcome, verdict.best) == ("lora", Way.LORA)


def test_only_with_an_adapter_better_than_chance_the_simpler_family_may_stay_open() -> None:
    # LoRA beats the commonest answer; the prompt does not, and is not told apart from LoRA either.
    prompt = rows((60, True), (12, False), (5, True), (23, False))
    lora = rows((60, True), (12, True), (5, False), (23, False))
    verdict = verdict_of(way(Way.PLAIN, prompt), way(Way.LORA, lora), commonest=first(60, 100))

    assert verdict.beat_commonest == (Way.LORA,)
    assert (verdict.outcome, verdict.best, verdict.rival) == ("unclear", Way.LORA, Way.PLAIN)


# ---------------------------------------------------------------- the price of choosing


def test_the_candidate_is_the_one_that_did_best_on_the_validation_rows() -> None:
    verdict = verdict_of(
        way(Way.PLAIN, first(60, 100), validation=0.7),
        way(Way.ENGINEERED, first(80, 100), validation=0.6),
        way(Way.LORA, first(90, 100), validation=0.9),
    )

    assert verdict.candidates == (Way.PLAIN, Way.LORA)
    assert (verdict.picked_on, verdict.tests) == ("validation", 1)
    assert verdict.pairs[0].guarded == verdict.pairs[0].interval95


def test_of_equals_on_the_validation_rows_the_first_is_taken() -> None:
    verdict = verdict_of(
        way(Way.ENGINEERED, first(80, 100), validation=0.7),
        way(Way.PLAIN, first(60, 100), validation=0.7),
        way(Way.LORA, first(90, 100), validation=0.9),
    )

    assert verdict.candidates[0] == Way.PLAIN


def test_a_choice_on_the_test_rows_makes_the_test_stricter() -> None:
    # 7 rows to 0: p = 2 / 2^7 = 0.0156 alone, 0.0469 for three tests, 0.0625 for four.
    prompts = [
        way(one, right)
        for one, right in (
            (Way.PLAIN, first(20, 100)),
            (Way.PLAIN_SCORE, first(82, 100)),
            (Way.ENGINEERED, first(83, 100)),
            (Way.ENGINEERED_SCORE, first(83, 100)),
        )
    ]
    chosen = [
        way(one.way, one.right, validation=float(one.way == Way.ENGINEERED)) for one in prompts
    ]
    lora = first(90, 100)

    picked = verdict_of(*prompts, way(Way.LORA, lora))
    fixed = verdict_of(*chosen, way(Way.LORA, lora, validation=0.9))

    assert (picked.picked_on, picked.tests) == ("test", 4)
    # Holm: 20 against 90 first, then 82 against 90, so two tests are left for 83 against 90.
    assert picked.pairs[0].p_adjusted == pytest.approx(2 * 2 / 2**7)
    assert picked.pairs[0].guarded[0] < picked.pairs[0].interval95[0]
    assert fixed.tests == 1
    assert fixed.pairs[0].p_adjusted == pytest.approx(2 / 2**7)
    assert fixed.outcome == "lora"
    assert picked.outcome == "unclear" or picked.pairs[0].told_apart


def test_every_pair_of_candidates_is_adjusted_for() -> None:
    verdict = verdict_of(
        way(Way.PLAIN, first(70, 100)),
        way(Way.CLASSIC, first(76, 100)),
        way(Way.LORA, first(77, 100)),
    )

    by_ways = {(one.first, one.second): one for one in verdict.pairs}
    assert verdict.tests == 3
    # p: 6 rows to 0 is 1/32, 7 to 0 is 1/64, 1 to 0 is 1.
    assert by_ways[Way.PLAIN, Way.LORA].p_adjusted == pytest.approx(3 / 64)
    assert by_ways[Way.PLAIN, Way.CLASSIC].p_adjusted == pytest.approx(2 / 32)
    assert by_ways[Way.CLASSIC, Way.LORA].p_adjusted == 1


# ---------------------------------------------------------------- what can't be judged


@pytest.mark.parametrize(
    ("measured", "problem"),
    [
        ([], "not measured on the same test rows"),
        ([way(Way.PLAIN, first(1, 3)), way(Way.LORA, first(1, 2))], "the same test rows"),
        ([way(Way.PLAIN, first(1, 3)), way(Way.PLAIN, first(1, 3))], "the same test rows"),
        ([way(Way.PLAIN, ()), way(Way.LORA, ())], "no test rows"),
        ([way(Way.PLAIN, first(1, 3)), way(Way.ENGINEERED, first(1, 3))], "measure both"),
        ([way(Way.LORA, first(1, 3)), way(Way.LORA_ENGINEERED, first(1, 3))], "measure both"),
    ],
)
def test_what_can_not_be_judged_is_told_in_one_sentence(
    measured: list[Measured], problem: str
) -> None:
    with pytest.raises(DataError, match=problem):
        judge(measured, "classification", 200, None)


@pytest.mark.parametrize("prompt", range(0, 7, 2))
@pytest.mark.parametrize("classic", range(0, 7, 3))
@pytest.mark.parametrize("lora", range(7))
@pytest.mark.parametrize("shift", [0, 2])
def test_there_is_a_verdict_on_everything(prompt: int, classic: int, lora: int, shift: int) -> None:
    turned = first(lora, 6)[-shift:] + first(lora, 6)[:-shift]
    verdict = verdict_of(
        way(Way.PLAIN, first(prompt, 6) * 3),
        way(Way.CLASSIC, first(classic, 6) * 3),
        way(Way.LORA, turned * 3),
        way(Way.LORA_ENGINEERED, first(lora, 6) * 3),
        commonest=first(3, 6) * 3,
    )

    assert (verdict.outcome == "unclear") == (verdict.needed_rows is not None)
    assert verdict.needed_rows is None or verdict.needed_rows > 18
    assert Verdict.from_json(verdict.to_json()) == verdict


# ---------------------------------------------------------------- to a file and back


@pytest.fixture
def measured() -> list[Measured]:
    return [
        way(Way.PLAIN, first(2, 4), f1=0.5, f1_interval95=(0.1, 0.9), validation=0.25),
        way(Way.LORA, first(3, 4)),
    ]


def test_a_verdict_goes_to_a_file_and_comes_back(tmp_path: Path, measured: list[Measured]) -> None:
    verdict = judge(measured, "extraction", 200, first(1, 4))
    path = tmp_path / "verdict.json"
    path.write_text(json.dumps(verdict_json(verdict, measured)))

    assert read_verdict(path) == (verdict, tuple(measured))


def _without(data: Any, *path: str) -> Any:
    *above, last = path
    inner = data
    for name in above:
        inner = inner[name]
    del inner[last]
    return data


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: "{",
        lambda data: "",
        lambda data: "[" * 100_000,
        lambda data: "[]",
        lambda data: json.dumps(_without(data, "verdict")),
        lambda data: json.dumps(_without(data, "verdict", "best")),
        lambda data: json.dumps(data | {"measured": 3}),
        lambda data: json.dumps(data | {"measured": [{"way": "magic"}]}),
        lambda data: json.dumps(data | {"verdict": data["verdict"] | {"best": "engineered"}}),
        lambda data: json.dumps(data | {"verdict": data["verdict"] | {"rows": 0}}),
        lambda data: json.dumps(
            data | {"verdict": data["verdict"] | {"best": "plain", "rival": "lora", "pairs": []}}
        ),
        lambda data: json.dumps(data | {"verdict": data["verdict"] | {"margin": float("nan")}}),
    ],
)
def test_a_damaged_file_is_told_in_one_sentence(
    tmp_path: Path, measured: list[Measured], damage: Any
) -> None:
    verdict = judge(measured, "extraction", 200, first(1, 4))
    path = tmp_path / "verdict.json"
    path.write_text(damage(verdict_json(verdict, measured)))

    with pytest.raises(DataError, match="The file of the verdict is damaged: train again"):
        read_verdict(path)


def test_a_verdict_that_is_not_there_yet_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no verdict yet"):
        read_verdict(tmp_path / "verdict.json")
