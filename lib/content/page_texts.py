"""The words around the charts and forms, read from `content/pages.yaml`."""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from lib.content.articles import Part
from lib.content.faq import Group
from lib.files import read_yaml
from lib.paths import CONTENT
from lib.task import Kind, PromptName

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class Lever:
    """One way to change what a model does; `condition` gives its colour."""

    title: str
    condition: Literal["engineered", "lora"]
    text: str


@dataclass(frozen=True, config=_STRICT)
class Problem:
    """A complaint to start from, with the answers that it gives in the decision guide."""

    label: str
    answers: dict[str, str]


@dataclass(frozen=True, config=_STRICT)
class Way:
    """A page to go on to, and what it answers."""

    page: Literal["concepts", "choose", "faq", "demo", "results", "train", "evidence", "estimator"]
    label: str
    text: str


@dataclass(frozen=True, config=_STRICT)
class HomeText:
    """The home page."""

    title: str
    lead: str
    levers: tuple[Lever, ...]
    problems_title: str
    problems: tuple[Problem, ...]
    ways_title: str
    ways: tuple[Way, ...]
    measured_title: str
    measured_text: str
    caveat: str
    others_title: str
    demo_link: str
    results_link: str


@dataclass(frozen=True, config=_STRICT)
class DemoText:
    """The demo page."""

    title: str
    lead: str
    private: str
    """Where a text goes: to the model here only."""
    hosted: str
    """The same where a hosted model, `{model}`, is asked too."""
    hosted_alone: str
    """The same where only the hosted model is asked."""
    model_title: str
    model_text: str
    limits: dict[str, str]
    """By task: what its adapter can't do, and samples that show it."""


@dataclass(frozen=True, config=_STRICT)
class PartText:
    """The heading of a part of the concepts, and a line below it."""

    title: str
    text: str


@dataclass(frozen=True, config=_STRICT)
class ConceptsText:
    """The list of articles."""

    title: str
    lead: str
    parts: dict[Part, PartText]
    tables_title: str
    table_label: str
    table_text: str
    myths_label: str
    myths_text: str


@dataclass(frozen=True, config=_STRICT)
class FaqText:
    """The questions."""

    title: str
    lead: str
    groups: dict[Group, str]


@dataclass(frozen=True, config=_STRICT)
class ChooseText:
    """The decision guide, apart from what stands in `decision_guide.yaml`."""

    title: str
    sequence_title: str
    sequence: tuple[str, ...]
    flips_text: str
    no_flips_text: str
    steady_text: str


@dataclass(frozen=True, config=_STRICT)
class EvidenceText:
    """Findings, charts, words and status."""

    title: str
    lead: str
    charts_lead: str
    glossary_lead: str


@dataclass(frozen=True, config=_STRICT)
class BringText:
    """Train: where the rows come from."""

    title: str
    way_label: str
    ways: dict[Literal["upload", "paste", "sample"], str]
    formats: str
    upload_label: str
    paste_label: str
    paste_hint: str
    sample_label: str
    kept: str
    forget: str
    reading: str


@dataclass(frozen=True, config=_STRICT)
class UnderstoodText:
    """Train: what was understood of the rows, and how they are divided."""

    title: str
    understanding: str
    rows: str
    kinds: dict[Kind, str]
    columns: str
    chat: str
    tokens: str
    counted: str
    estimated: str
    columns_title: str
    inputs_label: str
    output_label: str
    guess: str
    balance_classification: str
    balance_extraction: str
    balance_more: str
    left_out: str
    left_out_one: str
    left_out_text: str
    none_left_out: str
    parts_title: str
    part_names: dict[Literal["training", "validation", "test"], str]
    parts: str
    cut: str
    interval: str
    gap: str
    no_gap: str
    prompts_title: str
    prompts_text: str
    prompt_names: dict[PromptName, str]


@dataclass(frozen=True, config=_STRICT)
class MinutesText:
    """Train: how long it will take, and the button that starts it."""

    title: str
    known: str
    one: str
    steps: str
    measuring: str
    again: str
    train: str
    after: str


@dataclass(frozen=True, config=_STRICT)
class JobText:
    """Train: a training that waits, runs, or went wrong."""

    title: str
    link_title: str
    link: str
    anew: str
    gone: str
    waiting_first: str
    waiting_one: str
    waiting: str
    starting: str
    yielding: str
    stages: dict[str, str]
    step: str
    left: str
    measuring: str
    scored_title: str
    scored: str
    loss: str
    looks: str
    looks_none: str
    stop: str
    stop_help: str
    stopping: str
    delete: str
    delete_done: str
    sure: str
    sure_yes: str
    sure_no: str
    deleted: str
    lost: str
    lost_waiting: str
    lost_step: str
    lost_stage: str
    failed: str
    restart: str


@dataclass(frozen=True, config=_STRICT)
class OutcomeText:
    """Train: headings and buttons around the verdict, whose sentences stand in `verdict.yaml`."""

    ways: str
    shares: dict[Kind, str]
    f1: str
    pairs: str
    changes: str
    how: str
    notes: str
    course: str
    differ_title: str
    differ: str
    differ_none: str
    differ_choice: str
    differ_all: str
    differ_wrong: str
    right: str
    wrong: str
    no_answer: str
    take_title: str
    take: str
    zip: str
    answers: str
    no_adapter: str


@dataclass(frozen=True, config=_STRICT)
class TrainText:
    """Training on one's own rows."""

    title: str
    lead: str
    privacy: str
    mine: str
    mine_link: str
    bring: BringText
    understood: UnderstoodText
    minutes: MinutesText
    job: JobText
    verdict: OutcomeText


@dataclass(frozen=True, config=_STRICT)
class PageTexts:
    """All pages."""

    home: HomeText
    concepts: ConceptsText
    choose: ChooseText
    faq: FaqText
    demo: DemoText
    train: TrainText
    evidence: EvidenceText


def load_page_texts(path: Path = CONTENT / "pages.yaml") -> PageTexts:
    """Return the texts of all pages.

    Raises:
        ContentError: naming file, line and field.
    """
    return read_yaml(path, PageTexts)
