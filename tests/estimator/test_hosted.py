"""What one answer of a hosted model cost: tokens times the bundled prices, or nothing."""

from decimal import Decimal

import pytest

from lib.estimator.hosted import answer_cost, provider_of
from lib.estimator.prices import bundle_version, token_prices


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("http://localhost:8000/v1", None),
        ("http://10.0.0.5/?https://api.openai.com/v1", None),
    ],
)
def test_address_tells_whose_prices_apply(address: str, provider: str | None) -> None:
    assert provider_of(address) == provider


def test_cost_is_tokens_times_price_with_the_cached_part_at_its_own() -> None:
    rates = token_prices("openai", "gpt-4o-mini").standard
    cost = answer_cost("openai", "gpt-4o-mini", 1_000_000, 2_000_000, 400_000)
    assert cost is not None
    assert cost.usd == (
        Decimal("0.6") * rates.input + Decimal("0.4") * rates.cached_input + 2 * rates.output
    )
    assert cost.model == "openai/gpt-4o-mini"
    assert cost.version == bundle_version()


def test_more_cached_tokens_than_there_were_count_once() -> None:
    assert answer_cost("openai", "gpt-4o-mini", 100, 0, 500) == answer_cost(
        "openai", "gpt-4o-mini", 100, 0, 100
    )


@pytest.mark.parametrize(
    ("provider", "model"),
    [(None, "gpt-4o-mini"), ("openai", "no-such-model"), ("nobody", "gpt-4o-mini")],
)
def test_unknown_model_has_no_cost(provider: str | None, model: str) -> None:
    assert answer_cost(provider, model, 100, 10) is None
