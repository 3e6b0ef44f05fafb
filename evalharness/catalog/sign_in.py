"""Who may see an app: a YAML file naming an OpenID Connect provider and whom to admit."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from evalharness.catalog.forms import Form, Words
from evalharness.catalog.yaml_files import read_yaml

_Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$")]
_Host = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+$")]
_Secret = Annotated[str, StringConstraints(min_length=32, max_length=1_000)]


class SignIn(Form):
    """A sign-in file."""

    address: _Host = Field(description="Where people reach the app, such as https://board.example.")
    provider: _Address = Field(description="The provider's …/.well-known/openid-configuration.")
    client_id: Words = Field(description="As the provider knows this app.")
    client_secret: Words = Field(description="What the provider gave for it.")
    cookie_secret: _Secret = Field(description="At least 32 random characters of your own.")
    admit: list[Words] = Field(
        default_factory=list,
        description="E-mail addresses, or patterns such as *@studio.example; all if empty.",
    )

    def admits(self, email: str | None) -> bool:
        """Whether somebody whom the provider vouches for may look."""
        if not self.admit:
            return True
        found = (email or "").casefold()
        return any(fnmatchcase(found, pattern.casefold()) for pattern in self.admit)


def load_sign_in(path: Path) -> SignIn:
    """Read a sign-in file; raises BadInputError naming file, field, found and expected."""
    return read_yaml(path).read_as(SignIn)
