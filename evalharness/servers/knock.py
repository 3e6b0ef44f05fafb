"""Finding out that a server is there at all, before a thousand questions do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from evalharness.core.errors import BadInputError
from evalharness.servers.calls import Caller, NoReplyError, open_client
from evalharness.servers.pace import Pace
from evalharness.servers.patience import Patience
from evalharness.servers.reach import Reach
from evalharness.servers.secret import Secret

KNOCKS = 3
KNOCK_S = 10.0


@contextmanager
def connected(reach: Reach, patience: Patience) -> Iterator[tuple[Secret, Caller]]:
    """The key and a caller of a server that is there; its connections are closed at the end.

    Raises BadInputError where the key is missing, and where nobody is there.
    """
    secret = Secret.read(reach)
    with closing(Caller(open_client(reach, secret), reach, secret.hide)) as caller:
        knock(caller, reach, patience)
        yield secret, caller


def knock(caller: Caller, reach: Reach, patience: Patience) -> None:
    """Whatever it replies, somebody is there; raises BadInputError where nobody is."""
    for number in range(1, KNOCKS + 1):
        try:
            caller.get("/models", KNOCK_S)
        except NoReplyError as error:
            if error.reached:
                return
            if number == KNOCKS:
                raise BadInputError(
                    f"No server answers at {reach.address.url}: {error.reason}. Start it and wait "
                    "until it has loaded its model, or correct the address."
                ) from None
            Pace(1).pause(patience.wait_s(number, None))
        else:
            return
