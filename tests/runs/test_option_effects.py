"""One table says which options change the numbers of a run."""

import pytest

from hw1_lightning.runs.option_effects import is_harmless


@pytest.mark.parametrize(
    ("option", "harmless"),
    [
        ("threads", True),
        ("test_weights", True),
        ("trainer.max_epochs", True),
        ("trainer.profiler", True),
        ("trainer.enable_checkpointing", True),
        ("data.steps_per_execution", True),
        ("data.source", True),
        ("data.source.path", True),
        ("data.sources", False),
        ("data.batch_size", False),
        ("trainer.max_steps", False),
        ("trainer.callbacks", False),
        ("data SHA-256", False),
        ("test", False),
    ],
)
def test_a_change_of_an_option_is_harmless_or_not(option: str, harmless: bool) -> None:
    assert is_harmless(option) is harmless
