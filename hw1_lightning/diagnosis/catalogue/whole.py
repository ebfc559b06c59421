"""The whole catalogue."""

from hw1_lightning.diagnosis.catalogue import evaluation, examples, models, online, steps, values
from hw1_lightning.diagnosis.catalogue.entry import Mistake

CATALOGUE: tuple[Mistake, ...] = (
    *steps.MISTAKES,
    *models.MISTAKES,
    *examples.MISTAKES,
    *evaluation.MISTAKES,
    *online.MISTAKES,
    *values.MISTAKES,
)
BY_NAME = {mistake.name: mistake for mistake in CATALOGUE}
