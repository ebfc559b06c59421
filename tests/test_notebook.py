"""docs/student.ipynb runs from its first cell to its last, in a kernel of its own."""

import re
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="needs the extra test")
nbclient = pytest.importorskip("nbclient", reason="needs the extra test")

NOTEBOOK = Path("docs/student.ipynb").resolve()


def test_the_notebook_is_short_and_holds_no_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert len(notebook.cells) < 15
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


@pytest.mark.slow
def test_the_notebook_trains_a_model_that_reads_digits(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs: list[Any] = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    text = "".join(output.text for output in outputs if output.output_type == "stream")
    assert "train       (1257, 8, 8, 1) examples" in text
    (validated,) = re.findall(r"validation accuracy after 40 epochs: (0\.\d+)", text)
    (tested,) = re.findall(r"test accuracy: (0\.\d+)", text)
    assert min(float(validated), float(tested)) > 0.93
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 4
    assert "Traceback" not in text
    assert "Warning" not in text
