from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from evalharness.catalog.addresses import read_address
from evalharness.servers.calls import Caller, NoReplyError, open_client
from evalharness.servers.reach import Reach
from evalharness.servers.secret import Secret
from tests.backends.server.stub import MODEL, Call, Stub, said

BODY = b'{"prompt": "hello"}'


def caller_of(url: str) -> Caller:
    reach = Reach(read_address(f"{url}#{MODEL}", "model"))
    secret = Secret.read(reach)
    return Caller(open_client(reach, secret), reach, secret.hide)


def test_a_call_under_way_comes_to_its_end_and_leaves_no_connection_behind() -> None:
    asked, answer = threading.Event(), threading.Event()

    def script(_: Call) -> dict[str, object]:
        asked.set()
        answer.wait(20)
        return said("late")

    with Stub(script) as stub, ThreadPoolExecutor(1) as thread:
        caller = caller_of(stub.url)
        reply = thread.submit(caller.post, "/completions", BODY, 20.0)
        assert asked.wait(20)
        caller.close()
        answer.set()
        assert b"late" in reply.result(20).body
    del caller, reply
    gc.collect()  # an open socket would be told here


def test_nothing_is_asked_after_the_end() -> None:
    with Stub(lambda _: said("x")) as stub:
        caller = caller_of(stub.url)
        assert caller.post("/completions", BODY, 5.0).status == 200
        caller.close()
        with pytest.raises(NoReplyError, match="closed"):
            caller.post("/completions", BODY, 5.0)
        assert len(stub.calls) == 1
