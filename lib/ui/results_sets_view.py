"""Beyond the main set: other rows and domains, no near twins, and rows that belong to no class."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
import streamlit as st

from lib.content.results_texts import filled
from lib.evaluation.result_lines import NO_LABEL, Line, Reading, Way
from lib.evaluation.result_sets import SetResults
from lib.ui import results_charts as charts
from lib.ui import results_how_view as how
from lib.ui import results_words as told
from lib.ui import shell
from lib.ui.results_album import Picture
from lib.ui.results_main_view import Shown, line_picture


def show_sets(page: Shown) -> None:
    """Draw the same ways on other sets of rows, and by domain where rows have one."""
    texts, results = page.texts.sets, page.found.results
    st.header(texts.title, anchor="sets")
    scored = [one for one in results.sets if one.lines]
    unmeasured = [one for one in results.unmeasured if one is not page.main]
    if len(scored) > 1:
        st.markdown(texts.lead)
        for one in scored[1:]:
            if one.about:
                st.markdown(f"**{shell.plain(one.title)}**: {shell.plain(one.about)}")
        _show_groups(
            page,
            {f"{one.title} ({one.rows:,})": one.lines for one in scored},
            "results_sets",
        )
        st.caption(" ".join(how.caption(one) for one in scored))
    elif len(results.sets) > 1:
        st.markdown(texts.missing)
    else:
        st.markdown(texts.one)
    if unmeasured and len(scored) > 1:
        names = ", ".join(shell.plain(one.title) for one in unmeasured)
        st.caption(f"Not measured yet: {names}.")
    for one in scored:
        if one.groups:
            field = next(measured.group_field for measured in one.files.values() if measured.groups)
            title = one.title[:1].upper() + one.title[1:]
            st.subheader(f"{shell.plain(title)}, by {shell.plain(field or '')}")
            groups = {f"{name} ({part.rows:,})": part.lines for name, part in one.groups.items()}
            _show_groups(page, groups, f"results_groups_{one.id}")
            st.caption(how.caption(one))
    if len(scored) > 1 or any(one.groups for one in scored):
        how.show(page.texts, page.task, scored, page.found.training_seed, "sets")


def _show_groups(page: Shown, groups: Mapping[str, Sequence[Line]], key: str) -> None:
    """Draw groups of rows under one reading at a time; the classic line stands in each."""
    lines = [line for of_group in groups.values() for line in of_group]
    readings = [one for one in Reading if one in {line.reading for line in lines}]
    readings = [one for one in readings if one is not Reading.CLASSIC] or readings
    chosen = readings[0]
    if len(readings) > 1:
        chosen = st.segmented_control(
            "Show", readings, format_func=page.names.reading, required=True,
            default=readings[0], key=f"{key}_reading",
        )  # fmt: skip
    page.found.album.draw(key, lambda: _group_picture(page, groups, chosen), choice=chosen.value)


def _group_picture(page: Shown, groups: Mapping[str, Sequence[Line]], reading: Reading) -> Picture:
    wanted = {
        name: [one for one in of_group if one.reading in (reading, Reading.CLASSIC)]
        for name, of_group in groups.items()
    }
    wanted = {name: of_group for name, of_group in wanted.items() if of_group}
    table = pd.concat(
        [
            charts.line_table(of_group, page.names).assign(set=name)
            for name, of_group in groups.items()
        ]
    )
    words = (
        told.in_words(f"{name}: {page.what.lower()}", of_group, page.names)
        for name, of_group in wanted.items()
    )
    return Picture(
        charts.grouped_dots(wanted, page.names, page.what),
        " ".join(words),
        table[["set", *(one for one in table if one != "set")]],
        charts.LINE_SHARES,
    )


def show_twins(page: Shown) -> None:
    """Draw the main set without the rows that nearly repeat a training row."""
    texts, main = page.texts.twins, page.main
    st.header(texts.title, anchor="twins")
    left = main.without_twins
    if left is None or not left.lines:
        st.markdown(texts.missing)
        return
    if not main.near_twins:
        st.markdown(filled(texts.none, all=f"{main.rows:,}"))
        return
    st.markdown(
        filled(
            texts.lead, twins=f"{main.near_twins:,}", all=f"{main.rows:,}", rows=f"{left.rows:,}"
        )
    )
    page.found.album.draw(
        "results_twins",
        lambda: line_picture(page, left.lines, f"{page.what}, without near twins"),
    )
    st.caption(how.caption(main))
    how.show(page.texts, page.task, [main], page.found.training_seed, "twins")


# ---------------------------------------------------------------------------- no class


def show_strangers(page: Shown) -> None:
    """Draw what each way answers to rows that belong to no class."""
    texts = page.texts.strangers
    st.header(texts.title, anchor="no-class")
    if page.task.kind != "classification":
        st.markdown(texts.none)
        return
    sets = [
        one
        for one in page.found.results.sets
        if any(measured.unscored_answers for measured in one.files.values())
    ]
    if not sets:
        st.markdown(texts.missing)
        return
    for one in sets:
        _show_answers(page, one)
    how.show(page.texts, page.task, sets, page.found.training_seed, "no_class")


def _show_answers(page: Shown, results: SetResults) -> None:
    texts = page.texts.strangers
    st.markdown(filled(texts.lead, set=told.about(results)))
    if results.about:
        st.markdown(shell.plain(results.about))
    page.found.album.draw(f"results_no_class_{results.id}", lambda: _answer_picture(page, results))
    if refused := _refused(page, results):
        st.markdown(filled(texts.no_label, parts="; ".join(refused)))
    if set(results.files) - {Reading.WRITTEN}:
        st.markdown(texts.forced)
    st.caption(how.caption(results))


def _answer_picture(page: Shown, results: SetResults) -> Picture:
    table = pd.DataFrame(
        [
            {
                "line": page.names.of(way, reading),
                "answer": answer,
                "rows": count,
                "share": count / sum(known.values()),
            }
            for way, reading, known in _answers(page, results)
            for answer, count in known.items()
            if count
        ]
    )
    words = "; ".join(
        f"{name}: " + ", ".join(f"{row.answer} {row.share:.1%}" for row in of_line.itertuples())
        for name, of_line in table.groupby("line", sort=False)
    )
    return Picture(
        charts.answer_bars(table, [*page.task.labels, NO_LABEL], NO_LABEL),
        f"Answers to rows that belong to no class: {words}.",
        table,
        ("share",),
    )


def _refused(page: Shown, results: SetResults) -> list[str]:
    """Return the share of written answers that are no label, way by way."""
    return [
        f"{way.shown_as} {told.share_of(known[NO_LABEL], sum(known.values()))}"
        for way, reading, known in _answers(page, results)
        if reading is Reading.WRITTEN
    ]


def _answers(page: Shown, results: SetResults) -> Iterator[tuple[Way, Reading, dict[str, int]]]:
    """Yield way, reading and how often each label was given; what is no label counts together."""
    for measured in results.files.values():
        for way in (one for one in Way if one in measured.unscored_answers):
            counts = measured.unscored_answers[way]
            known = {label: counts.get(label, 0) for label in page.task.labels}
            known[NO_LABEL] = sum(counts.values()) - sum(known.values())
            yield way, measured.reading, known
