"""Same and nearly same rows: found without comparing all with all, and never wrongly."""

import random

from lib.estimator.row_twins import (
    JACCARD,
    Leak,
    RowGroup,
    find_leaks,
    near_groups,
    same_groups,
)


def test_same_groups_name_all_rows_and_pass_over_empty_keys() -> None:
    found = same_groups([1, 2, 3, 4, 5, 6], ["a", "", "b", "a", "", "a"])

    assert found == (RowGroup((1, 4, 6)),)


def test_rows_with_four_of_five_words_in_common_are_nearly_the_same() -> None:
    # 4 words shared, 5 in the union: exactly 0.8.
    texts = ["i want a table", "i want a table please", "where is my money"]

    assert near_groups([7, 8, 9], texts) == (RowGroup((7, 8)),)


def test_equal_texts_alone_make_no_near_group() -> None:
    assert near_groups([1, 2], ["the same words", "the same words"]) == ()


def test_texts_without_words_are_near_nothing() -> None:
    assert near_groups([1, 2, 3], ["!!!", "???", ""]) == ()
    assert near_groups([], []) == ()


def words(text: str) -> set[str]:
    return set(text.split())


def test_every_near_pair_of_random_texts_is_found_and_no_other() -> None:
    chance = random.Random(5)
    vocabulary = [f"w{n}" for n in range(400)]
    texts = []
    for _ in range(300):
        base = chance.sample(vocabulary, 12)
        texts.append(" ".join(base))
        if chance.random() < 0.4:  # a twin with one word more or less, or one exchanged
            twin = base[: chance.choice((11, 12))] + chance.sample(
                vocabulary, chance.choice((0, 1))
            )
            texts.append(" ".join(twin))
    wanted = {
        (i, j)
        for i, one in enumerate(texts)
        for j, other in enumerate(texts[:i])
        if len(words(one) & words(other)) >= JACCARD * len(words(one) | words(other))
        and one != other
    }

    found = near_groups(range(len(texts)), texts)

    assert {row for pair in wanted for row in pair} == {row for one in found for row in one.rows}
    assert len(wanted) > 80


def test_leaks_name_the_training_row_and_how_alike_it_is() -> None:
    training = [(1, "where is my new card"), (2, "close my account"), (3, "close my account")]
    test = [(1, "close my account"), (2, "where is my card"), (3, "something else"), (4, "")]

    assert find_leaks(test, training) == (Leak(1, 2, 1.0), Leak(2, 1, 0.8))


def test_nothing_leaks_from_or_into_an_empty_file() -> None:
    assert find_leaks([], [(1, "a b")]) == ()
    assert find_leaks([(1, "a b")], []) == ()


def test_a_file_of_one_template_is_grouped_without_comparing_all_pairs() -> None:
    body = "dear team i have a question about my order please answer soon the number is"
    texts = [f"{body} n{n}" for n in range(3_000)]

    (group,) = near_groups(range(len(texts)), texts)

    assert len(group.rows) == 3_000
