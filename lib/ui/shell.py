"""The frame around every page: navigation, page settings, and what happens when something breaks.

`app.py` calls `main()`. Every page begins with `ensure()`, because a cold server that is asked
for `/demo` first runs `pages/demo.py` without `app.py` (Streamlit looks for a folder named
`pages` until `st.navigation` has been called once in the process).
"""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from lib.errors import UserError
from lib.ui import sweeper

_ROOT = Path(__file__).resolve().parents[2]

_PAGES = (
    ("home", "Home", "home", "The two levers, and what each one bought on a real job"),
    ("concepts", "Concepts", "menu_book", "Short articles whose every claim shows its evidence"),
    ("choose", "Choose", "alt_route", "A decision guide that shows its reasons"),
    ("faq", "Questions", "help", "What people ask, and a search over everything"),
    ("estimator", "Estimator", "calculate", "Money, memory, time and data, each as a range"),
    ("demo", "Demo", "compare", "Your text through the same model four ways"),
    ("results", "Results", "leaderboard", "What each way scored on held-out rows, losses included"),
    ("train", "Train", "model_training", "Your own rows: a verdict, and the adapter to take home"),
    ("case", "My case", "work", "Your answers, numbers and verdict as a memo to take along"),
    (
        "evidence",
        "Evidence",
        "fact_check",
        "Every finding that is cited, the glossary, dated facts",
    ),
)
"""Name of the file and of the address, title, icon, and what the page is for."""

_run = threading.local()  # each run of the script has a thread of its own


def main() -> None:
    """Build the navigation and run the page that the URL names."""
    sweeper.start()
    page = _navigation()
    # A link to the page that is shown already changes what it gets and leaves the address as it
    # was; said once more, it stands there too.
    st.query_params.from_dict(st.query_params.to_dict())
    _run.inside = True
    try:
        page.run()
    finally:
        _run.inside = False


def ensure() -> None:
    """If the page was started without `app.py`, build the navigation and run it all once more.

    The second run comes through `app.py`. Without it the widgets would get other identities from
    the next click on, and what a visitor had typed by then would be lost.
    """
    if not getattr(_run, "inside", False):
        _navigation()
        st.rerun()


def page_file(name: str) -> str:
    """Return the path that `st.page_link` wants for a page."""
    return f"pages/{name}.py"


def icon_of(page: str) -> str:
    """Return the icon that stands for a page in the navigation."""
    return next(f":material/{icon}:" for name, _, icon, _ in _PAGES if name == page)


def link(
    label: str, page: str, params: Mapping[str, str], place: str, icon: str | None = None
) -> None:
    """Draw a link to a page in a certain state; `place` keeps equal links of one page apart.

    A page link never breaks its line, and on a phone the end of a long one is lost. What is long
    becomes a button that looks like one.
    """
    if len(label) <= _ONE_LINE:
        st.page_link(page_file(page), label=label, icon=icon, query_params=dict(params))
        return
    key = "_".join([place, page, *params.values()])
    if st.button(label, icon=icon, type="tertiary", wrap=True, key=key):
        st.switch_page(page_file(page), query_params=dict(params))


_ONE_LINE = 38  # characters that fit a phone beside an icon


@contextmanager
def explained(title: str) -> Iterator[None]:
    """Show a user's or operator's mistake as one sentence instead of a traceback."""
    try:
        yield
    except UserError as error:
        st.error(plain(str(error)), title=title, icon=":material/error:")


def plain(text: str) -> str:
    """Return text with everything escaped that Markdown would read as more than text."""
    escaped = "".join(f"\\{sign}" if sign in _MARKDOWN else sign for sign in text)
    # Addresses become links by themselves, and names of icons icons; no escape helps there. A word
    # joiner, which nobody sees, parts what has to stand together for that.
    return _BY_ITSELF.sub("\\g<0>\u2060", escaped).replace("@", "\u2060@")


_BY_ITSELF = re.compile(r"https?\\:(?=//)|www(?=\.)|\\:(?=material/)", re.IGNORECASE)
_MARKDOWN = frozenset("\\`*_{}[]()<>#+-!|~:$&")


def _navigation() -> st.Page:
    st.set_page_config(
        # A file of ours: an emoji or a Material icon here would be fetched from Google.
        page_icon=Path(__file__).with_name("icon.svg"),
        layout="wide",
        # Without an entry of ours the menu is hidden, and the choice of light or dark with it.
        menu_items={
            "About": "Prompt or Tune: a better prompt, a tuned model, or neither? Measured here."
        },
    )
    pages = [
        st.Page(
            _ROOT / page_file(name),
            title=title,
            icon=f":material/{icon}:",
            url_path=None if name == "home" else name,
            default=name == "home",
            help=about,
        )
        for name, title, icon, about in _PAGES
    ]
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} · Prompt or Tune")
    return page
