"""What is lost: general questions before and after the adapter, with examples chosen by rule."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import streamlit as st

from lib.content.results_texts import ForgettingText, filled
from lib.errors import ContentError
from lib.evaluation.forgetting import Asked
from lib.evaluation.forgetting_file import (
    AskedFigures,
    ForgettingResults,
    LostExample,
    lost_examples,
    read_forgetting,
    read_replies,
)
from lib.evaluation.statistics import Interval
from lib.inference.conditions import Condition
from lib.ui import results_how_view as how
from lib.ui import shell
from lib.ui.palette import COLOURS
from lib.ui.results_album import Picture
from lib.ui.results_dots import share_dots, share_words
from lib.ui.results_library import file_stamp
from lib.ui.results_main_view import Shown

_PER_GROUP = 1
_COLOURS = {
    Asked.BASE: COLOURS[Condition.PLAIN],
    Asked.BASE_ENGINEERED: COLOURS[Condition.ENGINEERED],
    Asked.ADAPTER: COLOURS[Condition.LORA],
    Asked.ADAPTER_ENGINEERED: COLOURS[Condition.LORA_ENGINEERED],
}


def show_forgetting(page: Shown) -> None:
    """Draw the section; nothing where general questions were not asked."""
    texts = page.texts.forgetting
    path = page.task.folder / "results" / "forgetting.json"
    if not path.is_file():
        return
    st.header(texts.title, anchor="forgetting")
    try:
        found, examples = _read(str(path), file_stamp(path))
    except ContentError as error:
        st.warning(shell.plain(str(error)), icon=":material/warning:")
        return
    is_bare = Asked.BASE_ENGINEERED not in found.figures
    lead = texts.lead_bare if is_bare else texts.lead
    st.markdown(filled(lead, rows=found.rows))
    with st.container(border=True, key="results_lost"):
        st.markdown("\n".join(f"- {_verdict(texts, found, way)}" for way in _in_order(found)))
        st.caption(texts.test)
    page.found.album.draw(
        "results_forgetting", lambda: _picture(texts, found), choice=str(file_stamp(path))
    )
    for sentence in _about_form(texts, found):
        st.markdown(sentence)
    _show_examples(texts, found, examples)
    st.markdown("\n".join(f"- {one}" for one in texts.limits))
    st.caption(
        f"{found.rows} questions ({shell.plain(found.data_file)}), up to {found.max_new_tokens} "
        f"tokens a reply, decoded greedily without a seed; measured {shell.plain(found.date)} in "
        f"{shell.plain(found.dtype)}."
    )
    fingerprints = [
        f"questions {found.data_file}: {found.data_sha256}",
        f"base model: {found.base_sha256}",
        f"adapter: {found.adapter_sha256}",
        *(f"prompt {name}: {sha}" for name, sha in found.prompt_sha256.items()),
    ]
    facts = f"{found.rows} questions, measured {found.date}"
    how.show_run(page.texts, "forgetting", facts, found.command, fingerprints)


@st.cache_resource(max_entries=12, show_spinner=False)
def _read(path: str, stamp: int) -> tuple[ForgettingResults, list[LostExample]]:
    found = read_forgetting(Path(path))
    return found, lost_examples(read_replies(found), _PER_GROUP)


# ------------------------------------------------------------------------- sentences


def _in_order(found: ForgettingResults) -> list[Asked]:
    """Return the ways to tell of, the bare adapter first: it is what the section is about."""
    return sorted(found.against, key=lambda way: way is not Asked.ADAPTER)


def _verdict(texts: ForgettingText, found: ForgettingResults, way: Asked) -> str:
    pair = found.against[way]
    return filled(
        getattr(texts, pair.verdict),
        way=texts.ways[way],
        rows=found.rows,
        share=_right(found.figures[way]),
        base=_right(found.figures[Asked.BASE]),
        only_base=pair.only_base,
        only_this=pair.only_this,
    )


def _right(figures: AskedFigures) -> str:
    return _ranged(figures.accuracy, figures.interval95)


def _ranged(share: float, ends: Interval) -> str:
    return f"{share:.1%} ({ends[0]:.1%} to {ends[1]:.1%})"


def _about_form(texts: ForgettingText, found: ForgettingResults) -> list[str]:
    """Return what the replies look like, where a task's answers can be told from other replies."""
    sentences = []
    forms = [
        f"{texts.ways[way]} {_ranged(one.task_answers, one.task_answers_interval95)}"
        for way, one in found.figures.items()
        if one.task_answers is not None and one.task_answers_interval95 is not None
    ]
    if forms:
        sentences.append(filled(texts.form, parts="; ".join(forms)))
    inside = [
        f"{texts.ways[way]} {one.inside_object}"
        for way, one in found.figures.items()
        if one.inside_object
    ]
    if inside:
        sentences.append(filled(texts.inside, parts=", ".join(inside)))
    return sentences


# ------------------------------------------------------------------------- the picture


def _picture(texts: ForgettingText, found: ForgettingResults) -> Picture:
    rows = _rows(texts, f"{texts.all} ({found.rows})", found.figures)
    for name, group in found.groups.items():
        title = texts.groups.get(name, name)
        rows += _rows(texts, f"{title} ({group.rows})", group.figures)
    table = pd.DataFrame(rows)
    colours = {texts.ways[way]: _COLOURS[way] for way in found.figures}
    shown = table.rename(columns={"group": "questions", "series": "way", "share": "share right"})
    return Picture(
        share_dots(table, colours, texts.what),
        share_words(table, texts.what),
        shown.loc[:, shown.notna().any()],
        ("share right", "low", "high", "answers of the task"),
    )


def _rows(
    texts: ForgettingText, group: str, figures: Mapping[Asked, AskedFigures]
) -> list[dict[str, object]]:
    return [
        {
            "group": group,
            "series": texts.ways[way],
            "share": one.accuracy,
            "low": one.interval95[0],
            "high": one.interval95[1],
            "answers of the task": one.task_answers,
        }
        for way, one in figures.items()
    ]


# ------------------------------------------------------------------------- examples


def _show_examples(
    texts: ForgettingText, found: ForgettingResults, examples: list[LostExample]
) -> None:
    if found.figures[Asked.ADAPTER].task_answers is None:
        return
    if not examples:
        st.markdown(texts.no_examples)
        return
    st.markdown(texts.examples)
    for one in examples:
        group = texts.groups.get(one.group, one.group)
        st.markdown(f"**{shell.plain(one.question)}** ({shell.plain(group)})")
        replies = ((Asked.BASE, one.base), (Asked.ADAPTER, one.adapter))
        for column, (way, reply) in zip(st.columns(2), replies, strict=True):
            with column:
                st.caption(texts.ways[way])
                # Code is the one element that shows a model's words letter by letter.
                st.code(reply, language=None, wrap_lines=True)
