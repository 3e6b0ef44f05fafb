from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from evalharness.app.routes import picture_url, routes, text_url, thumbnail_url
from evalharness.ledger.artifacts import path_of, store_picture, store_text, thumb_of
from evalharness.ledger.store import Store

SECRET = b"nobody may read this"


class Pictures:
    def __init__(self, root: Path) -> None:
        self.store = Store.create(root)
        pixels = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
        self.picture = store_picture(self.store, pixels).sha256
        self.text = store_text(self.store, SECRET.decode()).sha256
        (root / "secret").write_bytes(SECRET)
        self.client = TestClient(Starlette(routes=list(routes(root))))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    return Pictures(tmp_path_factory.mktemp("pictures"))


def test_a_picture_is_served_as_stored_and_may_be_kept_for_ever(pictures: Pictures) -> None:
    answer = pictures.client.get(picture_url(pictures.picture))
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == pictures.picture
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_thumbnail_is_a_small_webp(pictures: Pictures) -> None:
    answer = pictures.client.get(thumbnail_url(pictures.picture))
    assert answer.headers["content-type"] == "image/webp"
    assert answer.content == thumb_of(pictures.store, pictures.picture).read_bytes()


def test_a_text_is_served_inert_and_in_parts(pictures: Pictures) -> None:
    answer = pictures.client.get(text_url(pictures.text))
    assert answer.content == SECRET
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    part = pictures.client.get(text_url(pictures.text), headers={"Range": "bytes=7-9"})
    assert (part.status_code, part.content) == (206, SECRET[7:10])
    assert pictures.client.get(text_url(pictures.picture)).status_code == 404
    assert pictures.client.get(picture_url(pictures.text)).status_code == 404


def test_a_lost_thumbnail_is_replaced_by_the_picture(tmp_path: Path) -> None:
    lost = Pictures(tmp_path)
    thumb_of(lost.store, lost.picture).unlink()
    answer = lost.client.get(thumbnail_url(lost.picture))
    assert answer.headers["content-type"] == "image/png"
    assert hashlib.sha256(answer.content).hexdigest() == lost.picture


def test_links_out_of_the_store_are_not_followed(tmp_path: Path) -> None:
    linked = Pictures(tmp_path / "results")
    outside = tmp_path / "outside.png"
    outside.write_bytes(SECRET)
    name = "ab" * 32
    text = path_of(linked.store, name, "txt")
    for path in (path_of(linked.store, name), thumb_of(linked.store, name), text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(outside)
    folder = "cd" * 32
    away = tmp_path / "away"
    away.mkdir()
    (away / f"{folder[2:]}.png").write_bytes(SECRET)
    (linked.store.artifacts / "cd").symlink_to(away)
    for address in (picture_url(name), thumbnail_url(name), text_url(name), picture_url(folder)):
        assert linked.client.get(address).status_code == 404


def test_a_store_behind_a_link_is_served(tmp_path: Path) -> None:
    real = Pictures(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    client = TestClient(Starlette(routes=list(routes(tmp_path / "link"))))
    assert client.get(picture_url(real.picture)).status_code == 200


SHAPES = [
    lambda p: p.picture.upper(),
    lambda p: p.picture[:-1],
    lambda p: p.picture + "0",
    lambda p: p.picture + ".png",
    lambda p: p.picture + "%0a",
    lambda p: p.picture + "%00",
    lambda p: f"{p.picture[:2]}/{p.picture[2:]}.png",
    lambda p: "../secret",
    lambda p: "..%2fsecret",
    lambda p: "%2e%2e%2fsecret",
    lambda p: "..%5csecret",
    lambda p: "%2fetc%2fpasswd",
    lambda p: "ab" * 32,
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("route", ["pictures", "thumbs", "texts"])
def test_anything_but_a_known_hash_is_not_found(pictures: Pictures, route: str, shape: Any) -> None:
    answer = pictures.client.get(f"/{route}/{shape(pictures)}")
    assert answer.status_code == 404
    assert SECRET not in answer.content


@given(name=st.text(min_size=1, max_size=80))
def test_no_name_leads_to_a_file(pictures: Pictures, name: str) -> None:
    address = "/pictures/" + quote(name, safe="", errors="replace")
    assert pictures.client.get(address).status_code == 404
