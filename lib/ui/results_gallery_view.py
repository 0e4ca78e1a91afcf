"""Where each way loses: inputs that we chose, the four answers as they were measured, and why."""

import pandas as pd
import streamlit as st

from lib.content.gallery import GalleryItem
from lib.content.results_texts import filled
from lib.errors import ContentError
from lib.evaluation.gallery_file import GalleryAnswer, MeasuredGallery, read_gallery
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.prompts import fingerprint, template_for
from lib.ui import demo_gallery, shell
from lib.ui.results_album import Picture
from lib.ui.results_main_view import Shown


def show_gallery(page: Shown) -> None:
    """Draw the gallery; nothing where the task has none."""
    texts = page.texts.gallery
    try:
        gallery = demo_gallery.read_gallery(page.task)
        if gallery is None:
            return
        st.header(texts.title, anchor="gallery")
        path = page.task.folder / "results" / "gallery.json"
        if not path.is_file():
            st.markdown(filled(texts.missing, task=page.task.id))
            return
        measured = read_gallery(path)
    except ContentError as error:
        st.warning(shell.plain(str(error)), icon=":material/warning:")
        return
    st.markdown(texts.lead)
    if _is_stale(page, measured):
        st.warning(texts.stale, icon=":material/warning:")
    shown = [one for one in gallery.items if one.id in measured.items]
    table = _table(shown, measured)
    words = f"Right and wrong answers to {len(shown)} inputs of the gallery"
    page.found.album.draw("results_gallery", lambda: Picture(None, words, table))
    for number, item in enumerate(shown):
        _show_item(page, item, measured, is_first=number == 0)
    st.caption(
        f"{len(shown)} inputs that we wrote, measured {shell.plain(measured.date)} in "
        f"{shell.plain(measured.dtype)}; no seed, the answers are decoded greedily."
    )
    st.code(measured.command, language=None, wrap_lines=True)


def _show_item(page: Shown, item: GalleryItem, measured: MeasuredGallery, is_first: bool) -> None:
    found = measured.items[item.id]
    losers = [way.shown_as for way in ALL_CONDITIONS if not found.answers[way].right]
    label = f"**{shell.plain(item.title)}**: {shell.plain(_listed(losers))} wrong"
    # Only what somebody opens is drawn: a gallery holds hundreds of elements.
    fold = st.expander(
        label, expanded=is_first, key=f"results_gallery_{item.id}", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        for text in found.inputs.values():
            st.code(text, language=None, wrap_lines=True)
        st.caption(f"Right would be {shell.plain(found.expected)}")
        for row in (ALL_CONDITIONS[:2], ALL_CONDITIONS[2:]):
            for way, column in zip(row, st.columns(2), strict=True):
                with column:
                    st.markdown(f"{_verdict(found.answers[way])} · {way.shown_as}")
                    st.code(found.answers[way].raw or "(nothing)", language=None, wrap_lines=True)
        st.markdown(shell.plain(item.look))
        params = {"task": page.task.id, "demo_sample": item.id}
        shell.link(page.texts.gallery.link, "demo", params, "results_gallery", ":material/compare:")


def _verdict(answer: GalleryAnswer) -> str:
    if answer.right:
        return ":material/check: **Right**"
    return ":material/close: **Wrong**" if answer.valid else ":material/close: **Not usable**"


def _listed(names: list[str]) -> str:
    """Return names with the last one behind "and"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _table(items: list[GalleryItem], measured: MeasuredGallery) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "input": item.title,
                **{way.shown_as: _mark(measured, item, way) for way in ALL_CONDITIONS},
            }
            for item in items
        ]
    )


def _mark(measured: MeasuredGallery, item: GalleryItem, way: Condition) -> str:
    answer = measured.items[item.id].answers[way]
    if answer.right:
        return "✓ right"
    return "✗ wrong" if answer.valid else "✗ not usable"


def _is_stale(page: Shown, measured: MeasuredGallery) -> bool:
    """Whether the prompts have changed since, or the shares above come from another adapter."""
    prompts = {way.value: fingerprint(template_for(page.task, way)) for way in ALL_CONDITIONS}
    adapters = {one.adapter_sha256 for one in page.main.files.values()} - {None}
    return measured.prompt_sha256 != prompts or (
        bool(adapters) and measured.adapter_sha256 not in adapters
    )
