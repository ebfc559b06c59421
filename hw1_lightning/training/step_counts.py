"""Checkpoints of one way of taking steps, resumed in the other."""

from typing import Any

from hw1_lightning.errors import InputError


def count_steps_alike(checkpoint: dict[str, Any], stacks: bool) -> None:
    """Let Lightning's counters of a checkpoint say the same, whichever way took its steps and takes the next.

    Lightning counts steps of its own loop in one place and steps taken by hand in another, and batches where hw1's may
    have been stacks.

    Args:
        checkpoint: about to be restored; its counters are changed.
        stacks: whether the next steps are taken in stacks.

    Raises:
        InputError: if the checkpoint is from the middle of an epoch, but stacks begin with an epoch.
    """
    loop = checkpoint.get("loops", {}).get("fit_loop")
    if loop is None:
        return
    batches, steps = loop["epoch_loop.batch_progress"], checkpoint["global_step"]
    if stacks and not batches["is_last_batch"] and batches["current"]["completed"]:
        raise InputError(
            "this checkpoint is from the middle of an epoch; add --data.steps_per_execution 1, or resume from last.ckpt"
        )
    by_hand = loop["epoch_loop.manual_optimization.optim_step_progress"]["total"]
    automatic = loop["epoch_loop.automatic_optimization.optim_progress"]["optimizer"]["step"]["total"]
    if by_hand["completed"] and not stacks:  # what were stacks are now minibatches, one a step
        batches["total"].update(dict.fromkeys(batches["total"], steps))
        loop["epoch_loop.state_dict"]["_batches_that_stepped"] = steps
    for counter in (by_hand, automatic):
        counter.update(ready=steps, completed=steps)
