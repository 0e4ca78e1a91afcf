"""A measured learning curve in one sentence, for articles."""

from pathlib import Path

from lib.evaluation.curve_crossing import (
    Crossing,
    Outcome,
    crossing_over_classic,
    crossing_over_prompts,
)
from lib.evaluation.curve_figures import Spot, best_prompt, spots
from lib.evaluation.curve_file import read_curve
from lib.evaluation.curve_points import CurveLine
from lib.evaluation.result_lines import Reading

_NOT_MEASURED = "{title}: no learning curve has been measured yet."
_READ_OFF = {
    Reading.SCORED: ", the likeliest label",
    Reading.CALIBRATED: ", the likeliest label after calibration",
}


def curve_sentence(title: str, path: Path) -> str:
    """Return what a task's learning curve says, or that there is none yet.

    Raises:
        ContentError: if there is a file and it can't be read.
    """
    curve = read_curve(path)
    found = spots(curve.points, curve.test_rows) if curve else ()
    lora = [one for one in found if one.line is CurveLine.LORA]
    best = best_prompt(found)
    crossing = crossing_over_prompts(curve.points, curve.test_rows) if curve else None
    if curve is None or best is None or crossing is None:
        return _NOT_MEASURED.format(title=title)
    grew = ", ".join(f"{one.mean:.1%} with {one.size:,}" for one in lora)
    told = [
        f"{title}, on {curve.test_rows:,} test rows: LoRA was right in {grew} training rows.",
        _passed(crossing, f"the best prompt ({prompt_in_words(best)}: {best.mean:.1%})"),
    ]
    over_classic = crossing_over_classic(curve.points, curve.test_rows)
    if over_classic is not None:
        told.append(_passed(over_classic, "the classic classifier"))
    return " ".join(told)


def prompt_in_words(prompt: Spot) -> str:
    """Return what a prompt shows, and how its answer is read off unless it is what was written."""
    if prompt.line is CurveLine.ENGINEERED:
        shown = "the engineered one"
    else:
        shown = f"{prompt.size} drawn examples" if prompt.size else "no examples"
    return shown + _READ_OFF.get(prompt.mode, "")


def rows_range(crossing: Crossing) -> str:
    """Return the interval of a crossing in words; its ends can lie outside the measured sizes."""

    def end(rows: float) -> str:
        if rows < crossing.first:
            return f"below {crossing.first:,}"
        return f"more than {crossing.last:,}" if rows > crossing.last else f"{rows:,.0f}"

    low, high = end(crossing.low), end(crossing.high)
    return f"{low} rows" if low == high else f"{low} to {high} rows"


def _passed(crossing: Crossing, rival: str) -> str:
    interval = f"(95%: {rows_range(crossing)})"
    if crossing.between:
        fewer, more = crossing.between
        verb = "passes" if crossing.outcome is Outcome.CROSSES else "falls behind"
        return f"It {verb} {rival} between {fewer:,} and {more:,} rows {interval}."
    if crossing.outcome is Outcome.ABOVE_FROM_FIRST:
        return f"It is above {rival} from {crossing.first:,} rows on {interval}."
    return f"It does not pass {rival} with up to {crossing.last:,} rows {interval}."
