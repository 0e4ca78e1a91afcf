"""Does the order of the examples decide: a sample's answers under each order, beside the adapter's."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import streamlit as st

from lib.content.results_texts import StabilityText, filled
from lib.errors import ContentError
from lib.evaluation.stability import ADAPTER
from lib.evaluation.stability_file import (
    KeptAnswer,
    OverInputs,
    StabilityResults,
    read_sample_answers,
    read_stability,
)
from lib.inference.conditions import Condition
from lib.task import Sample
from lib.ui import results_how_view as how
from lib.ui import shell
from lib.ui.palette import COLOURS
from lib.ui.results_album import Picture
from lib.ui.results_dots import share_dots, share_words
from lib.ui.results_library import file_stamp
from lib.ui.results_main_view import Shown

_Answers = Mapping[str, Mapping[str, KeptAnswer]]


def show_stability(page: Shown) -> None:
    """Draw the section; nothing where orders were not measured."""
    texts = page.texts.stability
    path = page.task.folder / "results" / "stability.json"
    if not path.is_file():
        return
    st.header(texts.title, anchor="stability")
    try:
        found, answers = _read(str(path), file_stamp(path))
    except ContentError as error:
        st.warning(shell.plain(str(error)), icon=":material/warning:")
        return
    st.markdown(filled(texts.lead, others=len(found.orders) - 1, seed=found.seed))
    stamp = str(file_stamp(path))
    _show_rows(page, found, stamp)
    over = found.over_samples
    st.markdown(
        filled(
            texts.samples,
            rows=over.rows,
            orders=len(found.orders),
            mean=f"{over.mean_distinct:.1f}",
            same=over.same,
        )
    )
    _show_sample(page, texts, found, answers)
    page.found.album.draw(
        "results_orders_samples",
        lambda: Picture(None, texts.distinct, _sample_table(page, found, answers)),
        choice=stamp,
    )
    st.markdown(texts.limits)
    _show_how(page, found)


@st.cache_resource(max_entries=12, show_spinner=False)
def _read(path: str, stamp: int) -> tuple[StabilityResults, _Answers]:
    found = read_stability(Path(path))
    return found, read_sample_answers(found)


def _show_how(page: Shown, found: StabilityResults) -> None:
    rows = ""
    if found.over_rows and found.data_file:
        rows = f" and {found.over_rows.rows:,} rows ({shell.plain(found.data_file)})"
    st.caption(
        f"{found.over_samples.rows} samples{rows} under {len(found.orders)} orders, seed "
        f"{found.seed}; decoded greedily, measured {shell.plain(found.date)} in "
        f"{shell.plain(found.dtype)}."
    )
    fingerprints = [
        *([f"data {found.data_file}: {found.data_sha256}"] if found.data_file else []),
        f"base model: {found.base_sha256}",
        f"adapter: {found.adapter_sha256}",
        *(f"prompt {name}: {sha}" for name, sha in found.prompt_sha256.items()),
    ]
    orders = "; ".join(
        f"{name} {' '.join(map(str, positions))}" for name, positions in found.orders.items()
    )
    facts = f"Orders of the examples, by their places in the task's own: {orders}"
    how.show_run(page.texts, "stability", facts, found.command, fingerprints)


# ------------------------------------------------------------------------- rows of a file


def _show_rows(page: Shown, found: StabilityResults, stamp: str) -> None:
    texts, over = page.texts.stability, found.over_rows
    if over is None or over.range is None:
        st.markdown(texts.no_rows)
        return
    adapter = over.ways[ADAPTER].share_right
    st.markdown(
        filled(
            texts.rows,
            rows=f"{over.rows:,}",
            file=shell.plain(found.data_file or ""),
            low=f"{over.range[0]:.1%}",
            high=f"{over.range[1]:.1%}",
            some=f"{over.right_under_some / over.judged_rows:.1%}",
            adapter=f"{adapter:.1%}" if adapter is not None else "",
        )
    )
    page.found.album.draw("results_orders", lambda: _row_picture(texts, found, over), choice=stamp)


def _row_picture(texts: StabilityText, found: StabilityResults, over: OverInputs) -> Picture:
    table = pd.DataFrame(
        [
            {
                "group": _name(texts, found, way),
                "series": texts.adapter if way == ADAPTER else "Engineered prompt",
                "share": one.share_right,
                "low": one.interval95[0],
                "high": one.interval95[1],
                "valid answers": one.valid_rate,
            }
            for way, one in over.ways.items()
            if one.interval95
        ]
    )
    colours = {
        "Engineered prompt": COLOURS[Condition.ENGINEERED],
        texts.adapter: COLOURS[Condition.LORA],
    }
    shown = table.rename(columns={"group": "order", "series": "way", "share": "share right"})
    return Picture(
        share_dots(table, colours, texts.what),
        share_words(table, texts.what),
        shown,
        ("share right", "low", "high", "valid answers"),
    )


def _name(texts: StabilityText, found: StabilityResults, way: str) -> str:
    if way == ADAPTER:
        return texts.adapter
    place = list(found.orders).index(way)
    return filled(texts.order, number=place + 1) if place else texts.own


# ------------------------------------------------------------------------- samples


def _show_sample(
    page: Shown, texts: StabilityText, found: StabilityResults, answers: _Answers
) -> None:
    samples = {one.id: one for one in page.task.samples if one.id in answers}
    if not samples:
        return
    chosen = st.selectbox(
        texts.pick,
        list(samples),
        format_func=lambda id: samples[id].title,
        key=f"results_orders_sample_{page.task.id}",
    )
    sample = samples[chosen]
    for text in sample.inputs.values():
        st.code(text, language=None, wrap_lines=True)
    for way, one in answers[chosen].items():
        st.caption(f"{shell.plain(_name(texts, found, way))} · {_judged(sample, one)}")
        st.code(one.text or " ", language=None, wrap_lines=True)


def _judged(sample: Sample, one: KeptAnswer) -> str:
    if not one.valid:
        return "no valid answer"
    if one.correct is None:
        return "no answer can be right here" if sample.expected is None else "not judged"
    return "right" if one.correct else "wrong"


def _sample_table(page: Shown, found: StabilityResults, answers: _Answers) -> pd.DataFrame:
    titles = {one.id: one.title for one in page.task.samples}
    rows = []
    for id, of_sample in answers.items():
        orders = [one for way, one in of_sample.items() if way != ADAPTER]
        can_be_right = orders[0].correct is not None
        adapter = of_sample[ADAPTER]
        rows.append(
            {
                "sample": titles.get(id, id),
                "different answers": len({one.number for one in orders}),
                "orders": len(orders),
                "right under": sum(bool(one.correct) for one in orders) if can_be_right else None,
                "LoRA right": {True: "yes", False: "no", None: ""}[adapter.correct],
            }
        )
    return pd.DataFrame(rows).astype({"right under": "Int64"})
