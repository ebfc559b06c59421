"""The report that `hw1 verify` prints."""

from collections.abc import Iterator, Mapping
from typing import Any

from hw1_lightning.commands.verifying.agreement import agreements, verdict
from hw1_lightning.commands.verifying.recorded_run import RecordedRun
from hw1_lightning.commands.verifying.repeatable import options_left_out
from hw1_lightning.errors import printable

WIDTH = 38  # of each column of the table of versions and machines, except the last
# Always shown; the rest only where it differs.
SHOWN = ("hw1", "torch", "processor", "threads")
ABSENT = "not recorded"


def report(recorded: RecordedRun, here: RecordedRun, epochs: int, tolerance: float) -> int:
    """Print how far the numbers of a run and of its repetition agree; return exit status 1 if a metric does not."""
    ends = [{**run.metrics("final"), **run.metrics("test")} for run in (recorded, here)]
    end = (ends[0], ends[1]) if recorded.is_complete(epochs) else ({}, {})
    compared = agreements(recorded.rows[:epochs], here.rows_or_none, end, tolerance, here.examples)
    found = [each for each in compared if each.metric not in recorded.redefined]
    sums, status = verdict(found, tolerance)
    lines = [("run", _title(recorded)), ("repeated", _extent(recorded, here, epochs))]
    lines += [("note", text) for text in _remarks(recorded)]
    lines += [("", f"{'in the run':<{WIDTH}}here")]
    lines += [(name, f"{old:<{WIDTH}}{new}") for name, old, new in _circumstances(recorded.result, here.result)]
    lines += [*((each.metric, str(each)) for each in found), ("differs" if status else "agrees", sums)]
    width = max(14, *(len(name) for name, _ in lines)) + 1
    for name, text in lines:
        print(f"{printable(name):<{width}}{printable(text)}".rstrip())
    return status


def _title(run: RecordedRun) -> str:
    """Return what was trained, for how long, and how it ended."""
    model = str(run.options["model"].get("class_path")).rpartition(".")[2]
    count = len(run.rows)

    return f"{run.folder}: {model}, {count} epoch{'s' if count > 1 else ''}, {run.result.get('status', 'not finished')}"


def _extent(run: RecordedRun, here: RecordedRun, epochs: int) -> str:
    what = "epoch 1" if epochs == 1 else f"epochs 1 to {epochs}"
    tested = " and the test" if run.is_complete(epochs) and run.metrics("test") else ""
    return f"{what}{tested}, with seed {run.options.get('seed_everything')}, in {here.result['seconds']:.1f} s"


def _remarks(run: RecordedRun) -> Iterator[str]:
    """Yield what the reader must know to judge the numbers."""
    if left_out := options_left_out(run):
        yield f"{', '.join(left_out)} of the run is left out, since it could run any code; the numbers may differ"
    if run.changes:
        change = run.changes[0]
        yield f"{change.get('option')} was changed in epoch {change['epoch']}; only earlier epochs can be repeated"
    if run.ended_by_time:
        yield "trainer.max_time may have ended the last epoch early, so that epoch is left out"
    for name in run.redefined:
        yield f"{name} is not compared: hw1 0.2.0 and older left the bias out of it"
    if not run.result:
        yield "the run has no result.json, so its data's SHA-256 and its machine are not known"


def _circumstances(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the versions and the machine of both, side by side."""
    for group in ("versions", "machine"):
        old, new = (part if isinstance(part, dict) else {} for part in (then.get(group), now.get(group)))
        for name, value in new.items():
            before, now_here = _shown(old[name]) if name in old else ABSENT, _shown(value)
            if name in SHOWN or (old and before != now_here):
                yield name, before, now_here


def _shown(value: object) -> str:
    return "none" if value is None else str(value)[:200]
