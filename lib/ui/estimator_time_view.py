"""Time: hours of a training run, and what its GPU costs."""

from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from lib.content.estimator_texts import LeadText
from lib.errors import InputError
from lib.estimator.amounts import Spread, shown, usd
from lib.estimator.export import Report
from lib.estimator.gpus import Gpu, load_gpus
from lib.estimator.shapes import load_models
from lib.estimator.time import TimeEstimate, TrainingRun, cpu_time, estimate_time
from lib.ui import estimator_assumptions, estimator_export, estimator_reports, shell
from lib.ui import estimator_inputs as ask
from lib.ui.case import Estimate, estimate_of

_PREFIX = "t_"
_OTHER = "another model"
_METHODS = {"full": "full fine-tuning", "lora": "LoRA", "qlora": "QLoRA (4-bit base)"}
_FIRST_MODEL = "meta-llama/Meta-Llama-3.1-8B"
_FIRST_GPU = "L4"
_PARAMETERS = Spread.exactly(8_030_261_248)
_TOKENS = Spread.exactly(1_000_000)


@dataclass(frozen=True)
class _Model:
    """What the time depends on; without layers and width attention is left out."""

    parameters: Spread
    layers: int = 0
    width: int = 0


def show(texts: LeadText) -> Estimate | None:
    """Draw this part of the page, and return what it found."""
    st.markdown(texts.lead)
    # On a phone the result stands far below the fields, so its sentence comes first.
    verdict = st.empty()
    questions, result = st.columns([2, 3], gap="large")
    with questions:
        run = _ask()
    if run is None:
        return None
    with result:
        try:
            found = estimate_time(run)
        except InputError as error:
            ask.problem(str(error))
            return None
        told, report = _show_result(run, found)
        verdict.markdown(f"**{told}**")
    return estimate_of("time", told, report)


def _amount(label: str, field: str, default: Spread | None, caption: str = "") -> Spread | None:
    limits = ask.limits_of(TrainingRun, field)
    return ask.amount(label, f"{_PREFIX}{field}", default, limits, caption)


def _ask() -> TrainingRun | None:
    st.header("The run")
    model = _ask_model()
    method = ask.choice(
        "Method", f"{_PREFIX}method", list(_METHODS), "lora", _METHODS.__getitem__, as_buttons=True
    )
    gpus = {name: gpu for name, gpu in load_gpus().items() if gpu.tflops}
    gpu = ask.choice("GPU", f"{_PREFIX}gpu", list(gpus), _FIRST_GPU)
    tokens = _amount("Tokens of one epoch", "tokens", _TOKENS, "Rows times tokens of a row.")
    epochs = _amount("Epochs", "epochs", Spread.exactly(3))
    with st.expander("Advanced", key="t_advanced", icon=":material/tune:"):
        count = ask.number("GPUs", f"{_PREFIX}gpus", "1", most=100_000)
        length = _amount("Tokens of a sequence", "sequence_length", Spread.exactly(2048))
        price = _amount("Price of a GPU hour, $", "usd_per_hour", None, _price_caption(gpus[gpu]))
        tflops = _amount(
            "TFLOPS of the GPU", "tflops", None, "Dense, 16 bits. Left open: those of the table."
        )
        checkpointing = ask.switch("Gradient checkpointing", f"{_PREFIX}checkpointing", True)
        packed = ask.switch(
            "Rows packed to full length",
            f"{_PREFIX}packed",
            True,
            "Short rows that are padded instead waste most of the GPU.",
        )
    assert tokens is not None
    assert epochs is not None
    assert length is not None
    try:
        return TrainingRun(
            method=method,  # type: ignore[arg-type]
            gpu=gpu,
            active_parameters=model.parameters,
            tokens=tokens,
            epochs=epochs,
            gpus=count,
            sequence_length=length,
            gradient_checkpointing=checkpointing,
            packed=packed,
            layers=model.layers,
            attention_width=model.width,
            tflops=tflops,
            usd_per_hour=price,
        )
    except InputError as error:
        ask.problem(str(error))
        return None


def _ask_model() -> _Model:
    models = load_models()
    first = _FIRST_MODEL if _FIRST_MODEL in models else next(iter(models))
    name = ask.choice(
        "Model", f"{_PREFIX}model", [*models, _OTHER], first, help="Type to search the list."
    )
    if name == _OTHER:
        typed = _amount(
            "Parameters",
            "active_parameters",
            _PARAMETERS,
            "In a mixture of experts only those that a token passes.",
        )
        assert typed
        return _Model(typed)
    shape = models[name].shape
    st.caption(shell.plain(f"{shown(shape.active_parameters / 1e9)} billion active parameters."))
    width = shape.heads * shape.head_dim
    return _Model(Spread.exactly(shape.active_parameters), shape.layers, width)


def _price_caption(gpu: Gpu) -> str:
    if gpu.usd_per_hour is None:
        return "No price is known for this GPU: type one."
    return f"Left open: {ask.told(gpu.usd_per_hour, usd)}, checked on {gpu.checked_on}."


def _show_result(run: TrainingRun, found: TimeEstimate) -> tuple[str, Report]:
    """Draw the result, and return it in a sentence and for an export."""
    st.header("The estimate")
    hours = found.hours
    told = f"Likely {_hours(hours.likely)}, between {_hours(hours.low)} and {_hours(hours.high)}."
    lines = [f"Operations: {found.flops:.2e} FLOPs on {found.gpus} x {found.gpu.name}."]
    if found.gpu_usd:
        lines.insert(0, f"Rent: {ask.told(found.gpu_usd, usd)}.")
    else:
        lines.insert(0, "Rent: no price of this GPU is known, so type one under Advanced.")
    if run.packed:
        lines.append(
            "For rows packed to full length. Short rows that are padded instead take several times "
            "as long: see Advanced."
        )
    st.markdown("\n".join(f"- {shell.plain(one)}" for one in lines))
    taken = estimator_assumptions.of_time(run, found)
    estimator_assumptions.show(taken, "t_assumptions")
    _show_own_model(run)
    st.header("Take it with you", anchor="take-time")
    report = estimator_reports.time_report(run, found, taken)
    estimator_export.show_downloads(report, "estimator_time")
    return told, report


def _show_own_model(run: TrainingRun) -> None:
    """Tell how long the model of this app's demo would take, which needs no GPU."""
    st.header("The demo's own small model, without a GPU")
    try:
        own = cpu_time(run.tokens, run.epochs)
    except InputError as error:
        ask.problem(str(error))
        return
    hours = own.hours
    st.markdown(
        f"The same tokens through a LoRA of its 135 million parameters, on two processor threads: "
        f"**likely {_hours(hours.likely)}, between {_hours(hours.low)} and {_hours(hours.high)}.**"
    )
    st.caption(shell.plain(own.basis))


def _hours(hours: Decimal) -> str:
    if hours < 1:
        minutes = hours * 60
        return f"{minutes * 60:.0f} seconds" if minutes < 1 else f"{minutes:.0f} min"
    days = f" ({hours / 24:,.1f} days)" if hours >= 48 else ""
    return f"{hours:,.1f} hours{days}"
