"""A training's end: the verdict in words and figures, examples, and what can be taken home."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from lib.content.page_texts import OutcomeText, TrainText
from lib.content.results_texts import filled
from lib.content.verdict_texts import load_verdict_texts
from lib.ui import case_session, shell, train_charts
from lib.ui.results_album import Album
from lib.verdict import take_home
from lib.verdict.facts import Verdict, Way, read_verdict
from lib.verdict.folder import ANSWERS, VERDICT
from lib.verdict.jobs import JobState
from lib.verdict.words import verdict_words

_ANY = "any"


def show(texts: TrainText, state: JobState) -> None:
    """Draw everything that came of a training."""
    words = texts.verdict
    with shell.explained("The verdict can't be shown"):
        verdict, _ = read_verdict(state.folder / VERDICT)
        told = verdict_words(verdict, load_verdict_texts())
        with st.container(border=True, key="train_verdict"):
            st.markdown(f"## {shell.plain(told.title)}")
            st.markdown(shell.plain(" ".join(filter(None, (told.found, told.needed)))))
        _show_ways(words, verdict)
        _show_list(words.pairs, told.pairs)
        _show_list(words.changes, told.changes)
        _show_list(words.notes, state.progress.notes)
        with st.expander(words.how, key="train_how", icon=":material/science:"):
            st.markdown(_listed(told.notes))
        case_session.show_verdict(verdict, state.name)
    if state.progress.steps:
        st.header(words.course, anchor="course")
        train_charts.show_course(texts.job, state.progress)
    with shell.explained("The answers can't be shown"):
        _show_differences(words, state.folder / ANSWERS)
    _show_downloads(words, state.folder)


def _show_ways(texts: OutcomeText, verdict: Verdict) -> None:
    rows = verdict.rows
    st.header(filled(texts.ways, rows=f"{rows:,}"), anchor="ways")
    album = Album()
    album.draw(
        "train_ways",
        lambda: train_charts.ways_picture(verdict.scores, rows, texts.shares[verdict.kind]),
    )
    f1 = train_charts.f1_picture(verdict.scores, texts.f1)
    if f1 is not None:
        album.draw("train_f1", lambda: f1)


def _show_list(title: str, lines: Sequence[str]) -> None:
    if lines:
        st.markdown(f"**{title}**")
        st.markdown(_listed(lines))


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {shell.plain(one)}" for one in lines)


# ---------------------------------------------------------------------------- examples


def _show_differences(texts: OutcomeText, path: Path) -> None:
    """Draw the test rows that only some ways got right, every answer as plain text."""
    st.header(texts.differ_title, anchor="differences")
    if not path.is_file():
        return
    answers = pd.read_csv(path, dtype=str, keep_default_na=False)
    right = answers.pivot(index="id", columns="way", values="right") == "1"
    right = right.loc[answers["id"].unique()]  # as they stand in the file
    divided = right[right.any(axis=1) & ~right.all(axis=1)]
    if divided.empty:
        st.markdown(texts.differ_none)
        return
    st.markdown(filled(texts.differ, rows=f"{len(divided):,}", of=f"{len(right):,}"))
    ways = [one for one in Way if one.value in divided.columns]
    chosen = st.selectbox(
        texts.differ_choice,
        [_ANY, *ways],
        format_func=lambda one: (
            texts.differ_all if one == _ANY else filled(texts.differ_wrong, way=Way(one).shown_as)
        ),
        key="train_differ",
    )
    if chosen != _ANY:
        divided = divided[~divided[str(chosen)]]
    st.dataframe(
        _side_by_side(texts, answers, list(divided.index), ways),
        hide_index=True,
        width="stretch",
        alt=texts.differ_title,
    )


def _side_by_side(
    texts: OutcomeText, answers: pd.DataFrame, ids: Sequence[str], ways: Sequence[Way]
) -> pd.DataFrame:
    """Return a row for each id: its inputs, what was wanted, and what every way answered."""
    names = list(answers.columns)
    inputs = names[names.index("id") + 1 : names.index("wanted") + 1]
    asked = answers.drop_duplicates("id").set_index("id").loc[list(ids), inputs]
    told = [
        _told(texts, answer, right == "1")
        for answer, right in zip(answers["answer"], answers["right"], strict=True)
    ]
    of_ways = answers.assign(told=told).pivot(index="id", columns="way", values="told")
    shown = of_ways.loc[list(ids), [one.value for one in ways]]
    shown.columns = pd.Index([one.shown_as for one in ways])
    return asked.join(shown)


def _told(texts: OutcomeText, answer: str, is_right: bool) -> str:
    shown = texts.no_answer if answer in ("", "null") else answer
    return f"{texts.right if is_right else texts.wrong}: {shown}"


# ---------------------------------------------------------------------------- downloads


def _show_downloads(texts: OutcomeText, folder: Path) -> None:
    """Draw the downloads; nothing is packed or read before somebody wants it."""
    st.header(texts.take_title, anchor="take")
    st.markdown(texts.take)
    with st.container(horizontal=True):
        if (folder / "adapter").is_dir():
            st.download_button(
                texts.zip,
                partial(take_home.pack, folder),
                file_name="trained_on_own_rows.zip",
                mime="application/zip",
                icon=":material/folder_zip:",
                key="train_zip",
                on_click="ignore",
            )
        if (folder / ANSWERS).is_file():
            st.download_button(
                texts.answers,
                (folder / ANSWERS).read_bytes,
                file_name=ANSWERS,
                mime="text/csv",
                icon=":material/download:",
                key="train_answers",
                on_click="ignore",
            )
    if not (folder / "adapter").is_dir():
        st.caption(texts.no_adapter)
