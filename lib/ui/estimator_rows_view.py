"""A file of rows, uploaded or pasted, and the report on it."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from lib.errors import UserError
from lib.estimator.amounts import shown
from lib.estimator.row_findings import findings
from lib.estimator.row_report import RowsReport, report
from lib.ui import estimator_inputs as ask
from lib.ui import rows_form, shell
from lib.uploads import MAX_BYTES, Upload, read_upload

_KEPT = "estimator_rows"
_GUESS = "guess it"
_MOST_LABELS = 30

Files = tuple[rows_form.File, ...]


@dataclass(frozen=True)
class _Kept:
    """What a visit keeps of its files: never the rows, which are many times as large in memory."""

    files: str
    columns: tuple[str, ...]
    roles: tuple[tuple[str, ...], str | None]
    report: RowsReport


def show() -> RowsReport | None:
    """Draw the form and the report, and return it; None where there is no file or a broken one."""
    files = _ask()
    if not files:
        st.session_state.pop(_KEPT, None)
        return None
    try:
        found = _report(files)
    except UserError as error:
        st.session_state.pop(_KEPT, None)
        ask.problem(str(error))
        return None
    _show_report(found)
    return found


def _ask() -> Files:
    way = st.segmented_control(
        "Rows", ["Upload", "Paste"], default="Upload", required=True, key="d_way"
    )
    if way == "Paste":
        file = rows_form.ask_pasted(
            "Rows as CSV with a header, or JSON",
            "d_pasted",
            "text,label\nWhere is my parcel?,delivery",
        )
        return () if file is None else (file,)
    most = MAX_BYTES // 1_000_000
    rows = st.file_uploader("Training rows", rows_form.FORMATS, key="d_rows", max_upload_size=most)
    test = st.file_uploader(
        "Test rows, to find those that stand in both (optional)",
        rows_form.FORMATS,
        key="d_test",
        max_upload_size=most,
    )
    if rows is None:
        return ()
    return tuple((one.name, one.getvalue()) for one in (rows, test) if one is not None)


def _report(files: Files) -> RowsReport:
    """Return the report, read anew only where a file or the choice of columns is new."""
    key = rows_form.fingerprint(files)
    kept: _Kept | None = st.session_state.get(_KEPT)
    uploads: list[Upload] = []
    if kept is None or kept.files != key:
        with st.spinner("Reading the file", show_time=True):
            kept, uploads = None, _read(files)
    columns = kept.columns if kept else uploads[0].columns
    with st.expander("Columns", key="d_columns", icon=":material/tune:"):
        labels = ("Input columns", "Output column")
        roles = rows_form.ask_columns(columns, f"d_columns_{key}", labels, _GUESS)
    if kept is None or kept.roles != roles:
        with st.spinner("Counting tokens and comparing rows", show_time=True):
            uploads = uploads or _read(files)
            test = uploads[1] if len(uploads) > 1 else None
            found = report(
                uploads[0],
                count=rows_form.counter(),
                test=test,
                inputs=list(roles[0]) or None,
                output=roles[1],
            )
        kept = _Kept(key, uploads[0].columns, roles, found)
        st.session_state[_KEPT] = kept
    return kept.report


def _read(files: Files) -> list[Upload]:
    return [read_upload(data, name) for name, data in files]


# ---------------------------------------------------------------------------- report


def _show_report(found: RowsReport) -> None:
    st.header(shell.plain(f"{found.rows:,} rows in {found.name}"))
    tokens = found.tokens
    lines = [
        f"{found.usable_rows:,} rows are usable: without repeats, and with input and output.",
        f"{_columns(found)} {found.roles.why}",
        f"About {tokens.total:,} tokens ({tokens.low:,} to {tokens.high:,}); a row has "
        f"{shown(round(tokens.mean, 1))} on average, 95 % have at most {shown(tokens.p95)}. "
        f"{tokens.method}",
        tokens.others,
        *found.notes,
    ]
    st.markdown("\n".join(f"- {shell.plain(one)}" for one in lines))
    mend = findings(found)
    st.markdown("**What to mend**" if mend else "**Nothing to mend was found.**")
    for one in mend:
        st.markdown(f":material/build: {shell.plain(one)}")
    if found.labels:
        _show_labels(found)
    shell.link("Train on rows of your own", "train", {}, "d_rows", shell.icon_of("train"))


def _columns(found: RowsReport) -> str:
    if found.roles.form == "chat":
        return "Input and output are the turns of a chat."
    return f"Input: {', '.join(found.roles.inputs)}; output: {found.roles.output or 'none'}."


def _show_labels(found: RowsReport) -> None:
    assert found.labels is not None
    labels = found.labels.labels
    st.markdown(
        f"**{len(labels)} labels**; always giving the most frequent would score "
        f"{found.labels.majority_share:.1%}."
    )
    st.dataframe(
        pd.DataFrame(
            [
                {"label": one.label, "rows": one.rows, "share": one.share}
                for one in labels[:_MOST_LABELS]
            ]
        ),
        hide_index=True,
        width="stretch",
        alt="Rows of each label",
        column_config={"share": st.column_config.NumberColumn(format="percent")},
    )
    if len(labels) > _MOST_LABELS:
        st.caption(f"The {_MOST_LABELS} most frequent are shown.")
