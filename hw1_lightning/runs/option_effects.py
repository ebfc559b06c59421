"""Which options of a run change its numbers, and which only say where it is or what it prints and saves."""

# Where a run is.
PLACE = ("config", "name", "runs_dir", "ckpt_path")
# The options that were changed when the run was resumed, as config.yaml records them.
HISTORY = "history"
MAX_EPOCHS = "trainer.max_epochs"
SOURCE = "data.source"
# Used after the last epoch only.
AFTER_TRAINING = ("test_after_fit", "test_weights")
# Options that change no number. The number of threads does by rounding, and is recorded with the machine.
NO_EFFECT = frozenset(
    {
        *(*PLACE, "override", "test_after_fit", "threads", "train_accuracy", "excess_loss", "templates_every_n_epochs"),
        *("trainer.default_root_dir", "trainer.enable_autolog_hparams", "trainer.enable_checkpointing"),
        *("trainer.enable_model_summary", "trainer.enable_progress_bar", "trainer.log_every_n_steps"),
        *("trainer.logger", "trainer.model_registry", "trainer.profiler"),
    }
)
_HARMLESS = NO_EFFECT | {*AFTER_TRAINING, MAX_EPOCHS, "data.steps_per_execution"}


def is_of_source(option: str) -> bool:
    """Whether an option only says where the data come from; the data themselves are identified by their SHA-256."""
    return option == SOURCE or option.startswith(f"{SOURCE}.")


def is_harmless(option: str) -> bool:
    """Whether resuming with another value gives the same numbers as using that value from the start."""
    return option in _HARMLESS or is_of_source(option)
