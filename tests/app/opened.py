"""A page as a visitor of an address sees it, through Streamlit's own AppTest."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from evalharness.app import main
from evalharness.app.source import STORE_VARIABLE

_SCRIPT = str(Path(str(main.__file__)))


@cache
def _hash_of(page: str) -> str:
    """How AppTest knows a page, which it learns from a run."""
    visit = AppTest.from_file(_SCRIPT, default_timeout=60).run()
    return visit.switch_page(f"{page}/page.py")._page_hash


def visited(page: str = "") -> AppTest:
    """A page before its first run, for a visitor who has been nowhere else."""
    test = AppTest.from_file(_SCRIPT, default_timeout=60)
    if page:
        test._page_hash = _hash_of(page)
    return test


def app(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    page: str = "",
    address: dict[str, Any] | None = None,
) -> AppTest:
    """`page` is a name of evalharness.app.links, "" the first; `address` is what follows its ?."""
    monkeypatch.setenv(STORE_VARIABLE, str(root))
    test = visited(page)
    for key, value in (address or {}).items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return test


def payloads(test: AppTest, name: str) -> list[Any]:
    """What our own elements of a kind were given to draw."""
    found = test.get("bidi_component")
    return [json.loads(e.proto.json) for e in found if e.proto.component_name.endswith(f".{name}")]


def said(test: AppTest) -> str:
    """Everything a page says in Streamlit's own elements of text."""
    kinds = (test.title, test.subheader, test.markdown, test.code, test.caption)
    parts = [*test.info, *test.warning, *test.error, *(part for kind in kinds for part in kind)]
    return "\n".join(str(part.value) for part in parts)


def downloads(test: AppTest) -> list[str]:
    """The labels of the buttons that download something."""
    return [button.proto.label for button in test.get("download_button")]
