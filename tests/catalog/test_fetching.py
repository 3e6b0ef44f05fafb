"""Downloads, from a server on this machine that can misbehave."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from evalharness.catalog import fetching
from evalharness.catalog.fetching import download, fetched
from evalharness.catalog.importing import import_prompts
from evalharness.catalog.prompt_formats import hpdv2
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat

BODY = b'["a mug", "a dog"]'


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/gone":
            self.send_error(404)
            return
        moved = {"/moved": "/anime.json", "/away": "http://example.org/x", "/disk": "file:///x"}
        if target := moved.get(self.path):
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()
            return
        self.send_response(200)
        promised = len(BODY) + (7 if self.path == "/short" else 0)
        if self.path != "/endless":
            self.send_header("Content-Length", str(promised))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *args: object) -> None:
        """Keep the tests' output quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "*")
    with HTTPServer(("127.0.0.1", 0), _Answers) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def from_addresses(**addresses: str) -> PromptFormat:
    return PromptFormat("x", "x", "x", "MIT", "x", hpdv2.read, addresses=addresses)


@pytest.mark.parametrize("path", ["/anime.json", "/moved", "/endless"])
def test_the_whole_content_comes(server: str, path: str) -> None:
    assert download(server + path) == BODY


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/gone", "the server answered 404"),
        ("/short", "only 18 of 25 bytes came"),
        ("/away", "'http://example.org/x' is not fetched: expected an https address"),
        ("/disk", "url 'file:///x' is not allowed"),
    ],
)
def test_what_goes_wrong_is_told(server: str, path: str, told: str) -> None:
    with pytest.raises(BadInputError) as caught:
        download(server + path)
    assert told in str(caught.value)


def test_too_much_is_refused(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LIMIT_BYTES", len(BODY) - 1)
    with pytest.raises(BadInputError, match="more than 17 bytes"):
        download(f"{server}/endless")


@pytest.mark.parametrize("address", ["http://example.org/a", "ftp://example.org/a", "a.json", ""])
def test_only_https_is_fetched(address: str) -> None:
    with pytest.raises(BadInputError, match="expected an https address"):
        download(address)


def test_a_server_that_is_not_there(server: str) -> None:
    with pytest.raises(BadInputError, match="could not be fetched"):
        download("http://127.0.0.1:1/x")


def test_one_file_or_a_folder_of_them_for_as_long_as_it_is_read(server: str) -> None:
    one = from_addresses(**{"anime.json": f"{server}/a"})
    with fetched(one) as path:
        assert [p.id for p in import_prompts(one, path)] == ["anime-00000", "anime-00001"]
    assert not path.exists()
    two = from_addresses(**{"anime.json": f"{server}/a", "photo.json": f"{server}/b"})
    with fetched(two) as folder:
        assert [p.tags["style"] for p in import_prompts(two, folder)] == [
            *("anime", "anime", "photo", "photo")
        ]
    assert not folder.exists()


def test_nothing_to_fetch_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="has no published file"), fetched(from_addresses()):
        pass
