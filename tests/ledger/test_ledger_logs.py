from __future__ import annotations

from pathlib import Path

import pytest

from evalharness.ledger.logs import LAST_BYTES, LAST_LINES, LONGEST_LINE, log_ends
from evalharness.ledger.store import Store


@pytest.fixture
def logs(store: Store) -> Path:
    folder = store.root / "logs" / "run-1"
    folder.mkdir(parents=True)
    return folder


def test_the_ends_of_logs_by_their_titles(store: Store, logs: Path) -> None:
    (logs / "one.log").write_text("first\nsecond\n")
    (logs / "two.log").write_bytes(b"\xff broken\n" + b"x" * (LONGEST_LINE + 50))
    one, two = log_ends(store, "run-1")
    assert (one.title, one.lines, one.whole) == ("one", ("first", "second"), True)
    assert two.lines[0] == "\ufffd broken"
    assert two.lines[1] == "x" * LONGEST_LINE + " …"


def test_of_a_long_log_only_the_last_lines(store: Store, logs: Path) -> None:
    (logs / "long.log").write_text("".join(f"line {n}\n" for n in range(LAST_BYTES)))
    (end,) = log_ends(store, "run-1")
    assert len(end.lines) == LAST_LINES
    assert end.lines[-1] == f"line {LAST_BYTES - 1}"
    assert not end.whole


@pytest.mark.parametrize("run", ["", ".", "..", "../logs", "/etc", "run-1/..", "gone"])
def test_a_name_that_is_no_run_has_no_logs(store: Store, logs: Path, run: str) -> None:
    (logs / "one.log").write_text("secret")
    (store.root / "own.log").write_text("secret")
    assert log_ends(store, run) == ()


def test_links_are_not_followed(store: Store, logs: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (logs / "link.log").symlink_to(tmp_path / "secret")
    (store.root / "logs" / "run-2").symlink_to(tmp_path)
    assert log_ends(store, "run-1") == ()
    assert log_ends(store, "run-2") == ()
