"""The pictures of the results page, each with words, its data as a table and a download."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from lib.ui.downloads import offer_csv
from lib.ui.palette import chart_text_colour


@dataclass(frozen=True)
class Picture:
    """A chart with its data and the words that describe it; up to their colon they are its name."""

    chart: alt.Chart | alt.LayerChart | None
    words: str
    table: pd.DataFrame
    shares: Sequence[str] = ()
    """Columns that go from 0 to 1."""

    @property
    def name(self) -> str:
        """What the picture is called."""
        return self.words.partition(":")[0]


class Album:
    """Keeps pictures in the form in which they are drawn: making one takes a tenth of a second."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[Picture, dict[str, Any] | None, str]] = {}

    def draw(self, key: str, make: Callable[[], Picture], choice: str = "") -> None:
        """Draw a picture, made only once for each choice and theme, and offer its data.

        Without a chart, the table stands in its place.
        """
        as_made = (f"{key} {choice}", chart_text_colour())
        if as_made not in self._kept:
            picture = make()
            spec = picture.chart.to_dict() if picture.chart else None
            self._kept[as_made] = (picture, spec, picture.table.to_csv(index=False))
        picture, spec, data = self._kept[as_made]
        if spec is None:
            _show_table(picture, data, key)
            return
        st.vega_lite_chart(spec=copy.deepcopy(spec), width="stretch", alt=picture.words, key=key)
        with st.expander("The figures as a table", key=f"{key}_table"):
            _show_table(picture, data, key)


def _show_table(picture: Picture, data: str, key: str) -> None:
    st.dataframe(
        picture.table,
        hide_index=True,
        width="stretch",
        alt=f"Figures: {picture.name}",
        column_config={
            name: st.column_config.NumberColumn(format="percent") for name in picture.shares
        },
    )
    offer_csv(data, key, f"{key}_csv")
