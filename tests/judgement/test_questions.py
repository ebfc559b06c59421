"""The family of differences that a page judges, and what its seeds can show."""

from pathlib import Path

import pytest

from hw1_lightning.judgement.questions import (
    Question,
    error_of_each,
    number_of_claimed_differences,
    number_of_differences,
    what_seeds_can_show,
)
from hw1_lightning.shipped import find_studies, shipped_studies
from hw1_lightning.study.reading import read_study


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("learning_rate", 7),  # 2 metrics by 2 conditions, roughness, two slopes; lr_best asks for the same differences
        ("l2", 17),  # 3 by 4, test accuracy, slope and maximum norm, two about zeros
        ("dropout", 5),
        ("models", 4),
        ("batch_size", 3),
        ("momentum", 2),
        ("seeds", 6),
    ],
)
def test_shipped_studies_judge_so_many_differences(name: str, number: int) -> None:
    study = read_study(shipped_studies()[name])
    assert number_of_differences(study) == number
    assert error_of_each(study) == 0.05 / number
    assert 2.0 ** (1 - study.seeds) <= error_of_each(study), "its seeds can decide"


def test_the_claims_of_all_shipped_studies_are_a_family_that_ten_seeds_can_decide() -> None:
    studies = [read_study(path) for path in find_studies(Path("configs/studies"))]
    # In the order of the names: 2; 2 and a slope; 3, slope, maximum and 2 about zeros; 2, roughness and 2 slopes; 3; 1.
    assert [number_of_claimed_differences([study]) for study in studies] == [2, 3, 7, 5, 3, 1]
    assert number_of_claimed_differences(studies) == 21
    assert 2.0 ** (1 - 10) <= 0.05 / 21 < 2.0 ** (1 - 9)


def test_the_same_difference_counts_once() -> None:
    one = Question("val/accuracy", "a", "b")
    assert one.interval == Question("val/accuracy", "b", "a").interval
    assert one.interval != Question("val/accuracy", "a", "b", take="max").interval
    bound = Question("val/loss", "a", None, 0.0, "slope", 30)
    assert bound.interval == Question("val/loss", "a", None, 1.0, "slope", 30).interval, "one interval for all bounds"


@pytest.mark.parametrize(
    ("n", "count", "words"),
    [
        (
            1,
            2,
            "1 paired seed: the smallest possible p is 1, 1 after correcting for the 2 differences judged, so 1 seed",
        ),
        (5, 2, "0.0625, 0.125 after correcting for the 2 differences judged, so 5 seeds cannot reach 0.05; 7 seeds"),
        (1, 1, "1 paired seed: the smallest possible p is 1, so 1 seed cannot reach 0.05; 6 seeds could"),
        (5, 1, "0.0625, so 5 seeds cannot reach 0.05; 6 seeds could"),
        (10, 7, "0.00195, 0.0137 after correcting for the 7 differences judged, so a difference with the same sign"),
        (10, 26, "0.0508 after correcting for the 26 differences judged, so 10 seeds cannot reach 0.05; 11 seeds"),
    ],
)
def test_what_seeds_can_show(n: int, count: int, words: str) -> None:
    assert words in what_seeds_can_show(n, count)
