"""The decision guide: answers on the left, the recommendation with its reasons on the right."""

import altair as alt
import pandas as pd
import streamlit as st

from lib.content.decide import Ranked, Recommendation, decide, steadiness
from lib.content.evidence import Confidence
from lib.content.guide import Guide, GuideQuestion
from lib.content.library import Library
from lib.content.page_texts import ChooseText, load_page_texts
from lib.content.report import as_markdown
from lib.ui import article_view, case_session, history, prose, shell
from lib.ui.charts import bar_axis, labelled_bars
from lib.ui.library import get_library
from lib.ui.palette import SERIES_COLOURS

_PAGE = "choose"
_KEY = "choose_"
_CONFIDENCE = {
    Confidence.HIGH: "a clear lead",
    Confidence.MEDIUM: "a small lead: try the next one too",
    Confidence.LOW: "no lead: try both and measure",
}


def show() -> None:
    """Draw the page."""
    with shell.explained("This page can't be shown"):
        library = get_library()
        texts = load_page_texts().choose
        st.title(texts.title)
        if library.guide is None:
            st.error(
                "The guide can't be shown: content/decision_guide.yaml is broken, and `make check` "
                "says where.",
                icon=":material/error:",
            )
            return
        _show_guide(library.guide, texts, library)


def _show_guide(guide: Guide, texts: ChooseText, library: Library) -> None:
    st.markdown(guide.lead)
    prose.show_review(guide.reviewed_on, guide.review_after)
    summary = st.empty()
    questions, result = st.columns([2, 3], gap="large")
    with questions:
        history.begin(_PAGE)
        answers = _ask(guide)
        history.end(_PAGE)
    recommendation = decide(guide, answers)
    titles = {one.id: one.title for one in guide.approaches}
    picks = " · ".join(titles[one] for one in recommendation.picks)
    summary.markdown(f":material/alt_route: For these answers: **{picks}**")
    with result:
        _show_recommendation(recommendation, texts, library)
    _show_reasons(recommendation, library)
    _show_flips(recommendation, texts)
    st.markdown(f"{guide.honesty} " + _steady(recommendation, texts))
    st.header(texts.sequence_title)
    st.markdown("\n".join(f"{number}. {one}" for number, one in enumerate(texts.sequence, 1)))
    st.download_button(
        "Download as Markdown",
        as_markdown(recommendation, texts.sequence, library.findings),
        file_name="prompt-or-tune-report.md",
        mime="text/markdown",
        icon=":material/download:",
        key="choose_report",
    )
    case_session.show_advice(
        {id: answer for id, answer in answers.items() if answer != guide.defaults[id]}
    )
    cited = " ".join(f"[{id}]" for id in _cited(recommendation))
    prose.show_findings(prose.cited_findings([cited], library))


# ---------------------------------------------------------------------------- questions


def _ask(guide: Guide) -> dict[str, str]:
    """Draw the questions and return the answers; the address holds those that are no default."""
    st.header("Your case", anchor="your-case")
    answers = {question.id: _ask_one(question) for question in guide.questions}
    changed = {id: answer for id, answer in answers.items() if answer != guide.defaults[id]}
    if dict(st.query_params) != changed:
        st.query_params.from_dict(changed)
    if changed:
        st.button("Start again", icon=":material/restart_alt:", on_click=_reset, args=(guide,))
    return answers


def _ask_one(question: GuideQuestion) -> str:
    key = f"{_KEY}{question.id}"
    history.watch(_PAGE, key)
    ids = [one.id for one in question.answers]
    if key not in st.session_state:
        wanted = st.query_params.get(question.id, question.default)
        st.session_state[key] = wanted if wanted in ids else question.default
    return str(
        st.selectbox(
            question.text,
            ids,
            format_func=lambda id: question.answer(id).label,
            key=key,
            help=question.help,
        )
    )


def _reset(guide: Guide) -> None:
    for question in guide.questions:
        st.session_state[f"{_KEY}{question.id}"] = question.default


# ---------------------------------------------------------------------------- result


