"""Signing in, where the app was started with a sign-in file: pages and pictures alike.

Streamlit talks to the provider (OpenID Connect) and keeps who is there in a signed cookie. The
picture routes read the same cookie, because they answer outside of any page.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.requests import Request
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from evalharness.board.inert import markdown_text
from evalharness.catalog.sign_in import SignIn, load_sign_in
from evalharness.core.nouns import Json

if TYPE_CHECKING:
    from streamlit.runtime.secrets import SecretsValue

SIGN_IN_VARIABLE = "EVALHARNESS_SIGN_IN"
"""Environment variable with the sign-in file; without it everybody who reaches the app may look."""


@cache
def _read(path: str) -> SignIn:
    return load_sign_in(Path(path))


def required() -> SignIn | None:
    """How one signs in here; None where nobody has to."""
    path = os.environ.get(SIGN_IN_VARIABLE)
    return _read(path) if path else None


def secrets(sign_in: SignIn) -> dict[str, SecretsValue]:
    """The same in Streamlit's words."""
    return {
        "auth": {
            "redirect_uri": f"{sign_in.address}/oauth2callback",
            "cookie_secret": sign_in.cookie_secret,
            "client_id": sign_in.client_id,
            "client_secret": sign_in.client_secret,
            "server_metadata_url": sign_in.provider,
        }
    }


def email_of(claims: Mapping[str, object]) -> str | None:
    """The e-mail address that a provider vouches for; None where it says that it does not."""
    email = claims.get("email")
    verified = claims.get("email_verified", True)
    return email if isinstance(email, str) and verified is not False else None


def admits(sign_in: SignIn, request: Request) -> bool:
    """Whether a request outside of the pages comes from somebody who may look."""

    def signed(name: str) -> bytes | None:
        raw = request.cookies.get(name)
        return decode_signed_value(sign_in.cookie_secret, name, raw) if raw else None

    cookie = get_cookie_with_chunks(signed, USER_COOKIE_NAME)
    if cookie is None:
        return False
    claims: dict[str, Json] = json.loads(cookie)
    return claims.get("is_logged_in") is True and sign_in.admits(email_of(claims))


def ask() -> None:
    """Stop the page for who may not see it."""
    sign_in = required()
    if sign_in is None or (st.user.is_logged_in and sign_in.admits(_email())):
        return
    if st.user.is_logged_in:
        st.title("This account is not admitted", anchor=False)
        st.write(
            f"You are signed in as {markdown_text(_email() or 'somebody without an address')}."
        )
        st.write("Ask whoever runs this app to admit that address, or sign in with another one.")
        st.button("Sign out", on_click=st.logout)
    else:
        st.title("Sign in to see this leaderboard", anchor=False)
        st.write(f"This app admits people whom {markdown_text(_host(sign_in))} knows.")
        st.button("Sign in", type="primary", on_click=st.login)
    st.stop()


def offer_to_leave() -> None:
    """Say below a page who is signed in, and offer to sign out."""
    if required() is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="visitor"):
            st.caption(markdown_text(_email() or "signed in"), width="content")
            st.button("Sign out", on_click=st.logout, type="tertiary")


def pseudonym() -> str | None:
    """A digest of who is signed in, None where nobody signs in.

    It is keyed by the cookie's secret, so that no list of addresses leads back from it to one; a
    new secret makes everybody somebody else.
    """
    sign_in = required()
    email = None if sign_in is None else _email()
    if sign_in is None or email is None:
        return None
    key = sign_in.cookie_secret.encode()
    return hmac.new(key, email.strip().casefold().encode(), "sha256").hexdigest()[:32]


def _email() -> str | None:
    return email_of(st.user.to_dict())


def _host(sign_in: SignIn) -> str:
    return sign_in.provider.split("/")[2]
