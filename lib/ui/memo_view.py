"""Draws a memo on a page. Every text of it is plain: none is read as Markdown."""

import altair as alt
import pandas as pd
import streamlit as st

from lib.ui import shell
from lib.ui.memo import Block, Memo, Picture, Point, Points, Says, Table

_STEP = 34


def show(memo: Memo) -> None:
    """Draw all of it, in a frame."""
    with st.container(border=True, key="memo"):
        st.subheader(shell.plain(memo.title), anchor=False)
        st.caption(shell.plain(memo.made))
        for number, section in enumerate(memo.sections):
            st.subheader(shell.plain(section.title), anchor=False)
            for place, block in enumerate(section.blocks):
                _show_block(block, f"memo_{number}_{place}")


def _show_block(block: Block, key: str) -> None:
    if isinstance(block, Says):
        st.markdown(shell.plain(block.text))
    elif isinstance(block, Points):
        lines = "\n".join(f"- {_point(one)}" for one in block.items)
        st.markdown(f"**{shell.plain(block.title)}**\n\n{lines}" if block.title else lines)
    elif isinstance(block, Picture):
        st.markdown(f"**{shell.plain(block.title)}**")
        st.altair_chart(_chart(block), width="stretch", alt=block.in_words, key=key)
        _show_table(block.table, block.title)
    else:
        _show_table(block, block.head[0])


def _point(one: Point) -> str:
    text = f"`{one.text}`" if one.is_address else shell.plain(one.text)
    if one.url:
        text = f"[{text}]({one.url})"
    end = "" if one.label.endswith("?") else ":"
    return f"**{shell.plain(one.label)}**{end} {text}" if one.label else text


def _show_table(table: Table, words: str) -> None:
    rows = [[shell.plain(cell) for cell in row] for row in table.rows]
    st.table(pd.DataFrame(rows, columns=list(table.head)), hide_index=True, alt=words)


def _chart(picture: Picture) -> alt.LayerChart:
    table = pd.DataFrame([vars(one) for one in picture.bars])
    scale = alt.Scale(domain=[0, picture.most]) if picture.most else alt.Scale()
    axis = alt.Axis(format="%" if picture.most else "$~s")
    base = alt.Chart(table).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
        color=alt.Color("colour:N", scale=None),
        tooltip=["name", "shown"],
    )
    ranges = base.mark_rule(strokeWidth=5, opacity=0.45).encode(
        x=alt.X("low:Q", title=picture.value, scale=scale, axis=axis), x2="high:Q"
    )
    likely = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=alt.X("likely:Q", title=picture.value, scale=scale)
    )
    return alt.layer(ranges, likely).properties(height=alt.Step(_STEP))
