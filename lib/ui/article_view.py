"""One concept article, with everything that belongs to it."""

import streamlit as st

from lib.content.articles import Article
from lib.content.library import Library
from lib.ui import prose, shell
from lib.ui.figures import show_figure


def show(article: Article, library: Library) -> None:
    """Draw the article: text on the left, ways on from it on the right."""
    texts = _texts(article, library)
    _show_neighbours(article, library)
    text, aside = st.columns([7, 3], gap="large")
    with text:
        st.title(article.title)
        st.markdown(f"After this you can: {article.goal[0].lower()}{article.goal[1:]}")
        st.caption(f"{article.minutes} minutes of reading")
        prose.show_review(article.reviewed_on, article.review_after)
        with st.container(border=True, key="key_points"):
            st.markdown("**In short**")
            prose.show("\n".join(f"- {point}" for point in article.key_points), library)
        st.markdown("**See it here**")
        for link in article.live:
            shell.link(link.label, link.page, link.params, "live", shell.icon_of(link.page))
        _show_picture(article, library)
        prose.show(article.body, library)
        st.header("What would change this advice")
        prose.show("\n".join(f"- {one}" for one in article.would_change), library)
    with aside:
        _show_ways_on(article, library)
    with text:
        prose.show_words(prose.explained_terms(texts, library), library)
        prose.show_findings(prose.cited_findings(texts, library))


def _texts(article: Article, library: Library) -> list[str]:
    """Return all prose of the page in the order of reading: its marks lead to the page's foot."""
    figure = library.figures.get(article.picture.figure or "")
    return [
        *article.key_points,
        *([figure.shows] if figure else []),
        article.picture.caption,
        article.body,
        *article.would_change,
    ]


def _show_picture(article: Article, library: Library) -> None:
    picture = article.picture
    if picture.mermaid:
        st.mermaid_chart(picture.mermaid, alt=picture.alt)
    elif picture.figure and picture.figure in library.figures:
        show_figure(library.figures[picture.figure], library)
    else:
        st.caption("The chart of this article can't be shown: its file is broken.")
    if picture.caption:
        st.caption(prose.markdown(picture.caption, library))


def _show_ways_on(article: Article, library: Library) -> None:
    questions = [library.questions[id] for id in article.questions if id in library.questions]
    if questions:
        st.markdown("**People also ask**")
        for one in questions:
            shell.link(shell.plain(one.question), "faq", {"q": one.id}, "also_asked")
    related = [library.articles[id] for id in article.related if id in library.articles]
    if related:
        st.markdown("**Read next**")
        for other in related:
            link_to(other)


def link_to(article: Article, prefix: str = "") -> None:
    """Draw a link to an article."""
    st.page_link(
        shell.page_file("concepts"),
        label=f"{prefix}{article.title}",
        icon=":material/menu_book:",
        query_params={"read": article.id},
    )


def _show_neighbours(article: Article, library: Library) -> None:
    ordered = list(library.articles.values())
    place = ordered.index(article)
    # Not at the foot: the same page with another article would stay scrolled down there.
    with st.container(horizontal=True, key="neighbours"):
        st.page_link(shell.page_file("concepts"), label="All concepts", icon=":material/list:")
        if place > 0:
            link_to(ordered[place - 1], "Before: ")
        if place + 1 < len(ordered):
            link_to(ordered[place + 1], "Next: ")
