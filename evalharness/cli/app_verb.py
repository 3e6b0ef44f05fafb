"""`evalharness app`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from evalharness.app.launch import serve
from evalharness.cli.options import DEFAULT_STORE, StoreOption


def command(
    store: StoreOption = DEFAULT_STORE,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to serve on.")] = 8501,
    host: Annotated[
        str, typer.Option("--host", help="Address to bind; other machines reach 0.0.0.0.")
    ] = "127.0.0.1",
    sign_in: Annotated[
        Path | None,
        typer.Option("--sign-in", help="A YAML file: the provider, and whom to admit."),
    ] = None,
) -> None:
    """Serve the leaderboard, the gallery and the other pages until interrupted."""
    with suppress(KeyboardInterrupt):  # how a server is meant to end
        serve(store, port=port, host=host, sign_in=sign_in)
