"""Prints what the project's ways cost beside the plain ways: `python -m tests.benchmarks`.

Every figure is the median of several runs on this machine after a warm-up; the two trainings at the
end, which take some minutes, are run once.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from peft import PeftModel
from streamlit.logger import set_log_level
from streamlit.testing.v1 import AppTest
from transformers import AutoModelForCausalLM

from lib.content.library import load_library
from lib.content.search import SearchIndex
from lib.content.tasks import load_task
from lib.inference import base_model
from lib.inference.compare import Comparer
from lib.inference.conditions import ALL_CONDITIONS
from lib.inference.engine import Row
from lib.inference.machine import processor_name
from lib.inference.prompts import template_for
from lib.task import Task
from tests.benchmarks import training

RUNS = 5

APP = Path(__file__).parents[2] / "app.py"
PAGE_LIMIT, SEARCH_LIMIT = 0.1, 0.05
"""Seconds that a page without a model, and a search, may take at most."""

READING_PAGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("home", {}),
    ("concepts", {}),
    ("concepts", {"read": "lora"}),
    ("concepts", {"read": "two-levers"}),
    ("concepts", {"read": "table"}),
    ("concepts", {"read": "myths"}),
    ("choose", {}),
    ("faq", {}),
    ("faq", {"q": "lora"}),
    ("evidence", {}),
    ("evidence", {"find": "E14"}),
    ("evidence", {"show": "charts"}),
    ("evidence", {"show": "glossary"}),
    ("evidence", {"show": "status"}),
)

QUERIES = (
    "lora",
    "how much data do I need",
    "finetunning",
    "is my data safe with a provider",
    "catastrofic forgetting",
    "E14",
    "prompt caching cost per call",
    "why do results jump between runs",
    "zxqvkj",
    "should I tune a small model or prompt a large one for classification of support tickets",
)


def main() -> None:
    """Run every benchmark and print one line each."""
    task = load_task("booking")
    print(f"{processor_name()}, {torch.get_num_threads()} threads, {base_model.choose_dtype()}")
    _reading_pages()
    _search()
    comparer = Comparer(base_model.load())
    _four_answers(comparer, task)
    _kept_prefix(comparer, task)
    _model_load()
    del comparer  # the trainings below want the memory
    training.main()


def _reading_pages() -> None:
    """A warm run of each page that needs no model, with what the test harness itself adds."""
    set_log_level("ERROR")  # it misses a server around it
    for name, params in READING_PAGES:
        at = AppTest.from_file(APP, default_timeout=30)
        at.query_params.update(params)
        at.switch_page(f"pages/{name}.py").run()
        assert not at.exception
        address = "&".join(f"{key}={value}" for key, value in params.items())
        _report_limit(f"/{name}{'?' if address else ''}{address}", _seconds(at.run), PAGE_LIMIT)


def _search() -> None:
    """Each query by itself; the index is built once a server."""
    library = load_library()
    index = SearchIndex(library)
    took = [_seconds(lambda query=query: index.search(query)) for query in QUERIES]
    _report_limit(f"search, median of {len(QUERIES)}", statistics.median(took), SEARCH_LIMIT)
    slowest = max(zip(took, QUERIES, strict=True))
    _report_limit(f"search, slowest ('{slowest[1][:30]}')", slowest[0], SEARCH_LIMIT)


def _four_answers(comparer: Comparer, task: Task) -> None:
    """Four conditions in one batch, beside transformers + PEFT one after the other."""
    inputs = task.samples[0].inputs
    ours = _seconds(lambda: comparer.compare(task, inputs))
    model = AutoModelForCausalLM.from_pretrained(
        base_model.prepare(), dtype=getattr(torch, comparer.base.dtype)
    )
    peft_model = PeftModel.from_pretrained(model, task.folder / "adapter").eval()
    prompts = [
        (one, comparer.renderer.render(template_for(task, one), inputs)) for one in ALL_CONDITIONS
    ]

    def plain_way() -> None:
        for condition, prompt in prompts:
            options = {
                "input_ids": torch.tensor([prompt.ids]),
                "attention_mask": torch.ones(1, len(prompt.ids), dtype=torch.long),
                "max_new_tokens": task.max_new_tokens,
                "do_sample": False,
            }
            if condition.uses_adapter:
                peft_model.generate(**options)
            else:
                with peft_model.disable_adapter():
                    peft_model.generate(**options)

    _report("four answers", ours, "transformers + PEFT, one by one", _seconds(plain_way))


def _kept_prefix(comparer: Comparer, task: Task) -> None:
    """The engineered prompt with its prefix kept, beside reading all of it every time."""
    prompt = comparer.renderer.render(task.prompts.engineered, task.samples[0].inputs)
    kept = _seconds(lambda: comparer.engine.generate([Row(prompt.ids, prompt.prefix_tokens)], 1))
    whole = _seconds(lambda: comparer.engine.generate([Row(prompt.ids)], 1))
    _report(f"first token of {len(prompt.ids)}, prefix kept", kept, "prefix read again", whole)


def _model_load() -> None:
    """The converted weights, beside the GGUF file that they come from."""
    ours = _seconds(base_model.load, runs=3)
    source = base_model.find_source().gguf
    if source is None:
        print(
            "loading: the base model's package is not installed, so there is no GGUF file to compare"
        )
        return

    def from_gguf() -> None:
        folder: Path = source.parent
        AutoModelForCausalLM.from_pretrained(folder, gguf_file=source.name, dtype=torch.float32)

    _report(
        "loading the converted base", ours, "loading the GGUF file", _seconds(from_gguf, runs=1)
    )


def _seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """Return the median time of a few runs, after one that does not count."""
    if runs > 1:
        work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _report(ours: str, our_seconds: float, peer: str, peer_seconds: float) -> None:
    ratio = peer_seconds / our_seconds
    print(f"{ours}: {our_seconds:.2f} s; {peer}: {peer_seconds:.2f} s; ratio {ratio:.1f}")


def _report_limit(what: str, seconds: float, limit: float) -> None:
    ratio = seconds / limit
    print(f"{what}: {seconds * 1000:.1f} ms; limit: {limit * 1000:.0f} ms; ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
