"""What one answer of a hosted model cost, by the bundled prices: an estimate, never a bill."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lib.errors import InputError
from lib.estimator.prices import token_prices


@dataclass(frozen=True)
class AnswerCost:
    """US dollars for one answer, and which price list says so."""

    usd: Decimal
    model: str
    """The model that the price is of: `provider/id`."""
    version: str
    """Of genai-prices."""
    checked_on: date


def provider_of(base_url: str) -> str | None:
    """Return whose address this is, as genai-prices calls it; None for a server of somebody's own."""
    from genai_prices.data import providers

    return next((one.id for one in providers if re.match(one.api_pattern, base_url)), None)


def answer_cost(
    provider: str | None,
    model: str,
    prompt_tokens: int,
    output_tokens: int,
    cached_tokens: int = 0,
) -> AnswerCost | None:
    """Return what these tokens cost at a provider; None where no price of the model is known.

    A model on one's own server costs what the machine costs, which no table of tokens knows.
    """
    if provider is None:
        return None
    try:
        prices = token_prices(provider, model, prompt_tokens)
    except InputError:
        return None
    rates = prices.standard
    cached = min(cached_tokens, prompt_tokens)
    usd = (
        (prompt_tokens - cached) * rates.input
        + cached * rates.cached_input
        + output_tokens * rates.output
    ) / 1_000_000
    return AnswerCost(usd, prices.model, prices.version, prices.checked_on)
