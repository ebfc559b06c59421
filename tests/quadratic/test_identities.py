"""The identities of question 3 hold for other seeds too, and a wrong formula is found."""

import pytest
import torch

from hw1_lightning.quadratic.features import hidden_map
from hw1_lightning.quadratic.identities import TOLERANCE, CheckedIdentity, check_identities


@pytest.mark.parametrize("seed", [0, 1])
def test_each_identity_holds(seed: int) -> None:
    checked = check_identities(seed)
    assert len({each.name for each in checked}) == 10
    assert [each.name for each in checked if not each.holds] == []
    assert all(each.error < 1e-12 for each in checked if each.tolerance == TOLERANCE), "rounding only"


def test_the_same_seed_gives_the_same_errors() -> None:
    assert check_identities(3) == check_identities(3)


def test_the_report_s_sign_of_the_quadratic_block_is_found_to_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        first = 1 + weight.shape[1]
        rows = hidden_map(weight, bias)
        return torch.cat((rows[:, :first], -rows[:, first:]), dim=1)

    monkeypatch.setattr("hw1_lightning.quadratic.identities.hidden_map", wrong)
    assert not check_identities()[0].holds


def test_an_error_that_is_not_a_number_does_not_hold() -> None:
    assert not CheckedIdentity("", "", 1, float("nan"), 1.0).holds
