"""Numbers as reports write them: every digit counts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw1_lightning.diagnosis.written import read_number

# Decimals with up to 12 digits, as text with the trailing zeros that a report writes.
DECIMALS = st.decimals(-(10**6), 10**6, allow_nan=False, places=6) | st.decimals(0, 1, allow_nan=False, places=4)


@given(number=DECIMALS, zeros=st.integers(0, 3))
def test_value_and_resolution_are_those_of_decimal(number: Decimal, zeros: int) -> None:
    text = f"{number:f}" + "0" * zeros
    written = read_number(text)
    assert written is not None
    exponent = Decimal(text).as_tuple().exponent
    assert (written.value, written.resolution) == (float(Decimal(text)), float(Decimal(1).scaleb(int(exponent))))
    percent = written.percent()
    assert (percent.value, percent.resolution) == (
        float(Decimal(text) / 100),
        float(Decimal(1).scaleb(int(exponent) - 2)),
    )


@given(number=DECIMALS, power=st.integers(-20, 20))
def test_scientific_notation_is_that_of_decimal(number: Decimal, power: int) -> None:
    text = f"{number:f}e{power}"
    written = read_number(text)
    assert written is not None
    assert written.value == float(text)
    assert written.resolution == float(Decimal(1).scaleb(int(Decimal(text).as_tuple().exponent)))


@pytest.mark.parametrize(
    ("text", "value", "resolution"),
    [
        ("0.4750", 0.475, 0.0001),
        ("2", 2.0, 1.0),
        ("2.", 2.0, 1.0),
        (".50", 0.5, 0.01),
        ("+1.85E-2", 0.0185, 0.0001),
        ("-0", 0.0, 1.0),
        ("1e3", 1000.0, 1000.0),
        (" 0.5 ", 0.5, 0.1),
    ],
)
def test_the_last_digit_decides_the_resolution(text: str, value: float, resolution: float) -> None:
    written = read_number(text)
    assert written is not None
    assert (written.value, written.resolution) == (value, resolution)


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "-", "e5", "nan", ".nan", "inf", "-.inf", "1_000", "0x1F", "1:30", "41.73%", "41,73", "true", "1 2"),
        *("1e400", "1e-999", "\u0664\u0662", "1e" + "9" * 5000, "1" * 1000),
    ],
)
def test_other_texts_are_not_numbers(text: str) -> None:
    assert read_number(text) is None
