"""A training that a private link leads to: waiting, running, lost, failed, or with a verdict."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from lib.content.page_texts import JobText, TrainText
from lib.content.results_texts import filled
from lib.ui import shell, train_acts, train_charts, train_verdict
from lib.verdict import jobs
from lib.verdict.diary import Progress, Scored
from lib.verdict.facts import Way
from lib.verdict.jobs import KEEP_SECONDS, JobState

_LIVE = ("waiting", "running")
_LOOK_EVERY = 1.0  # seconds


def show(texts: TrainText, token: str) -> None:
    """Draw what the token leads to."""
    words = texts.job
    state = jobs.get_jobs().state(token)
    if state is None:
        st.warning(filled(words.gone, hours=KEEP_SECONDS // 3600), icon=":material/link_off:")
        _show_anew(words)
        return
    st.header(filled(words.title, name=shell.plain(state.name)), anchor="training")
    train_acts.show_problem()
    if state.status in _LIVE:
        # Ends with the first full run that finds the training ended.
        st.fragment(_show_live, run_every=_LOOK_EVERY)(words, token)
    elif state.status == "done":
        train_verdict.show(texts, state)
    else:
        _show_broken(words, token, state)
    _show_link(words, token, state)
    _show_delete(words, token, state)
    _show_anew(words)


def shown_time(epoch: float) -> str:
    """Return a date and a time as the visitor's clock shows it; UTC where the browser tells none."""
    time, zone = datetime.fromtimestamp(epoch, UTC), "UTC"
    told = st.context.timezone
    if told:
        try:
            time, zone = time.astimezone(ZoneInfo(told)), told
        except (ZoneInfoNotFoundError, ValueError):
            zone = "UTC"  # no zone that this machine knows
    return f"{time:%d %B %Y at %H:%M} ({zone})"


# ---------------------------------------------------------------------------- live


def _show_live(texts: JobText, token: str) -> None:
    state = jobs.get_jobs().state(token)
    if state is None or state.status not in _LIVE:
        st.rerun()
    if state.status == "waiting":
        st.markdown(f":material/hourglass_top: {_waiting(texts, state.ahead)}")
        return
    if state.yielding:
        st.markdown(f":material/pause_circle: {texts.yielding}")
    progress = state.progress
    _show_stage(texts, progress)
    if progress.stage == "training":
        stopping = train_acts.is_stopping(token)
        st.button(
            texts.stop,
            icon=":material/stop:",
            key="train_stop",
            help=texts.stop_help,
            disabled=stopping,
            on_click=train_acts.stop,
            args=(token,),
        )
        if stopping:
            st.caption(texts.stopping)
    if progress.steps:
        train_charts.show_course(texts, progress)
    _show_scored(texts, progress)


def _waiting(texts: JobText, ahead: int) -> str:
    if ahead == 0:
        return texts.waiting_first
    return texts.waiting_one if ahead == 1 else filled(texts.waiting, number=ahead)


def _show_stage(texts: JobText, progress: Progress) -> None:
    """Draw what is being done, and how far that is."""
    stage = texts.stages[progress.stage] if progress.stage else texts.starting
    done, of, more = 0, 0, []
    if progress.stage == "training" and progress.steps:
        last = progress.steps[-1]
        done, of = last.number, last.of
        more.append(filled(texts.step, number=f"{done:,}", of=f"{of:,}"))
        if progress.seconds_left is not None:
            more.append(filled(texts.left, time=_duration(progress.seconds_left)))
    elif progress.measuring:
        now = progress.measuring
        done, of = now.done, now.of
        more.append(filled(texts.measuring, way=_way(now.way), done=f"{done:,}", of=f"{of:,}"))
    st.markdown(f"**{stage}**")
    st.progress(done / of if of else 0.0, " · ".join(more) or " ")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} minutes"


def _show_scored(texts: JobText, progress: Progress) -> None:
    if not progress.scored:
        return
    st.markdown(f"**{texts.scored_title}**")
    st.markdown("\n".join(f"- {_scored(texts, one)}" for one in progress.scored))


def _scored(texts: JobText, one: Scored) -> str:
    return filled(texts.scored, way=_way(one.way), right=f"{one.right:,}", rows=f"{one.rows:,}")


def _way(name: str) -> str:
    return Way(name).shown_as if name in set(Way) else shell.plain(name)


# ---------------------------------------------------------------------------- lost, failed


def _show_broken(texts: JobText, token: str, state: JobState) -> None:
    """Say what was lost or what went wrong, and offer to start again."""
    until = shown_time(state.delete_at)
    if state.status == "failed":
        st.error(shell.plain(state.progress.problem or ""), icon=":material/error:")
        st.markdown(filled(texts.failed, time=until))
    elif state.progress.stage is None:
        st.warning(filled(texts.lost_waiting, time=until), icon=":material/power_off:")
    else:
        told = filled(texts.lost, how_far=_how_far(texts, state.progress), time=until)
        st.warning(told, icon=":material/power_off:")
    st.button(
        texts.restart,
        icon=":material/restart_alt:",
        key="train_restart",
        on_click=train_acts.restart,
        args=(token,),
    )
    _show_scored(texts, state.progress)


def _how_far(texts: JobText, progress: Progress) -> str:
    if progress.stage == "training" and progress.steps:
        last = progress.steps[-1]
        return filled(texts.lost_step, number=f"{last.number:,}", of=f"{last.of:,}")
    return filled(texts.lost_stage, stage=texts.stages[progress.stage or "model"])


# ---------------------------------------------------------------------------- link, deleting


def _show_link(texts: JobText, token: str, state: JobState) -> None:
    st.header(texts.link_title, anchor="link")
    page = st.context.url or "/train"
    st.code(f"{page}?{train_acts.JOB}={token}", language=None, wrap_lines=True)
    st.caption(filled(texts.link, time=shown_time(state.delete_at)))


def _show_delete(texts: JobText, token: str, state: JobState) -> None:
    """Draw the button that deletes, which asks once more."""
    if not train_acts.is_asked(token):
        st.button(
            texts.delete if state.status in _LIVE else texts.delete_done,
            icon=":material/delete:",
            key="train_delete",
            on_click=train_acts.ask_if_sure,
            args=(token, True),
        )
        return
    with st.container(border=True, key="train_sure_box"):
        st.markdown(texts.sure)
        with st.container(horizontal=True):
            st.button(
                texts.sure_yes,
                icon=":material/delete_forever:",
                key="train_sure_yes",
                on_click=train_acts.delete,
                args=(token,),
            )
            st.button(
                texts.sure_no,
                key="train_sure_no",
                on_click=train_acts.ask_if_sure,
                args=(token, False),
            )


def _show_anew(texts: JobText) -> None:
    st.button(
        texts.anew,
        type="tertiary",
        icon=":material/add:",
        key="train_anew",
        on_click=train_acts.leave,
    )