def _show_recommendation(found: Recommendation, texts: ChooseText, library: Library) -> None:
    st.header("What fits best", anchor="what-fits-best")
    for gate in found.gates:
        # What takes an approach away is news; what has to be done whatever is chosen is a warning.
        draw = st.info if gate.removes else st.warning
        draw(
            prose.markdown(_with_marks(gate.says, gate.evidence), library), icon=":material/report:"
        )
    for place, pick in enumerate(found.picks):
        approach = next(one for one in found.guide.approaches if one.id is pick)
        with st.container(border=True, key=f"pick_{pick.value}"):
            st.markdown(f"**{place + 1}. {approach.title}**")
            st.markdown(approach.what)
            st.markdown(f":material/play_arrow: {approach.first_step}")
            if approach.article in library.articles:
                article_view.link_to(library.articles[approach.article])
    st.markdown(
        f"Lead of {found.margin} {'point' if found.margin == 1 else 'points'} over the next approach, "
        f"{found.confidence.value} confidence: {_CONFIDENCE[found.confidence]}."
    )
    _show_estimator_link(found)
    for hybrid in found.hybrids:
        with st.container(border=True, key=f"hybrid_{hybrid.id}"):
            st.markdown(f":material/merge: **{hybrid.title}**")
            prose.show(_with_marks(hybrid.text, hybrid.evidence), library)
    _show_scores(found)


def _show_estimator_link(found: Recommendation) -> None:
    """The estimator takes over what the answers say about calls, prompt, labels and task."""
    filled_in: dict[str, str] = {}
    for question in found.guide.questions:
        filled_in |= question.answer(found.answers[question.id]).estimator
    shell.link(
        "What would that cost? The estimator with these answers filled in",
        "estimator",
        filled_in,
        "choose",
        ":material/calculate:",
    )


def _show_scores(found: Recommendation) -> None:
    titles = {one.id: one.title for one in found.guide.approaches}
    table = pd.DataFrame(
        [{"approach": titles[one.approach], "points": one.score} for one in found.ranked]
    )
    bars = (
        alt.Chart(table)
        .mark_bar(height=16, color=SERIES_COLOURS[0])
        .encode(
            y=alt.Y("approach:N", sort=None, title=None, axis=alt.Axis(labelLimit=300)),
            x=bar_axis(table, "points", "Points"),
        )
    )
    words = ", ".join(f"{titles[one.approach]} {one.score}" for one in found.ranked)
    st.altair_chart(
        labelled_bars(bars, "points").properties(height=alt.Step(28)),
        width="stretch",
        alt=f"Points by approach: {words}.",
        key="choose_scores",
    )
    if found.removed:
        names = ", ".join(titles[one] for one in found.removed)
        st.caption(f"Not possible here: {names}.")


def _show_reasons(found: Recommendation, library: Library) -> None:
    st.header("Why")
    titles = {one.id: one.title for one in found.guide.approaches}
    for one in found.ranked:
        label = f"{titles[one.approach]}: {one.score:+d} points"
        with st.expander(
            label, expanded=one.approach is found.leader, key=f"why_{one.approach.value}"
        ):
            if not one.reasons:
                st.caption("None of your answers speaks for it or against it.")
            prose.show(_reasons(one), library)


def _reasons(one: Ranked) -> str:
    return "\n".join(
        f"- **{reason.weight:+d}** · {reason.answer.label}: "
        f"{_with_marks(reason.answer.reason, reason.answer.evidence)} "
        f":gray[:small[({reason.answer.confidence.value} confidence)]]"
        for reason in one.reasons
    )


def _show_flips(found: Recommendation, texts: ChooseText) -> None:
    st.header("What would change the answer")
    if not found.flips:
        st.markdown(texts.no_flips_text)
        return
    st.markdown(texts.flips_text)
    titles = {one.id: one.title for one in found.guide.approaches}
    st.table(
        pd.DataFrame(
            [
                {
                    "If your answer to": one.question.text,
                    "were": one.answer.label,
                    "then first": titles[one.leader],
                }
                for one in found.flips
            ]
        ),
        hide_index=True,
        alt="Single answers that would put another approach first",
    )


def _steady(found: Recommendation, texts: ChooseText) -> str:
    titles = {one.id: one.title for one in found.guide.approaches}
    share = steadiness(found.guide, found.answers)
    return texts.steady_text.format(leader=f"**{titles[found.leader]}**", share=f"{share:.0%}")


def _with_marks(text: str, evidence: tuple[str, ...]) -> str:
    """Put evidence marks before a sentence's full stop."""
    marks = " ".join(f"[{id}]" for id in evidence)
    return f"{text.rstrip('.')} {marks}." if marks else text


def _cited(found: Recommendation) -> list[str]:
    ids = [id for one in found.ranked for reason in one.reasons for id in reason.answer.evidence]
    ids += [id for gate in found.gates for id in gate.evidence]
    ids += [id for hybrid in found.hybrids for id in hybrid.evidence]
    return list(dict.fromkeys(ids))
