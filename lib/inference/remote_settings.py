"""Where a hosted model is found: set by the operator of the server, never typed by a visitor.

The names below are those of environment variables; `lib.ui` reads the same names from
`.streamlit/secrets.toml`. Neither key nor address ever reaches a page, the log or a download.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

from lib.errors import RemoteError
from lib.inference.conditions import ALL_CONDITIONS, Condition

BASE_URL = "POT_REMOTE_BASE_URL"
MODEL = "POT_REMOTE_MODEL"
API_KEY = "POT_REMOTE_API_KEY"
ADAPTERS = "POT_REMOTE_ADAPTERS"
CONDITIONS = "POT_REMOTE_CONDITIONS"
PROVIDER = "POT_REMOTE_PROVIDER"
TIMEOUT = "POT_REMOTE_TIMEOUT"
NAMES = (BASE_URL, MODEL, API_KEY, ADAPTERS, CONDITIONS, PROVIDER, TIMEOUT)

DEFAULT_TIMEOUT = 60.0
_MOST_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """A hosted model behind an OpenAI-compatible address; printing it shows no secret."""

    base_url: str = field(repr=False)  # may hold a password, so it counts as a secret too
    model: str
    api_key: str | None = field(default=None, repr=False)
    adapters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Task id to the name under which the server offers that task's adapter."""
    is_alone: bool = False
    """Whether the hosted model answers in place of the one here, under all conditions."""
    provider: str | None = None
    """Whose prices apply, as genai-prices calls it; without it the address decides."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for one answer, retries included."""

    def served_as(self, task_id: str, condition: Condition) -> str | None:
        """Return the model name to ask for; None where the task's adapter is not offered."""
        return self.adapters.get(task_id) if condition.uses_adapter else self.model

    def conditions(self, task_id: str) -> tuple[Condition, ...]:
        """Return what the hosted model is asked: its engineered prompt, or all that it can do."""
        if not self.is_alone:
            return (Condition.ENGINEERED,)
        return tuple(one for one in ALL_CONDITIONS if self.served_as(task_id, one))


def read_settings(values: Mapping[str, str]) -> RemoteSettings | None:
    """Return what was set; None where nothing was.

    Raises:
        RemoteError: with one sentence that names the variable to mend.
    """
    given = {name: text for name in NAMES if (text := values.get(name, "").strip())}
    if not given:
        return None
    for name in (BASE_URL, MODEL):
        if name not in given:
            raise RemoteError(f"{name} is missing: a hosted model needs {BASE_URL} and {MODEL}.")
    return RemoteSettings(
        base_url=_address(given[BASE_URL]),
        model=given[MODEL],
        api_key=_key(given.get(API_KEY)),
        adapters=MappingProxyType(_adapters(given.get(ADAPTERS, ""))),
        is_alone=_is_alone(given.get(CONDITIONS, "engineered")),
        provider=given.get(PROVIDER),
        timeout=_seconds(given.get(TIMEOUT)),
    )


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, a broken IPv6 address
        usable = False
    if not usable:
        raise RemoteError(
            f"{BASE_URL} is not an address: it begins with http:// or https:// and mostly ends in /v1."
        )
    return text


def _key(text: str | None) -> str | None:
    if text is not None and not (text.isascii() and text.isprintable()):
        raise RemoteError(f"{API_KEY} has signs that no key has: copy it once more.")
    return text


def _adapters(text: str) -> dict[str, str]:
    found = {}
    for part in filter(None, map(str.strip, text.split(","))):
        task, sign, name = (one.strip() for one in part.partition("="))
        if not (task and sign and name) or task in found:
            raise RemoteError(
                f"{ADAPTERS} is not a list like booking=booking-lora,routing=routing-lora with each "
                "task once."
            )
        found[task] = name
    return found


def _is_alone(text: str) -> bool:
    if text not in ("engineered", "all"):
        raise RemoteError(f"{CONDITIONS} is neither engineered nor all.")
    return text == "all"


def _seconds(text: str | None) -> float:
    try:
        seconds = DEFAULT_TIMEOUT if text is None else float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= _MOST_SECONDS:
        raise RemoteError(f"{TIMEOUT} is not a number of seconds from 1 to {_MOST_SECONDS:.0f}.")
    return seconds
