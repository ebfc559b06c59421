"""Accuracies that no number of right examples gives."""

from hypothesis import given
from hypothesis import strategies as st

from hw1_lightning.diagnosis.reported import Number
from hw1_lightning.diagnosis.shares import come_from_others, describe_others

EXAMPLES = {"train": 1257, "val": 180, "test": 360}


def accuracies(split: str, *values: float, digits: int = 4) -> list[Number]:
    return [Number(f"{split}/accuracy", value, 10.0**-digits) for value in values]


@given(st.integers(1, 2400), st.data())
def test_shares_rounded_or_cut_to_four_digits_never_come_from_others(count: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, count))
    for value in (round(right / count, 4), int(10_000 * right / count) / 10_000, right / count):
        numbers = accuracies("val", value)
        assert not come_from_others(numbers, {"val": count})
        assert not list(describe_others([(numbers, {"val": count})]))


def test_most_of_the_accuracies_with_enough_digits_decide() -> None:
    """0.7123 * 360 = 256.43 and 0.9417 * 360 = 339.01; with two digits everything is a share."""
    assert come_from_others(accuracies("test", 0.7123), EXAMPLES)
    assert come_from_others(accuracies("test", 0.7123, 0.7124, 0.9417), EXAMPLES)
    assert not come_from_others(accuracies("test", 0.7123, 0.9417), EXAMPLES)
    assert not come_from_others(accuracies("test", 0.71, digits=2), EXAMPLES)
    assert not come_from_others([Number("val/loss", 0.7123, 0.0001)], EXAMPLES)
    assert not come_from_others([], EXAMPLES)


def test_one_sentence_for_each_split_says_how_it_shows() -> None:
    first, second = accuracies("test", 0.7123, 0.9417), [*accuracies("test", 0.7124), *accuracies("val", 0.5555)]
    (test,) = describe_others([(first, EXAMPLES), (second, EXAMPLES)])
    assert test.startswith(
        "test/accuracy 0.7123, like 1 of 2 others, is not a share of the 360 examples of this split:"
    )
    assert test.endswith("it comes from other data or another split, or is a mean over minibatches or seeds")
    (both,) = describe_others([(accuracies("test", 0.7123, 0.7124), EXAMPLES)])
    assert both.startswith("test/accuracy 0.7123, like the other one, is not a share of the 360 examples")
    alone, val = describe_others([(accuracies("test", 0.7123), EXAMPLES), (accuracies("val", 0.5123), EXAMPLES)])
    assert alone.startswith("test/accuracy 0.7123 is not a share of the 360 examples")
    assert "180 examples" in val
