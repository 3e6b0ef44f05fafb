from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evalharness.app.launch import application
from evalharness.app.routes import picture_url
from evalharness.catalog.sign_in import SignIn, load_sign_in
from evalharness.core.errors import BadInputError
from tests.app.provider import CLIENT, SECRET, Provider, providing
from tests.app.served import free_port, serving
from tests.browser import needs_chromium

FORM = """\
address: {address}
provider: {provider}/.well-known/openid-configuration
client_id: {client}
client_secret: {secret}
cookie_secret: 0123456789abcdef0123456789abcdef
admit: ["*@Studio.example"]
"""


def written(folder: Path, address: str, provider: str) -> Path:
    path = folder / "sign-in.yaml"
    told = FORM.format(address=address, provider=provider, client=CLIENT, secret=f'"{SECRET}"')
    path.write_text(told)
    return path


def form(*admit: str) -> SignIn:
    return SignIn(
        address="https://board.example",
        provider="https://who.example/.well-known/openid-configuration",
        client_id="a",
        client_secret="b",
        cookie_secret="c" * 32,
        admit=list(admit),
    )


def test_only_admitted_addresses_may_look() -> None:
    assert form().admits(None)
    assert form("*@studio.example").admits("Ann@Studio.example")
    assert form("ann@x.example", "bob@x.example").admits("bob@x.example")
    for email in (None, "", "ann@studio.example.evil", "eve@x.example"):
        assert not form("*@studio.example", "bob@x.example").admits(email)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("cookie_secret: short", "cookie_secret"),
        ("address: board.example", "address"),
        ("password: x", "password"),
    ],
)
def test_a_wrong_file_is_refused_before_anything_is_served(
    tmp_path: Path, wrong: str, told: str
) -> None:
    path = written(tmp_path, "http://127.0.0.1:1", "http://127.0.0.1:2")
    name = wrong.partition(":")[0]
    kept = [line for line in path.read_text().splitlines() if not line.startswith(name)]
    path.write_text("\n".join([*kept, wrong]))
    with pytest.raises(BadInputError, match=rf"sign-in.yaml.*{told}"):
        load_sign_in(path)
    with pytest.raises(BadInputError, match=told):
        application(tmp_path, path)


@pytest.fixture
def guarded(painted: Any, tmp_path: Path) -> Iterator[tuple[str, Provider]]:
    """The app behind a provider, and that provider."""
    port, at = free_port(), free_port()
    with providing(at) as provider:
        sign_in = written(tmp_path, f"http://127.0.0.1:{port}", provider.address)
        with serving(painted.store.root, port, sign_in) as (address, _):
            yield address, provider


@needs_chromium
def test_pages_and_pictures_open_to_who_signed_in(
    browser: Any, guarded: tuple[str, Provider], painted: Any
) -> None:
    address, _ = guarded
    stored = next(painted.store.artifacts.glob("??/*.png"))
    picture = address + picture_url(stored.parent.name + stored.stem)
    visitor = browser.new_context()
    page = visitor.new_page()
    page.goto(f"{address}/gallery?suite=tinyworld")
    page.get_by_role("heading", name="Sign in to see this leaderboard").wait_for()
    assert "tinyworld" not in page.locator("body").inner_text()
    assert visitor.request.get(picture).status == 401
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="The embedded world").wait_for()
    page.get_by_text("studio.example").wait_for()  # a word joiner keeps it from being a link
    answer = visitor.request.get(picture)
    assert answer.status == 200
    assert answer.body() == stored.read_bytes()
    assert "private" in answer.headers["cache-control"]
    assert browser.new_context().request.get(picture).status == 401
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in to see this leaderboard").wait_for()
    assert visitor.request.get(picture).status == 401
    visitor.close()


@needs_chromium
def test_who_is_known_but_not_admitted_sees_nothing(
    browser: Any, guarded: tuple[str, Provider], painted: Any
) -> None:
    address, provider = guarded
    provider.email = "eve@elsewhere.example"
    stored = next(painted.store.artifacts.glob("??/*.png"))
    visitor = browser.new_context()
    page = visitor.new_page()
    page.goto(address)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("elsewhere.example").wait_for()
    assert page.get_by_role("heading", name="The embedded world").count() == 0
    got = visitor.request.get(address + picture_url(stored.parent.name + stored.stem))
    assert got.status == 401
    visitor.close()
