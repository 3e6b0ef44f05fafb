from __future__ import annotations

import http.client
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from streamlit.web.server.starlette.starlette_app import _validate_run_config

from evalharness.app.launch import serve, settings
from evalharness.core.errors import HarnessError


def get(address: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_the_settings_are_known_to_streamlit_and_private() -> None:
    known = _validate_run_config(settings(8501, "127.0.0.1", True))
    assert known["browser.gatherUsageStats"] is False
    assert known["server.fileWatcherType"] == "none"
    assert known["server.address"] == "127.0.0.1"


def test_a_busy_port_is_explained(tmp_path: Any) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(HarnessError, match=rf"{port}.*choose another"):
            serve(tmp_path, port=port)


def test_the_server_serves_pictures_and_no_other_file(address: str, painted: Any) -> None:
    sha256 = next(painted.store.artifacts.glob("??/*.png"))
    name = sha256.parent.name + sha256.stem
    assert get(address, f"/pictures/{name}") == (200, sha256.read_bytes())
    secrets = ["/ledger.duckdb", "/CURRENT", "/artifacts/", "/app/static/icon.svg"]
    secrets += ["/pictures/../ledger.duckdb", "/pictures/..%2fledger.duckdb", "/thumbs/../CURRENT"]
    secrets += ["//etc/passwd", "/pictures//etc/passwd", "/pictures/%2e%2e/%2e%2e/etc/passwd"]
    for path in secrets:
        _, body = get(address, path)
        assert b"DUCK" not in body
        assert b"board-" not in body
        assert b"root:" not in body
