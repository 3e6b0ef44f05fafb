from __future__ import annotations

import pytest

from evalharness.app import sign_in
from tests.app.test_sign_in import form


def signed_in(monkeypatch: pytest.MonkeyPatch, email: str | None, secret: str = "c" * 32) -> None:
    monkeypatch.setattr(
        sign_in, "required", lambda: form().model_copy(update={"cookie_secret": secret})
    )
    monkeypatch.setattr(sign_in, "_email", lambda: email)


def test_a_voter_is_the_same_however_the_address_is_written_and_never_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed_in(monkeypatch, "Ann@Studio.example")
    ann = sign_in.pseudonym()
    signed_in(monkeypatch, " ann@studio.example")
    assert sign_in.pseudonym() == ann
    assert ann is not None and len(ann) == 32 and "ann" not in ann
    signed_in(monkeypatch, "bob@studio.example")
    assert sign_in.pseudonym() != ann


def test_without_the_apps_secret_no_list_of_addresses_leads_back_to_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed_in(monkeypatch, "ann@studio.example")
    ann = sign_in.pseudonym()
    signed_in(monkeypatch, "ann@studio.example", secret="d" * 32)
    assert sign_in.pseudonym() not in (ann, None)


def test_nobody_signed_in_has_no_pseudonym(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sign_in.pseudonym() is None
    signed_in(monkeypatch, None)
    assert sign_in.pseudonym() is None
