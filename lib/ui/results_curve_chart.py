"""The chart of a learning curve: lines over the logarithm of the rows, prompts level across."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from lib.evaluation.curve_figures import Spot, is_prompt
from lib.evaluation.curve_points import CurveLine
from lib.inference.conditions import Condition
from lib.ui.palette import CLASSIC_COLOUR, COLOURS, SERIES_COLOURS

_LEARNED = {CurveLine.LORA: COLOURS[Condition.LORA], CurveLine.CLASSIC: CLASSIC_COLOUR}
_DASHES = [[6, 3], [2, 2], [8, 2, 2, 2], [4, 4]]
_SOLID = [1, 0]
_HEIGHT = 480


def curve_chart(named: Sequence[tuple[str, Spot]], what: str) -> alt.LayerChart:
    """Return the chart of named spots; `what` is the title of the upright axis."""
    sizes = sorted({one.size for _, one in named if not is_prompt(one.line)})
    table = _drawn(named, sizes)
    looks = _looks(named)
    order = list(looks)
    # Vega draws the band's pale square otherwise, which shows neither colour nor dashes.
    legend = alt.Legend(
        orient="top",
        title=None,
        columns=1,
        labelLimit=0,
        symbolType="stroke",
        symbolOpacity=1,
        symbolStrokeWidth=3,
        symbolSize=300,
    )
    base = alt.Chart(table).encode(
        x=alt.X(
            "rows:Q",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=sizes, format=",d", grid=False),
            title="Rows to learn from",
        ),
        color=alt.Color(
            "line:N",
            scale=alt.Scale(domain=order, range=[colour for colour, _ in looks.values()]),
            legend=legend,
        ),
        tooltip=[
            "line",
            alt.Tooltip("learned", title="rows", format=","),
            alt.Tooltip("runs", title="runs"),
            alt.Tooltip("share", format=".1%", title=what),
            alt.Tooltip("lowest", format=".1%", title="lowest run"),
            alt.Tooltip("highest", format=".1%", title="highest run"),
            alt.Tooltip("low", format=".1%", title="95% interval, low end"),
            alt.Tooltip("high", format=".1%", title="high end"),
        ],
    )
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%")
    bands = base.mark_area(opacity=0.18, line=False).encode(
        y=alt.Y("lowest:Q", scale=scale, title=what, axis=axis), y2="highest:Q"
    )
    lines = base.mark_line(strokeWidth=2.5).encode(
        y=alt.Y("share:Q", scale=scale, title=what, axis=axis),
        strokeDash=alt.StrokeDash(
            "line:N",
            scale=alt.Scale(domain=order, range=[dash for _, dash in looks.values()]),
            legend=legend,
        ),
    )
    dots = (
        base.transform_filter(alt.datum.is_learned)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(y=alt.Y("share:Q", scale=scale, title=what, axis=axis))
    )
    return alt.layer(bands, lines, dots).properties(height=_HEIGHT)


def _drawn(named: Sequence[tuple[str, Spot]], sizes: Sequence[int]) -> pd.DataFrame:
    """Return the spots as rows of a table; a prompt needs none to learn from and goes across."""
    rows = []
    for name, one in named:
        learned = not is_prompt(one.line)
        for at in [one.size] if learned else [*sizes[:1], *sizes[-1:]]:
            rows.append(
                {
                    "line": name,
                    "rows": at,
                    "learned": one.size if learned else None,
                    "is_learned": learned,
                    "runs": one.runs,
                    "share": one.mean,
                    "lowest": one.lowest,
                    "highest": one.highest,
                    "low": one.interval95[0],
                    "high": one.interval95[1],
                }
            )
    return pd.DataFrame(rows)


def _looks(named: Sequence[tuple[str, Spot]]) -> dict[str, tuple[str, list[int]]]:
    """Return colour and dashes by name, what learns first."""
    of_name = {name: one.line for name, one in named}
    found = {
        name: (_LEARNED[line], _SOLID)
        for wanted in (CurveLine.LORA, CurveLine.CLASSIC)
        for name, line in of_name.items()
        if line is wanted
    }
    prompts = [(name, line) for name, line in of_name.items() if is_prompt(line)]
    for number, (name, line) in enumerate(prompts):
        searched = line is CurveLine.ENGINEERED
        colour = COLOURS[Condition.ENGINEERED] if searched else SERIES_COLOURS[number]
        found[name] = (colour, _DASHES[number % len(_DASHES)])
    return found
