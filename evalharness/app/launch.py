"""Starting the app's server: Streamlit as one ASGI application with the picture routes in it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import streamlit as st

from evalharness.app.routes import picture_routes
from evalharness.app.source import STORE_VARIABLE
from evalharness.core.errors import HarnessError

SCRIPT = Path(__file__).with_name("main.py")


def application(store: Path) -> st.App:
    """The app over one store as an ASGI application; one per process, as Streamlit asks.

    The page script reads the store's path from the environment, because Streamlit executes it
    anew for every visitor.
    """
    os.environ[STORE_VARIABLE] = str(store.resolve())
    return st.App(SCRIPT, routes=picture_routes(store.resolve()))


def settings(port: int, host: str, headless: bool) -> dict[str, Any]:
    """Streamlit's settings: nothing sent home, nothing watched, nothing asked, a calm theme."""
    return {
        "server.port": port,
        "server.address": host,
        "server.headless": headless,
        "server.fileWatcherType": "none",
        "server.showEmailPrompt": False,
        "browser.gatherUsageStats": False,
        "runner.magicEnabled": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "type",
        "logger.hideWelcomeMessage": True,
        "theme.light.primaryColor": "#3558a8",
        "theme.dark.primaryColor": "#7f9ee8",
        "theme.baseRadius": "medium",
        "theme.headingFontWeights": [650, 600, 600],
        "theme.headingFontSizes": ["2rem", "1.35rem", "1.1rem"],
    }


def _refuse_a_busy_port(port: int, host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise HarnessError(
                f"The app cannot listen on {host}:{port} ({error.strerror}). "
                "Stop what uses the port, or choose another one."
            ) from error


def serve(
    store_path: str | Path, port: int = 8501, host: str = "127.0.0.1", headless: bool = True
) -> None:
    """Serve the app over a store until the process is interrupted.

    The store need not exist yet: the page then says what to run, and shows results as soon as
    some are published. `headless=False` opens a browser. Raises HarnessError when the port
    cannot be had.
    """
    _refuse_a_busy_port(port, host)
    print(f"The app is at http://{host}:{port} (Ctrl-C stops it).", flush=True)
    application(Path(store_path)).run(config=settings(port, host, headless))
