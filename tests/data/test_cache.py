import warnings
from pathlib import Path

import numpy as np
import pytest

from hw1_lightning.data.cache import cache_folder, cached


class Maker:
    """Counts how often arrays are made."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> dict[str, np.ndarray]:
        self.calls += 1
        return {"numbers": np.arange(1000), "names": np.array(["é", "b c"])}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache é"))
    return tmp_path / "cache é"


def get(make: Maker, what: str = "photos", fingerprint: str = "1") -> None:
    arrays = cached(what, fingerprint, ["numbers", "names"], make)
    assert np.array_equal(arrays["numbers"], np.arange(1000))
    assert arrays["names"].tolist() == ["é", "b c"]


def test_the_second_call_reads_the_cache(home: Path) -> None:
    make = Maker()
    get(make)
    get(make)
    assert make.calls == 1
    assert cache_folder() == home / "hw1"
    assert [path.suffix for path in cache_folder().iterdir()] == [".npz"], "nothing temporary is left"


def test_a_change_of_the_source_replaces_its_entry(home: Path) -> None:
    make = Maker()
    get(make)
    get(make, fingerprint="2")
    get(make, fingerprint="2")
    assert make.calls == 2
    assert len(list(cache_folder().iterdir())) == 1
    get(make, what="other photos \udcff")
    assert len(list(cache_folder().iterdir())) == 2


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "lacks"])
def test_a_damaged_entry_is_replaced(home: Path, damage: str) -> None:
    make = Maker()
    get(make)
    (entry,) = cache_folder().iterdir()
    data = bytearray(entry.read_bytes())
    if damage == "lacks":
        np.savez(entry, fingerprint=np.array("1"))
    elif damage == "flip":
        data[data.index(b"NUMPY") + 500] ^= 1
        entry.write_bytes(data)
    else:
        entry.write_bytes(data[: len(data) // 2] if damage == "cut" else b"")
    get(make)
    get(make)
    assert make.calls == 2


@pytest.mark.parametrize("place", ["/dev/null/cache", "no home"])
def test_a_cache_that_cannot_be_written_gives_one_warning(
    place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    if place == "no home":  # what platformdirs gives for a user without one
        monkeypatch.setattr("hw1_lightning.data.cache.cache_folder", lambda: Path("~/.cache/hw1"))
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", place)
    make = Maker()
    for _ in range(2):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            get(make)
        assert len(caught) == 1
        assert "decoded images are not cached" in str(caught[0].message)
    assert make.calls == 2
    assert list(tmp_path.iterdir()) == []
