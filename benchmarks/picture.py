"""Draws a summary's page from its data files and takes a picture of its first screen, with Chromium.

`python -m benchmarks.picture docs/report docs/assets/report.png` does it for the published report.
"""

import argparse
import hashlib
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, PngImagePlugin

from hw1_lightning.report.summary.page import draw_page

WIDTH, HEIGHT = 1280, 800


def take(page: Path, picture: Path, browser: str = "chromium") -> None:
    """Write the first screen of a page as a PNG file, which records the page's SHA-256 under ``page``."""
    size = f"{WIDTH},{HEIGHT}"
    with tempfile.TemporaryDirectory() as folder:
        screen = Path(folder, "screen.png")
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={size}"]
        options += [f"--user-data-dir={folder}/profile", f"--screenshot={screen}", page.resolve().as_uri()]
        subprocess.run([browser, *options], check=True, capture_output=True, timeout=120)
        recorded = PngImagePlugin.PngInfo()
        recorded.add_text("page", hashlib.sha256(page.read_bytes()).hexdigest())
        with Image.open(screen) as image:
            image.convert("RGB").save(picture, optimize=True, pnginfo=recorded)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.picture", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the summary")
    parser.add_argument("picture", type=Path, help="PNG file to write")
    given = parser.parse_args()
    take(draw_page(given.folder), given.picture)
