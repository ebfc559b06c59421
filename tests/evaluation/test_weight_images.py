import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from hw1_lightning.evaluation.image_sheets import LINE, MARGIN, TILE
from hw1_lightning.evaluation.weight_images import template_sheet
from tests.conftest import Fit


def tile(sheet: np.ndarray, row: int, column: int) -> np.ndarray:
    top, left = MARGIN + row * (TILE + LINE + MARGIN), MARGIN + column * (TILE + MARGIN)
    return sheet[top : top + TILE, left : left + TILE]


def templates_in(events: EventAccumulator) -> list[str]:
    return [tag for tag in events.Tags()["images"] if tag.startswith("weights/")]


def test_the_scale_is_symmetric_and_the_same_for_all_classes() -> None:
    weight = torch.zeros(3, 2, 2, 1)
    weight[0, 0, 0, 0], weight[1, 1, 1, 0] = 2.0, -1.0
    sheet = template_sheet(weight, ("a", "b", "c"))
    assert set(np.unique(tile(sheet, 0, 0))) == {128, 255}
    assert set(np.unique(tile(sheet, 0, 1))) == {64, 128}
    assert set(np.unique(tile(sheet, 1, 0))) == {128}


def test_colours_and_orientation_are_those_of_the_inputs() -> None:
    weight = torch.zeros(1, 48, 48, 3)
    weight[0, 0, 47] = torch.tensor([1.0, 0.0, -1.0])
    corner = tile(template_sheet(weight, ("sea",)), 0, 0)[0, -1]
    assert corner.tolist() == [255, 128, 0]


@pytest.mark.parametrize("value", [0.0, float("nan")])
def test_zero_and_nan_are_grey(value: float) -> None:
    assert (tile(template_sheet(torch.full((1, 4, 4, 1), value), ("a",)), 0, 0) == 128).all()


def test_every_class_has_a_caption() -> None:
    plain, named = (template_sheet(torch.zeros(2, 4, 4, 1), names) for names in (("", ""), ("street", "sea")))
    assert (plain != named).any()
    assert (tile(plain, 0, 0) == tile(named, 0, 0)).all()


def test_images_are_written_at_the_chosen_epochs_and_at_the_end(fit: Fit) -> None:
    options = ("--config=configs/l2.yaml", "--trainer.max_epochs=5")
    for every, epochs in ((2, [2, 4, 5]), (5, [5]), (0, [])):
        events = EventAccumulator(str(fit(*options, f"--templates_every_n_epochs={every}")["folder"]))
        events.Reload()
        steps = [image.step for image in events.Images("weights/templates")] if epochs else templates_in(events)
        assert steps == epochs


def test_a_network_has_no_templates(fit: Fit) -> None:
    result = fit("--config=configs/mlp_online.yaml", "--trainer.max_epochs=1", "--templates_every_n_epochs=1")
    events = EventAccumulator(str(result["folder"]))
    events.Reload()
    assert templates_in(events) == []
