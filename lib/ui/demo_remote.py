"""The hosted model on the demo page: the operator's settings, a fifth card, and what it shows.

Where the operator wants all conditions from the hosted model, it fills the four cards instead, and
the model here is never loaded.
"""

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.content.page_texts import DemoText
from lib.errors import RemoteError
from lib.estimator.amounts import usd
from lib.estimator.hosted import answer_cost, provider_of
from lib.estimator.prices import age_warning
from lib.inference.conditions import Condition
from lib.inference.parsing import Answer
from lib.inference.remote import RemoteModel, RemoteReply, replies_json
from lib.inference.remote_settings import ADAPTERS, RemoteSettings, read_settings
from lib.task import Task
from lib.ui import cards, shell
from lib.ui.remote_run import RemoteRun

Slots = dict[Condition, DeltaGenerator]


@dataclass(frozen=True)
class Hosted:
    """What the operator set, or what is wrong with it; neither where nothing was set."""

    settings: RemoteSettings | None = None
    problem: str | None = None

    @property
    def is_alone(self) -> bool:
        """Whether the hosted model answers in place of the model here."""
        return self.settings is not None and self.settings.is_alone


def find() -> Hosted:
    """Return the hosted model of the environment or of `.streamlit/secrets.toml`.

    Where both name something the file counts, for Streamlit copies it over the environment.
    """
    values: dict[str, str] = dict(os.environ)
    if st.secrets.load_if_toml_exists():  # looking into a file that is missing would be an error
        values |= {name: str(value) for name, value in st.secrets.items()}
    try:
        return Hosted(read_settings(values))
    except RemoteError as error:
        return Hosted(problem=str(error))


def new_run(hosted: Hosted, task: Task, inputs: Mapping[str, str]) -> RemoteRun | None:
    """Return a run that waits to be started; None without a hosted model."""
    return RemoteRun(RemoteModel(hosted.settings), task, inputs) if hosted.settings else None


def where_texts_go(hosted: Hosted, texts: DemoText) -> str:
    """Return what a visitor has to know before typing: who gets to read it."""
    if hosted.settings is None:
        return texts.private
    told = texts.hosted_alone if hosted.is_alone else texts.hosted
    return told.replace("{model}", f"**{shell.plain(hosted.settings.model)}**")


def place(hosted: Hosted, task: Task, grid: Slots) -> tuple[Slots, Slots]:
    """Draw the fifth card, if there is one, and return the slots of the model here and of the hosted.

    A hosted model that is alone takes the grid; what it has no adapter for says so.
    """
    if hosted.settings is None:
        if hosted.problem:
            _card("Hosted model", "").error(
                shell.plain(hosted.problem), icon=":material/error:", title="Not set up rightly"
            )
        return grid, {}
    if not hosted.is_alone:
        card = _card(
            hosted.settings.model,
            f"under the engineered prompt: {cards.prompt_line(task, Condition.ENGINEERED)}",
        )
        return grid, {Condition.ENGINEERED: card.empty()}
    asked = hosted.settings.conditions(task.id)
    for condition, slot in grid.items():
        if condition not in asked:
            slot.caption(shell.plain(f"Not available: {ADAPTERS} names no adapter of this task."))
    return {}, {condition: grid[condition] for condition in asked}


def show_how(hosted: Hosted) -> None:
    """Say at the foot of the page how a hosted model gets here, where there is none."""
    if hosted.settings is None and hosted.problem is None:
        st.caption(
            "Whoever runs this server can put a hosted model beside these four; `docs/deploy.md` says how."
        )


def follow(run: RemoteRun, slots: Slots) -> None:
    """Stream into the cards until the hosted model has ended."""
    with closing(run.ticks()) as ticks:
        for _ in ticks:
            show_texts(run, slots)


def show_texts(run: RemoteRun, slots: Slots) -> None:
    """Show what the hosted model has written by now."""
    for condition, slot in slots.items():
        if text := run.texts.get(condition):
            cards.show_text(slot, text)
        else:
            slot.caption("Asking the hosted model ...")


def show(run: RemoteRun | None, task: Task, expected: Answer | None, slots: Slots) -> None:
    """Fill the cards with a run's answers, or say that there are none yet."""
    replies = {reply.condition: reply for reply in run.replies} if run else {}
    for condition, slot in slots.items():
        if run is not None and condition in replies:
            _show_reply(slot, task, replies[condition], expected, run)
        elif run is not None and run.problem:
            slot.error(shell.plain(run.problem), icon=":material/error:")
        else:
            cards.show_waiting(slot)


def as_json(run: RemoteRun | None) -> dict[str, Any]:
    """Return what a run's download has of the hosted model; nothing where none answered."""
    return {"remote": replies_json(run.replies)} if run and run.replies else {}


def _card(title: str, caption: str) -> DeltaGenerator:
    st.caption("**A hosted model beside them**")
    card = st.container(border=True, key="card_remote")
    card.markdown(f"**{shell.plain(title)}**")
    if caption:
        card.caption(caption)
    return card


def _show_reply(
    slot: DeltaGenerator, task: Task, reply: RemoteReply, expected: Answer | None, run: RemoteRun
) -> None:
    with slot.container():
        if reply.problem:
            st.error(shell.plain(reply.problem), icon=":material/error:")
        else:
            st.markdown(cards.verdict(task, reply, expected))
        if reply.raw or not reply.problem:
            name, key = f"the hosted model {reply.model}", f"remote_{reply.condition.value}"
            cards.show_written(task, reply, name, key, run.inputs.get("context"))
        st.caption(_tokens(reply))
        if told := _cost(reply, run.remote.settings):
            st.caption(told)
        with st.expander("What was sent"):
            _show_sent(reply)


def _tokens(reply: RemoteReply) -> str:
    told = f"{reply.seconds:.1f} s"
    if reply.prompt_tokens is None or reply.output_tokens is None:
        return f"{told} · the server did not say how many tokens"
    kept = f" ({reply.cached_tokens} of them cached)" if reply.cached_tokens else ""
    return (
        f"{told} · {reply.prompt_tokens} tokens sent{kept}, {reply.output_tokens} written, as the server "
        "counts"
    )


def _cost(reply: RemoteReply, settings: RemoteSettings) -> str | None:
    """Return what the answer cost, or why that is not known; None where it can't matter."""
    if reply.prompt_tokens is None or reply.output_tokens is None:
        return None
    provider = settings.provider or provider_of(settings.base_url)
    cost = answer_cost(
        provider, reply.model, reply.prompt_tokens, reply.output_tokens, reply.cached_tokens or 0
    )
    if cost is None:
        return "No cost: genai-prices has no price of this model at this server."
    old = age_warning(cost.checked_on)
    return shell.plain(
        f"About {usd(cost.usd)} for this answer: an estimate by genai-prices {cost.version} "
        f"({cost.model}, looked up on {cost.checked_on})." + (f" {old}" if old else "")
    )


def _show_sent(reply: RemoteReply) -> None:
    st.caption(
        "The messages as they were sent. The server's chat template makes the prompt of them, and may add "
        "a system message of its own."
    )
    text = "\n\n".join(f"[{one['role']}]\n{one['content']}" for one in reply.messages)
    st.code(text, language=None, wrap_lines=True, height=260)
    lines = [
        f"Messages SHA-256 `{reply.prompt_sha256[:16]}…`",
        f"asked for {shell.plain(reply.model)}",
    ]
    if reply.left_out:
        refused = shell.plain(", ".join(reply.left_out))
        lines.append(f"the server refused {refused}, so it was asked without")
    st.caption(" · ".join(lines))
