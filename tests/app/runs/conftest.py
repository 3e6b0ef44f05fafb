from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import evalharness
from evalharness.cli.main import _application
from tests.app.served import serving

SUITE = {
    "name": "painted",
    "title": "Painted",
    "prompts": [f"a {colour} {thing}" for colour in ("red", "blue", "green", "pink")
                for thing in ("ball", "fish", "house", "star")],
    "seeds": 2,
    "metrics": ["technical.sharpness[pixels]", "latency"],
    "models": ["./painters.yaml"],
}  # fmt: skip


def painter(name: str, **options: object) -> dict[str, object]:
    return {"name": name, "backend": "painter", "options": {"look": "illustration", **options}}


@pytest.fixture(scope="session")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which a painter was run, refused some, and was held against a blurred one."""
    folder = tmp_path_factory.mktemp("gated")
    (folder / "painted.yaml").write_text(yaml.safe_dump(SUITE))
    (folder / "painters.yaml").write_text(yaml.safe_dump([painter("one", refuse=0.2)]))
    evalharness.run(str(folder / "painted.yaml"), store=folder / "store")
    suite, base = str(folder / "painted.yaml"), str(folder / "base.json")
    store = ["--store", str(folder / "store")]
    for words, code in (
        (["baseline", "save", suite, "-o", base, *store], 0),
        (["gate", suite, "--baseline", base, "--models", str(folder / "blurred.yaml"), *store], 1),
    ):
        (folder / "blurred.yaml").write_text(yaml.safe_dump(painter("one", refuse=0.2, blur=1.5)))
        done = CliRunner().invoke(_application(words), words)
        assert done.exit_code == code, done.output + str(done.exception)
    return folder


@pytest.fixture(scope="session")
def gated_address(gated: Path) -> Iterator[str]:
    with serving(gated / "store") as (address, _):
        yield address
