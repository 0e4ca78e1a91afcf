"""Fetches a model from the hub, or says at once that it can't be had."""

from collections.abc import Callable
from pathlib import Path

from lib.errors import BaseModelError

_FILES = ["*.json", "*.safetensors", "*.jinja", "*.txt", "*.model"]  # weights as safetensors only
_PATIENCE = 10.0  # seconds for the hub to answer at all


def fetch(hub_id: str, progress: Callable[[str], None]) -> Path:
    """Return the folder of a model, from the hub's cache on this machine if it is there.

    Raises:
        BaseModelError: if it is not there and the hub can't be reached or does not have it.
    """
    from huggingface_hub import constants, get_session, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(hub_id, allow_patterns=_FILES, local_files_only=True))
    except LocalEntryNotFoundError:
        progress(f"Fetching {hub_id} (once)")
    try:
        if constants.HF_HUB_OFFLINE:
            raise OSError("the hub is switched off by HF_HUB_OFFLINE")
        # The download itself tries again for a minute; whether there is a network shows sooner.
        get_session().head(constants.ENDPOINT, timeout=_PATIENCE)
        return Path(snapshot_download(hub_id, allow_patterns=_FILES))
    except Exception as error:  # the client lets through whatever its transport raises
        raise BaseModelError(
            f"The base model is not installed and '{hub_id}' can't be fetched: run `make setup`, or "
            "set POT_BASE_MODEL to a folder that holds a model."
        ) from error
