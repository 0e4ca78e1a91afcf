"""Tokens: counted where there is a tokenizer, a range where not, a stated sample of many rows."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from lib.columns import RowText
from lib.errors import DataError
from lib.estimator import row_tokens
from lib.estimator.row_tokens import LongRow, count_tokens, demo_counter, load_ratios


def words(texts: Sequence[str]) -> list[int]:
    return [len(one.split()) for one in texts]


def rows(*lengths: int) -> list[RowText]:
    """Rows of so many words in, and one word out."""
    return [RowText(n, "word " * length, "yes") for n, length in enumerate(lengths, start=1)]


def test_every_row_is_counted_and_the_longest_are_named() -> None:
    found = count_tokens(rows(1, 2, 3, 9), words)

    assert (found.total, found.input_total, found.output_total) == (19, 15, 4)
    assert (found.low, found.high) == (19, 19)
    assert (found.mean, found.median) == (4.75, 3.5)
    assert found.longest[:2] == (LongRow(4, 10), LongRow(3, 4))
    assert (found.counted_rows, found.seed) == (4, None)
    assert "on every row" in found.method


def test_the_95_percent_point_lies_between_neighbours() -> None:
    # 21 rows of 1 to 21 words and one out: 2 to 22 tokens, place 0.95 x 20 = 19.
    assert count_tokens(rows(*range(1, 22)), words).p95 == pytest.approx(21.0)


def test_without_a_tokenizer_the_range_is_a_quarter_either_way() -> None:
    found = count_tokens([RowText(1, "x" * 396, "abcd")], None)

    assert (found.total, found.low, found.high) == (100, 75, 125)
    assert "4 characters a token" in found.method


def test_other_tokenizers_are_a_measured_range() -> None:
    ratios = [one.ratio for one in load_ratios()]

    found = count_tokens(rows(99), words)

    assert found.total == 100
    assert found.other_low == round(100 * min(ratios)) < 100
    assert found.other_high == round(100 * max(ratios))


def test_many_rows_are_counted_on_a_sample_that_is_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_tokens, "MOST_COUNTED", 400)
    many = rows(*(1 + n % 17 for n in range(4_000)))
    truth = sum(1 + n % 17 for n in range(4_000)) + 4_000

    found = count_tokens(many, words, seed=3)

    assert (found.counted_rows, found.seed) == (400, 3)
    assert "400 rows drawn at random (seed 3)" in found.method
    assert found.low < found.total < found.high
    assert found.low <= truth <= found.high
    assert found.high - found.low < 0.05 * truth
    assert found == count_tokens(many, words, seed=3)
    assert found.mean != count_tokens(many, words, seed=4).mean


def test_the_longest_row_is_found_outside_the_sample_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_tokens, "MOST_COUNTED", 10)

    found = count_tokens(rows(*[3] * 500, 80, *[3] * 500), words)

    assert found.longest[0] == LongRow(501, 81)


def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")

    with pytest.raises(DataError, match=r"tokenizer\.json can't be read"):
        demo_counter(tmp_path / "tokenizer.json")


def test_a_tokenizer_file_counts_without_special_tokens(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(2)
    tokenizer.save(str(tmp_path / "tokenizer.json"))

    assert demo_counter(tmp_path / "tokenizer.json")(["a b c", ""]) == [3, 0]


def test_every_ratio_has_a_source_and_is_near_one() -> None:
    assert all(one.source and 0.8 < one.ratio < 1.1 for one in load_ratios())


def test_rows_too_long_to_count_all_are_counted_on_a_smaller_sample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # "word " x 19 + "yes" has 98 characters, so 1,000 rows 98,000, of which a half may be counted.
    monkeypatch.setattr(row_tokens, "MOST_CHARACTERS", 49_000)
    monkeypatch.setattr(row_tokens, "_LEAST_COUNTED", 10)

    found = count_tokens(rows(*[19] * 1_000), words)

    assert found.counted_rows == 500
    assert "500 rows drawn at random" in found.method
    assert found.total == 20_000
    assert count_tokens(rows(*[19] * 1_000), None).counted_rows == 1_000


def test_a_tokenizer_gets_many_texts_in_batches_and_keeps_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    monkeypatch.setattr(row_tokens, "_BATCH", 5)

    assert demo_counter(tmp_path / "tokenizer.json")(["a b c", "", "a", "a b", "a b c d"]) == [
        3, 0, 1, 2, 4,
    ]  # fmt: skip


def test_the_range_of_other_tokenizers_is_told_with_its_source() -> None:
    found = count_tokens(rows(99), words)

    assert f"{found.other_low:,} to {found.other_high:,}" in found.others
    assert "0.86 to 1.01 times as many" in found.others
    assert "Mistral Tekken" in found.others
