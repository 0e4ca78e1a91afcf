"""Token prices: bundled, tiered, typed; dated, and never fetched."""

from datetime import date
from decimal import Decimal

import pytest

from lib.errors import InputError
from lib.estimator.price_tables import priced_models
from lib.estimator.prices import (
    Rates,
    age_days,
    age_warning,
    bundle_version,
    scaled,
    token_prices,
    typed_prices,
)

ON = date(2026, 11, 23)


def rates(*dollars: str) -> Rates:
    return Rates(*(Decimal(one) for one in dollars))


def test_a_bundled_price_has_cache_and_batch_rates() -> None:
    found = token_prices("openai", "gpt-4o-mini", on=ON)

    assert found.standard == rates("0.15", "0.075", "0.15", "0.6")
    # the batch table prints no rate for cached input, so that one keeps its standard price
    assert found.batch == rates("0.075", "0.075", "0.075", "0.3")
    assert found.batch_discount == Decimal("0.5")


def test_a_price_bears_version_and_date() -> None:
    found = token_prices("openai", "gpt-4o-mini", on=ON)

    assert (found.source, found.version) == ("genai-prices, bundled data", "0.2.3")
    assert found.checked_on == date(2025, 7, 4)
    assert found.age_days(ON) == 507


def test_the_stated_date_belongs_to_the_installed_version() -> None:
    # If this fails, look up which date the new version names, and read priced_models.csv again.
    assert bundle_version() == "0.2.3"


def test_a_long_prompt_pays_the_price_of_its_tier() -> None:
    short = token_prices("google", "gemini-2.5-pro", prompt_tokens=200_000, on=ON)
    long = token_prices("google", "gemini-2.5-pro", prompt_tokens=200_001, on=ON)

    assert (short.standard.input, short.standard.output) == (Decimal("1.25"), Decimal(10))
    assert (long.standard.input, long.standard.output) == (Decimal("2.5"), Decimal(15))


def test_a_price_that_will_change_says_so() -> None:
    now = token_prices("google", "gemini-3.8-flash", on=ON)
    later = token_prices("google", "gemini-3.8-flash", on=date(2027, 1, 2))

    assert now.notes == ("From 2027-01-01 on genai-prices has $1.5 for input and $7.5 for output.",)
    assert later.standard.input == 2 * now.standard.input
    assert later.notes == ()


def test_a_put_in_place_snapshot_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from genai_prices import data_snapshot

    monkeypatch.setattr(
        data_snapshot, "_custom_snapshot", data_snapshot.DataSnapshot([], from_auto_update=True)
    )

    assert token_prices("openai", "gpt-4o", on=ON).standard.input == Decimal("2.5")


@pytest.mark.parametrize(
    ("provider", "model", "part"),
    [
        ("opena", "gpt-4o", "knows no provider 'opena': use openai"),
        ("openai", "gpt-4o-mimi-tts-9", "has no price of"),
        ("openai", "=cmd()", "has no price of '=cmd()'"),
        ("openai", "text-embedding-3-small", "no price above 0 for the output"),
    ],
)
def test_what_the_bundle_lacks_is_said(provider: str, model: str, part: str) -> None:
    with pytest.raises(InputError) as error:
        token_prices(provider, model, on=ON)

    assert part in str(error.value)


def test_every_model_of_the_picker_has_prices() -> None:
    for one in priced_models():
        found = token_prices(one.provider, one.model, on=ON)
        assert found.standard.output > 0
        assert found.checked_on == one.checked_on
        assert found.standard.cached_input <= found.standard.input


def test_the_picker_offers_large_and_small_models_of_several_providers() -> None:
    assert {one.size for one in priced_models()} == {"large", "middle", "small"}
    assert len({one.provider for one in priced_models()}) >= 6


def test_typed_prices_fill_what_was_left_out() -> None:
    found = typed_prices("2", "8", batch_discount="50 %", typed_on=ON)

    assert found.standard == rates("2", "2", "2", "8")
    assert found.batch == rates("1", "1", "1", "4")
    assert typed_prices(2, 8, 0, 3).standard == rates("2", "0", "3", "8")
    assert typed_prices(2, 8).batch is None


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ((0, 8), "price of input"),
        ((2, 0), "price of output"),
        ((2, "free"), "price of output"),
        ((-1, 8), "price of input"),
        ((2, 1e9), "price of output"),
        ((2, 8, -1), "price of cached input"),
        ((2, 8, 1, 0), "price of writing to the cache"),
        ((2, 8, 1, 1, 1), "batch discount"),
    ],
)
def test_a_price_of_nothing_or_worse_is_refused(given: tuple[object, ...], part: str) -> None:
    with pytest.raises(InputError) as error:
        typed_prices(*given)

    assert part in str(error.value)


def test_a_factor_changes_every_rate() -> None:
    found = scaled(typed_prices(2, 8, batch_discount=0.5), Decimal("0.5"))

    assert found.standard == rates("1", "1", "1", "4")
    assert found.batch == rates("0.5", "0.5", "0.5", "2")


def test_an_old_price_comes_with_a_warning() -> None:
    assert age_warning(date(2026, 10, 14), ON) is None
    assert age_warning(date(2026, 7, 1), ON) == (
        "Looked up on 2026-07-01, 145 days ago: compare it with the vendor's page."
    )
    assert age_days(date(2027, 1, 1), ON) == 0


@pytest.mark.slow
def test_every_model_that_the_data_list_is_found_by_its_id_and_by_the_name_it_is_printed_with() -> (
    None
):
    from genai_prices.data import providers

    refused = []
    asked = 0
    for provider in providers:
        for model in provider.models:
            try:
                found = token_prices(provider.id, model.id)
            except InputError as error:
                if "no price above 0" not in str(error):  # free or billed by something else
                    refused.append(str(error))
                continue
            asked += 1
            assert found.model == f"{provider.id}/{model.id}"
            again = token_prices(provider.id, found.model).model
            # An id may itself begin with the provider's: then it is that one's.
            assert again in (found.model, f"{provider.id}/{found.model}")

    assert refused == []
    assert asked > 1500
