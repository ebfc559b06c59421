"""Downloads from a server that also breaks off, lies, stalls and fails."""

import gc
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

import hw1_lightning.data.download as module
from hw1_lightning.cli import main
from hw1_lightning.data.download import download
from hw1_lightning.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore:.*<socket.socket:pytest.PytestUnraisableExceptionWarning")

HEADER = b"HTTP/1.1 %s\r\nConnection: close\r\n%s\r\n"


class Handler(BaseHTTPRequestHandler):
    """Serves the file in the way that the path names."""

    protocol_version = "HTTP/1.1"
    content = b""
    asked: list[str] = []  # noqa: RUF012 - shared by all requests of a server

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.close_connection = True
        kind = self.path.strip("/")
        if kind in {"flaky", "tired"} and len(self.asked) > 2:
            kind = "good"
        size = len(self.content)
        status, length, body = {
            "good": (b"200 OK", size, self.content),
            "breaks_off": (b"200 OK", size, self.content[: size // 2]),
            "flaky": (b"200 OK", size, self.content[: size // 2]),
            "tired": (b"503 Busy", 0, b""),
            "claims_less": (b"200 OK", size // 2, self.content),
            "breaks_off_untold": (b"200 OK", None, self.content[: size // 2]),
            "page": (b"200 OK", None, b"<!DOCTYPE html><html>too large to scan for viruses</html>"),
            "empty": (b"200 OK", 0, b""),
            "404": (b"404 Not Found", 0, b""),
            "500": (b"500 Internal Server Error", 0, b""),
            "bad_length": (b"200 OK", b"many", b"abc"),
            "stalls": (b"200 OK", size, self.content[:100]),
        }[kind]
        header = b"" if length is None else b"Content-Length: %s\r\n" % str(length).encode().strip(b"b'")
        self.wfile.write(HEADER % (status, header) + body)
        if kind == "stalls":
            self.wfile.flush()
            time.sleep(1)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(autouse=True)
def no_proxy_and_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the tests independent of the machine's proxies, and pooch's retries immediate."""
    monkeypatch.setattr("pooch.core.time", SimpleNamespace(sleep=lambda _: None))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server(npz: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start a server that has the file; return its address."""
    monkeypatch.setattr(Handler, "content", npz.read_bytes())
    monkeypatch.setattr(Handler, "asked", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=partial(running.serve_forever, poll_interval=0.01))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()
    gc.collect()  # here, not in another test: pooch does not close a response that it has not read to the end


def run(url: str, output: Path, *options: str) -> None:
    main(["data", "download", "landscapes", "--url", url, "--output", str(output), *options])


def error(url: str, output: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """Return the last line on standard error of a download that leaves no file."""
    before = set(output.parent.iterdir())
    with pytest.raises(SystemExit) as caught:
        run(url, output, *options)
    assert caught.value.code == 2
    assert set(output.parent.iterdir()) == before
    *notice, last = capsys.readouterr().err.splitlines()
    assert notice in ([], [f"hw1: downloading {url}, with up to 4 attempts"])
    assert last.startswith("hw1: error: ")
    return last


def test_a_file_is_downloaded_and_described(server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "mit Leerzeichen é.npz"
    checksum = sha256(Handler.content).hexdigest()
    run(f"{server}/good", output, "--sha256", checksum.upper())
    assert output.read_bytes() == Handler.content
    out, err = capsys.readouterr()
    assert err == f"hw1: downloading {server}/good, with up to 4 attempts\n", (
        "no progress bar where there is no terminal"
    )
    assert "train 60, val 12, test 18" in out
    assert checksum in out
    assert not list(tmp_path.glob(".*")), "nothing temporary is left"


@pytest.mark.parametrize("kind", ["flaky", "tired"])
def test_a_download_that_fails_is_repeated(kind: str, server: str, tmp_path: Path) -> None:
    run(f"{server}/{kind}", tmp_path / "a.npz")
    assert (tmp_path / "a.npz").read_bytes() == Handler.content
    assert len(Handler.asked) == 3


@pytest.mark.parametrize(
    ("kind", "asked", "said"),
    [
        ("breaks_off", 4, "cannot be downloaded (IncompleteRead"),
        ("500", 4, "cannot be downloaded (the server answers 500 Internal Server Error), after 4 attempts"),
        ("stalls", 4, "after 4 attempts"),
        ("404", 4, "cannot be downloaded (the server answers 404 Not Found)"),
        ("claims_less", 1, "is not the file: "),
        ("breaks_off_untold", 1, "is not the file: "),
        ("empty", 1, "is not the file: "),
        ("bad_length", 4, "cannot be downloaded (invalid literal for int"),
        ("page", 1, "is a web page instead of the file"),
    ],
)
def test_a_failure_that_stays_leaves_nothing(
    kind: str,
    asked: int,
    said: str,
    server: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.3 if kind == "stalls" else 30)
    message = error(f"{server}/{kind}", tmp_path / "a.npz", capsys)
    assert said in message
    assert len(Handler.asked) == asked
    if "is not the file" not in said:
        assert "in a browser" in message, "how to get it by hand"


def test_a_wrong_checksum_is_refused(server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = error(f"{server}/good", tmp_path / "a.npz", capsys, "--sha256", "0" * 64)
    assert sha256(Handler.content).hexdigest() in message
    assert "sha256 is 'abc'; it must be 64" in error(f"{server}/good", tmp_path / "a.npz", capsys, "--sha256", "abc")


def test_a_missing_server_or_network_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    message = error(f"http://127.0.0.1:{port}/good", tmp_path / "a.npz", capsys)
    assert "[Errno" in message
    assert "after 4 attempts" in message

    def not_found(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    message = error("http://nowhere.invalid/file.npz", tmp_path / "a.npz", capsys)
    assert (
        "its address cannot be found; check the network), after 4 attempts; by hand: open https://drive.google.com/"
        in message
    )


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/file", "landscapes", "http://", ""])
def test_only_web_addresses_are_accepted(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "it must begin with http:// or https://" in error(url, tmp_path / "a.npz", capsys)


def test_an_existing_file_is_not_replaced(server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.npz").write_text("mine")
    assert "a.npz exists; remove it" in error(f"{server}/good", tmp_path / "a.npz", capsys)
    assert (tmp_path / "a.npz").read_text() == "mine"
    with pytest.raises(SystemExit):
        run(f"{server}/good", tmp_path / "a.npz" / "b.npz")
    assert "there is no folder" in capsys.readouterr().err
    assert Handler.asked == []


def test_a_folder_that_cannot_be_written_is_reported(server: str) -> None:
    with pytest.raises(InputError, match="cannot be written: Not a directory"):
        download(f"{server}/good", Path("/dev/null/a.npz"), lambda _: None)
