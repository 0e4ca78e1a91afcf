"""Where a training's rows come from: a file, a paste, or a sample of ours; and what they are."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.content.page_texts import BringText, TrainText
from lib.content.results_texts import filled
from lib.content.samples import load_sample_sets
from lib.errors import UserError
from lib.ui import estimator_inputs as ask
from lib.ui import rows_form, shell
from lib.ui.rows_form import Columns, File
from lib.uploads import read_upload
from lib.verdict import own_rows
from lib.verdict.folder import Order
from lib.verdict.own_rows import OwnRows
from lib.verdict.plan import make_order

_KEPT = "train_rows"
_FILE = "train_file"
_UPLOAD = "train_upload"
_COLUMNS = "train_columns"


@dataclass(frozen=True)
class Understood:
    """Rows that can be trained on; kept for the visit, and never in the address."""

    file: str
    """The fingerprint of the file."""
    columns: Columns
    """What the visitor chose."""
    rows: int
    """In the file, usable or not."""
    counted: bool
    """Whether the tokens were counted, not estimated."""
    own: OwnRows
    order: Order

    @property
    def tokens(self) -> int:
        """What will be trained on, over all epochs."""
        lengths = {row.id: one for row, one in zip(self.own.rows, self.own.tokens, strict=True)}
        trained = self.order.parts.training[: self.order.trained_rows]
        return self.order.recipe.epochs * sum(lengths[row.id] for row in trained)


def show(texts: TrainText) -> Understood | None:
    """Draw the form, and return what was understood; None without a file, or with a broken one."""
    st.header(texts.bring.title, anchor="rows")
    file = _ask(texts.bring)
    if file is None:
        st.session_state.pop(_KEPT, None)
        return None
    try:
        return _understand(texts, file)
    except UserError as error:
        st.session_state.pop(_KEPT, None)
        ask.problem(str(error))
        return None


def _ask(texts: BringText) -> File | None:
    way = st.segmented_control(
        texts.way_label,
        list(texts.ways),
        format_func=lambda one: texts.ways[one],
        default="upload",
        required=True,
        key="train_way",
        persist_state="session",
    )
    limits = {
        "rows": f"{own_rows.MAX_ROWS:,}",
        "megabytes": own_rows.MAX_BYTES // 1_000_000,
        "least": own_rows.MIN_ROWS,
    }
    if way != "sample":
        st.caption(filled(texts.formats, **limits))
    if way == "paste":
        return rows_form.ask_pasted(
            texts.paste_label, "train_pasted", texts.paste_hint, persist_state="session"
        )
    return _ask_sample(texts) if way == "sample" else _ask_upload(texts)


def _ask_sample(texts: BringText) -> File | None:
    sets = {one.id: one for one in load_sample_sets()}
    chosen = st.radio(
        texts.sample_label,
        list(sets),
        index=None,
        format_func=lambda id: sets[id].title,
        captions=[one.about for one in sets.values()],
        key="train_sample",
        persist_state="session",
    )
    return (sets[chosen].file, sets[chosen].path.read_bytes()) if chosen else None


def _ask_upload(texts: BringText) -> File | None:
    """Ask for a file; it stays for the visit, though the widget forgets it on other pages."""
    found = st.file_uploader(
        texts.upload_label,
        rows_form.FORMATS,
        key=_UPLOAD,
        max_upload_size=own_rows.MAX_BYTES // 1_000_000,
        on_change=_take_upload,
    )
    file: File | None = st.session_state.get(_FILE)
    if file is not None and found is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(filled(texts.kept, name=shell.plain(file[0])))
            st.button(texts.forget, type="tertiary", key="train_forget", on_click=_take_upload)
    return file


def _take_upload() -> None:
    found: Any = st.session_state.get(_UPLOAD)
    st.session_state[_FILE] = None if found is None else (found.name, found.getvalue())


def _understand(texts: TrainText, file: File) -> Understood:
    """Return what the rows are, looked at anew only where the file or the columns are others.

    The choice of columns is drawn before the rows are looked at: it may be what mends them.
    """
    words = texts.understood
    key = rows_form.fingerprint([file])
    upload = None
    known: tuple[str, tuple[str, ...]] | None = st.session_state.get(_COLUMNS)
    if known is None or known[0] != key:
        with st.spinner(texts.bring.reading, show_time=True):
            upload = read_upload(file[1], file[0])
        known = st.session_state[_COLUMNS] = (key, upload.columns)
    st.header(words.title, anchor="understood")
    place = st.container()
    with st.expander(words.columns_title, key="train_columns_fold", icon=":material/tune:"):
        labels = (words.inputs_label, words.output_label)
        columns = rows_form.ask_columns(known[1], f"train_columns_{key}", labels, words.guess)
    kept: Understood | None = st.session_state.get(_KEPT)
    if kept is not None and (kept.file, kept.columns) == (key, columns):
        return kept
    with place, st.spinner(words.understanding, show_time=True):
        upload = upload or read_upload(file[1], file[0])
        count = rows_form.single_counter()
        own = own_rows.understand(upload, list(columns[0]) or None, columns[1], count)
        found = Understood(key, columns, len(upload.rows), count is not None, own, make_order(own))
    st.session_state[_KEPT] = found
    return found
