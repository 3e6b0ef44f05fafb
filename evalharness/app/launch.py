"""Starting the app's server: Streamlit as one ASGI application with the picture routes in it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.auth_util import is_authlib_installed

from evalharness.app.routes import routes
from evalharness.app.sign_in import SIGN_IN_VARIABLE, secrets
from evalharness.app.source import STORE_VARIABLE
from evalharness.catalog.sign_in import SignIn, load_sign_in
from evalharness.core.errors import HarnessError

SCRIPT = Path(__file__).with_name("main.py")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def application(store: Path, sign_in: Path | None = None) -> st.App:
    """The app over one store as an ASGI application; one per process, as Streamlit asks.

    The page script reads the paths from the environment, because Streamlit executes it anew for
    every visitor. Raises BadInputError for a sign-in file that is not one.
    """
    known = None if sign_in is None else _checked(sign_in)
    os.environ[STORE_VARIABLE] = str(store.resolve())
    os.environ[SIGN_IN_VARIABLE] = "" if sign_in is None else str(sign_in.resolve())
    return st.App(
        SCRIPT,
        routes=routes(store.resolve()),
        secrets=None if known is None else secrets(known),
    )


def _checked(sign_in: Path) -> SignIn:
    if not is_authlib_installed():
        raise HarnessError(
            "Signing in needs Authlib, which is not installed: "
            "`pip install 'evalharness[sign-in]'`."
        )
    return load_sign_in(sign_in)


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
    store_path: str | Path,
    port: int = 8501,
    host: str = "127.0.0.1",
    headless: bool = True,
    sign_in: Path | None = None,
) -> None:
    """Serve the app over a store until the process is interrupted.

    The store need not exist yet: the page then says what to run, and shows results as soon as
    some are published. `headless=False` opens a browser, `sign_in` is a file that says who may
    look. Raises HarnessError when the port cannot be had or that file is wrong.
    """
    _refuse_a_busy_port(port, host)
    app = application(Path(store_path), sign_in)
    if sign_in is None and host not in LOOPBACK:
        print(f"Whoever reaches {host}:{port} sees this store: --sign-in FILE asks who they are.")
    print(f"The app is at http://{host}:{port} (Ctrl-C stops it).", flush=True)
    app.run(config=settings(port, host, headless))
