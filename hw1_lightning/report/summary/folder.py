"""The folder of a summary: which files it holds, and whether it may be written."""

from pathlib import Path

from hw1_lightning.errors import InputError, file_errors

PAGE = "index.html"
VALUES, CLAIMS, CURVES, ABOUT = "results.csv", "claims.csv", "curves.csv.gz", "summary.json"
GENERATOR = "hw1 study report --summary"
HEAD = 2**10  # the mark of a page is within this many bytes


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds other files and no summary; one that was interrupted while it was written counts.

    Raises:
        InputError: naming the folder.
    """
    with file_errors(f"the summary's folder {folder} cannot be read"):
        there = sorted(path.name for path in folder.iterdir() if path.name[0] != ".") if folder.exists() else []
        page = folder / PAGE
        ours = page.is_file() and f'content="{GENERATOR}"'.encode() in page.read_bytes()[:HEAD]
    begun = ABOUT in there and {*there} <= {VALUES, CLAIMS, CURVES, ABOUT}
    if there and not ours and not begun:
        problem = f"the summary's folder {folder} holds {there[0]}, and no summary"
        raise InputError(f"{problem}; choose a new folder, an empty one, or that of an older summary")
