"""What was understood of somebody's rows, before anything runs."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from lib.content.page_texts import UnderstoodText
from lib.content.results_texts import filled
from lib.estimator.eval_size import smallest_gap
from lib.evaluation.statistics import share_interval
from lib.inference.prompts import build_messages
from lib.task import PromptTemplate
from lib.ui import shell
from lib.ui.train_rows import Understood
from lib.verdict.own_rows import LeftOut

_MOST_SHOWN = 30
_MOST_NUMBERS = 200
_SCORE = 0.8
"""Of which it is told how exact it can be; nobody knows the real one yet."""


def show(texts: UnderstoodText, found: Understood) -> None:
    """Draw columns, kind, balance, tokens, what is left out, the division, and the prompts."""
    own, lines = found.own, _lines(texts, found)
    st.markdown("\n".join(f"- {shell.plain(one)}" for one in (*lines, *own.notes)))
    _show_left_out(texts, own.left_out)
    _show_balance(texts, found)
    _show_parts(texts, found)
    _show_prompts(texts, found)


def _lines(texts: UnderstoodText, found: Understood) -> list[str]:
    own = found.own
    roles, task = own.roles, own.task
    usable = filled(texts.rows, usable=f"{len(own.rows):,}", rows=f"{found.rows:,}", name=own.name)
    kind = filled(texts.kinds[task.kind], number=len(task.names))
    if roles.form == "chat":
        columns = filled(texts.chat, why=roles.why)
    else:
        columns = filled(
            texts.columns,
            inputs=", ".join(roles.inputs),
            output=roles.output or "-",
            why=roles.why,
        )
    tokens = filled(
        texts.tokens,
        mean=f"{sum(own.tokens) / len(own.tokens):,.0f}",
        longest=f"{max(own.tokens):,}",
        how=texts.counted if found.counted else texts.estimated,
    )
    return [usable, kind, columns, tokens]


def _show_left_out(texts: UnderstoodText, left_out: Sequence[LeftOut]) -> None:
    """Draw the rows that are not used, by reason."""
    if not left_out:
        st.caption(texts.none_left_out)
        return
    title = texts.left_out_one if len(left_out) == 1 else texts.left_out
    title = filled(title, rows=f"{len(left_out):,}")
    with st.expander(title, key="train_left_out", icon=":material/filter_alt_off:"):
        reasons = Counter(one.why for one in left_out)
        table = [
            {
                "reason": why,
                "rows": number,
                "row numbers": _numbers([one.number for one in left_out if one.why == why]),
            }
            for why, number in reasons.most_common()
        ]
        st.dataframe(pd.DataFrame(table), hide_index=True, width="stretch", alt=title)
        st.caption(texts.left_out_text)


def _numbers(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_MOST_NUMBERS]))
    more = len(numbers) - _MOST_NUMBERS
    return f"{shown} and {more:,} more" if more > 0 else shown


def _show_balance(texts: UnderstoodText, found: Understood) -> None:
    balance = found.own.balance
    if not balance:
        return
    is_labels = found.own.task.kind == "classification"
    title = texts.balance_classification if is_labels else texts.balance_extraction
    total = len(found.own.rows)
    rows = [
        {"label" if is_labels else "key": name, "rows": number, "share": number / total}
        for name, number in balance[:_MOST_SHOWN]
    ]
    st.markdown(f"**{title}**")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        width="stretch",
        alt=title,
        column_config={"share": st.column_config.NumberColumn(format="percent")},
    )
    if len(balance) > _MOST_SHOWN:
        st.caption(filled(texts.balance_more, number=_MOST_SHOWN))


def _show_parts(texts: UnderstoodText, found: Understood) -> None:
    """Draw how the rows are divided, and what so many can tell."""
    order = found.order
    st.markdown(f"**{texts.parts_title}**")
    with st.container(horizontal=True):
        for name, said in texts.part_names.items():
            st.metric(said, f"{len(getattr(order.parts, name)):,}", border=True)
    st.caption(texts.parts)
    if order.trained_rows < len(order.parts.training):
        trained, training = f"{order.trained_rows:,}", f"{len(order.parts.training):,}"
        st.markdown(filled(texts.cut, trained=trained, training=training))
    st.markdown(can_tell(texts, len(order.parts.test)))


def can_tell(texts: UnderstoodText, rows: int) -> str:
    """Return what so many rows to judge by can tell, and what they can't."""
    right = round(_SCORE * rows)
    low, high = share_interval(right, rows)
    told = {
        "rows": f"{rows:,}",
        "right": f"{right:,}",
        "score": f"{right / rows:.0%}",
        "low": f"{low:.0%}",
        "high": f"{high:.0%}",
    }
    gap = smallest_gap(rows, right / rows)
    if gap is None:
        return f"{filled(texts.interval, **told)} {filled(texts.no_gap, **told)}"
    return f"{filled(texts.interval, **told)} {filled(texts.gap, **told, gap=f'{100 * gap:.0f}')}"


def _show_prompts(texts: UnderstoodText, found: Understood) -> None:
    task, row = found.order.task, found.order.parts.training[0]
    with st.expander(texts.prompts_title, key="train_prompts", icon=":material/chat:"):
        st.markdown(texts.prompts_text)
        for name, said in texts.prompt_names.items():
            template: PromptTemplate = getattr(task.prompts, name)
            st.markdown(f"**{said}**")
            sent = build_messages(template, row.inputs)
            text = "\n\n".join(f"[{one['role']}]\n{one['content']}" for one in sent)
            st.code(text, language=None, wrap_lines=True)
