"""The operator's settings of a hosted model: what they mean, and one sentence where they are wrong."""

import pytest

from lib.errors import RemoteError
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.remote_settings import NAMES, read_settings

GOOD = {
    "POT_REMOTE_BASE_URL": "https://example.org/v1",
    "POT_REMOTE_MODEL": "big-model",
    "POT_REMOTE_API_KEY": "sk-secret",
}


def test_nothing_set_is_no_hosted_model() -> None:
    assert read_settings({}) is None
    assert read_settings(dict.fromkeys(NAMES, "  ")) is None
    assert read_settings({"PATH": "/bin"}) is None


def test_address_and_model_are_enough() -> None:
    found = read_settings({**GOOD, "POT_REMOTE_API_KEY": ""})
    assert found is not None
    assert (found.base_url, found.model) == ("https://example.org/v1", "big-model")
    assert found.api_key is None
    assert found.timeout == 60
    assert not found.is_alone
    assert found.conditions("booking") == (Condition.ENGINEERED,)


def test_printing_the_settings_shows_neither_key_nor_address() -> None:
    shown = repr(read_settings(GOOD))
    assert "sk-secret" not in shown
    assert "example.org" not in shown


def test_adapters_are_named_by_task() -> None:
    listed = " booking = booking-lora ,routing=r, "
    found = read_settings({**GOOD, "POT_REMOTE_ADAPTERS": listed})
    assert found is not None
    assert dict(found.adapters) == {"booking": "booking-lora", "routing": "r"}
    assert found.served_as("booking", Condition.LORA) == "booking-lora"
    assert found.served_as("booking", Condition.PLAIN) == "big-model"
    assert found.served_as("sentiment", Condition.LORA) is None


def test_all_conditions_are_those_that_the_server_can_answer() -> None:
    found = read_settings(
        {**GOOD, "POT_REMOTE_CONDITIONS": "all", "POT_REMOTE_ADAPTERS": "booking=b"}
    )
    assert found is not None
    assert found.is_alone
    assert found.conditions("booking") == ALL_CONDITIONS
    assert found.conditions("routing") == (Condition.PLAIN, Condition.ENGINEERED)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POT_REMOTE_BASE_URL", ""),
        ("POT_REMOTE_BASE_URL", "example.org/v1"),
        ("POT_REMOTE_BASE_URL", "localhost:8000"),
        ("POT_REMOTE_BASE_URL", "file:///etc/passwd"),
        ("POT_REMOTE_BASE_URL", "http://"),
        ("POT_REMOTE_BASE_URL", "http://host:port/v1"),
        ("POT_REMOTE_BASE_URL", "http://[::1/v1"),
        ("POT_REMOTE_MODEL", " "),
        ("POT_REMOTE_API_KEY", "sk-\nsecret"),
        ("POT_REMOTE_API_KEY", "sk-schlüssel"),
        ("POT_REMOTE_ADAPTERS", "booking"),
        ("POT_REMOTE_ADAPTERS", "booking=,routing=r"),
        ("POT_REMOTE_ADAPTERS", "booking=a,booking=b"),
        ("POT_REMOTE_CONDITIONS", "some"),
        ("POT_REMOTE_TIMEOUT", "soon"),
        ("POT_REMOTE_TIMEOUT", "0"),
        ("POT_REMOTE_TIMEOUT", "nan"),
        ("POT_REMOTE_TIMEOUT", "601"),
    ],
)
def test_wrong_setting_is_one_sentence_that_names_it_and_no_secret(name: str, value: str) -> None:
    with pytest.raises(RemoteError) as caught:
        read_settings({**GOOD, name: value})
    told = str(caught.value)
    assert name in told
    assert told.endswith(".")
    assert "\n" not in told
    assert not value.strip() or "secret" not in told
