"""Under each picture: data set, rows, seed, date, command and fingerprints of what was measured."""

from collections.abc import Iterable, Sequence

import streamlit as st

from lib.content.results_texts import ResultsTexts, filled
from lib.evaluation.result_lines import Reading
from lib.evaluation.result_sets import Learning, Measured, SetResults
from lib.task import Task
from lib.ui import results_words as told
from lib.ui import shell

_WHAT = {
    Reading.WRITTEN: "The model writes its answer",
    Reading.SCORED: "The likeliest label wins",
    Reading.CLASSIC: "The classic classifier",
}


def show(
    texts: ResultsTexts, task: Task, sets: Iterable[SetResults], seed: int | None, key: str
) -> None:
    """Draw the fold with everything needed to measure a picture's figures again."""
    # It stands below every picture: drawn when somebody asks for it.
    fold = st.expander(
        texts.how.title, icon=":material/rule:", key=f"results_how_{key}", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        st.markdown(f"Data: {shell.plain(task.data.name)}, {shell.plain(task.data.credit)}.")
        trained = filled(texts.how.seed, seed=seed) if seed is not None else texts.how.no_seed
        st.markdown(f"{trained} {texts.how.bootstrap}")
        for one in sets:
            for measured in one.files.values():
                _show_file(one, measured)


def show_run(
    texts: ResultsTexts, key: str, facts: str, command: str, fingerprints: Sequence[str]
) -> None:
    """Draw the same fold for a measured file that belongs to no set of rows."""
    fold = st.expander(
        texts.how.title, icon=":material/rule:", key=f"results_how_{key}", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        st.markdown(shell.plain(facts))
        st.code(command, language=None, wrap_lines=True)
        st.markdown("SHA-256:")
        st.code("\n".join(fingerprints), language=None, wrap_lines=True)


def caption(results: SetResults) -> str:
    """Return the line below a picture: rows, data files and dates."""
    files = ", ".join(dict.fromkeys(one.data_file for one in results.files.values()))
    dates = ", ".join(sorted({one.date for one in results.files.values()}))
    return f"{told.about(results)} ({shell.plain(files)}), measured {shell.plain(dates)}."


def _show_file(results: SetResults, measured: Measured) -> None:
    facts = [f"{measured.rows:,} rows"]
    if measured.unscored_rows:
        facts.append(f"{measured.unscored_rows:,} rows of no class")
    facts.append(f"measured {measured.date}")
    if measured.dtype:
        facts.append(measured.dtype)
    if measured.seconds is not None:
        facts.append(f"{measured.seconds:,.0f} s in all")
    st.markdown(
        f"**{_WHAT[measured.reading]}** · {shell.plain(results.title)}: "
        f"{shell.plain(', '.join(facts))}"
    )
    st.code(measured.command, language=None, wrap_lines=True)
    if measured.learning:
        st.markdown(_learned(measured.learning))
    st.markdown("SHA-256:")
    st.code("\n".join(_fingerprints(measured)), language=None, wrap_lines=True)


def _learned(learning: Learning) -> str:
    rows = learning.held_out_rows
    tried = "; ".join(
        f"{shell.plain(name)} {told.share_of(round(accuracy * rows), rows)}"
        for name, accuracy in learning.candidates.items()
    )
    return (
        f"Learned on {learning.rows:,} rows of {shell.plain(learning.file)}; chosen on "
        f"{learning.held_out_rows:,} held-out rows: {shell.plain(learning.chosen)}. Tried there: "
        f"{tried}."
    )


def _fingerprints(measured: Measured) -> list[str]:
    lines = [f"data {measured.data_file}: {measured.data_sha256}"]
    if measured.learning:
        lines.append(f"training {measured.learning.file}: {measured.learning.sha256}")
    if measured.base_sha256:
        lines.append(f"base model: {measured.base_sha256}")
    if measured.adapter_sha256:
        lines.append(f"adapter: {measured.adapter_sha256}")
    return [*lines, *(f"prompt {name}: {sha}" for name, sha in measured.prompt_sha256.items())]
