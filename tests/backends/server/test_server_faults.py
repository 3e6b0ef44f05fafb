from __future__ import annotations

import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from evalharness.backends.server.backend import ServerBackend
from evalharness.backends.server.entry import ENTRY
from evalharness.core.errors import BadInputError
from evalharness.core.outcomes import Answer, Status
from evalharness.servers.patience import Patience
from tests.backends.server.asked import QUICK, ask, ask_one, jobs, served, text_of
from tests.backends.server.stub import MODEL, Call, Made, Script, Stub, said, wrong

PAGE = b"<!DOCTYPE html><html><head><title>502 Bad\n Gateway</title></head><body>no</body></html>"


def failing_once(made: Made) -> Script:
    return lambda call: made if call.number == 1 else said("at last")


def always(made: Made) -> Script:
    return lambda _: made


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_passes_is_tried_again(status: int) -> None:
    with Stub(failing_once(Made(wrong("busy"), status))) as stub:
        answer = ask_one(stub.url)
    assert (answer.status, text_of(answer)) == (Status.OK, "at last")
    assert f"tried again after 1 × HTTP {status}" in answer.notes


def test_a_connection_that_breaks_off_is_tried_again() -> None:
    with Stub(failing_once(Made(said("never seen"), cut=20))) as stub:
        answer = ask_one(stub.url)
    assert text_of(answer) == "at last"
    assert any("1 × the reply broke off after 20 bytes" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("status", "tries"), [(500, QUICK.tries), (503, QUICK.tries), (400, 1), (418, 1)]
)
def test_tries_are_counted_and_bounded(status: int, tries: int) -> None:
    with Stub(always(Made(wrong("no luck", code="worn_out"), status))) as stub:
        answer = ask_one(stub.url)
    assert answer.status is Status.FAILED
    assert f"HTTP {status} worn_out: 'no luck'" in answer.reason
    assert len(stub.calls) == tries


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for(form: str) -> None:
    at: list[float] = []

    def script(call: Call) -> Made:
        at.append(time.monotonic())
        if call.number == 2:
            return Made(said("x"))
        later = datetime.now(UTC) + timedelta(seconds=2)  # dates have whole seconds
        value = "1" if form == "seconds" else format_datetime(later, usegmt=True)
        return Made(wrong("later"), 503, {"Retry-After": value})

    with Stub(script) as stub:
        assert ask_one(stub.url).status is Status.OK
    assert 0.9 <= at[1] - at[0] <= 3


def test_a_throttled_call_keeps_the_others_back_and_halves_their_number() -> None:
    turned_down = threading.Event()

    def script(call: Call) -> Made:
        if not turned_down.is_set():
            turned_down.set()
            return Made(wrong("slow down"), 429, {"Retry-After": "0.3"})
        return Made(said("x"), delay_s=0.02)

    with Stub(script) as stub:
        answers = ask(served(stub.url, placement={"concurrency": 4}), *map(str, range(12)))
    assert {a.status for a in answers} == {Status.OK}
    assert sum("1 × HTTP 429" in note for a in answers for note in a.notes) == 1


def test_being_turned_down_does_not_use_up_tries() -> None:
    def script(call: Call) -> Made:
        return Made(said("x")) if call.number > 10 else Made(wrong("slow down"), 429)

    with Stub(script) as stub:
        answer = ask_one(stub.url)
    assert answer.status is Status.OK
    assert "tried again after 10 × HTTP 429" in answer.notes


def test_a_limit_that_stays_ends_the_model_and_keeps_what_came() -> None:
    def script(call: Call) -> Made:
        if call.asked == "0":
            return Made(said("x"))
        return Made(wrong("daily limit"), 429, {"Retry-After": "7200"})

    came: list[Answer] = []
    with Stub(script) as stub:
        model = ENTRY.settle(served(stub.url, placement={"concurrency": 1}))
        with (
            ServerBackend(model, ENTRY.resolve(model), QUICK) as backend,
            pytest.raises(BadInputError, match=r"no more calls for now.*720\d s.*daily limit"),
        ):
            came.extend(backend.generate(jobs(model, list("0123"))))
    assert [a.job_key for a in came] == ["key-0"]
    assert len(stub.calls) == 2


def test_all_time_together_is_bounded() -> None:
    patience = Patience(tries=1000, first_s=0.05, longest_s=0.1, total_s=0.5)
    with Stub(always(Made(wrong("no"), 500))) as stub:
        began = time.monotonic()
        (answer,) = ask(served(stub.url), patience=patience)
    assert answer.status is Status.FAILED
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("made", "status", "told"),
    [
        (Made(said(None, refusal="I cannot help.")), Status.REFUSED, "refusal: 'I cannot help.'"),
        (Made(said("half", "content_filter")), Status.FILTERED, "content_filter after 4 char"),
        (Made(said("no", "refusal")), Status.REFUSED, "finish_reason refusal"),
        (
            Made(wrong("Your request was rejected", code="moderation_blocked"), 400),
            Status.REFUSED,
            "HTTP 400 moderation_blocked",
        ),
        (
            Made(wrong("The response was filtered", code="content_filter"), 400),
            Status.REFUSED,
            "HTTP 400 content_filter",
        ),
        (
            Made(wrong('requires moderation; your input was flagged for "x"', code=403), 403),
            Status.REFUSED,
            "HTTP 403",
        ),
    ],
)
def test_refusals_have_their_status_and_the_raw_code(made: Made, status: Status, told: str) -> None:
    with Stub(always(made)) as stub:
        answer = ask_one(stub.url)
    assert (answer.status, answer.media) == (status, ())
    assert told in answer.reason
    assert len(stub.calls) == 1


@pytest.mark.parametrize(
    "made",
    [
        Made(wrong("too many", code="context_length_exceeded"), 400),
        Made(
            wrong(
                "This model's maximum context length is 64 tokens. However, you requested 80",
                type="BadRequestError",
                code=400,
            ),
            400,
        ),
        Made(
            wrong(
                "the request exceeds the available context size",
                type="exceed_context_size_error",
                code=400,
            ),
            400,
        ),
        Made({"object": "error", "message": "Prompt is too long", "code": 400}, 400),
        Made({"detail": [{"msg": "Input is too long", "input": "…"}]}, 422),
        Made(b"Payload Too Large", 413),
    ],
)
def test_a_prompt_that_does_not_fit_is_told_so_at_once(made: Made) -> None:
    with Stub(always(made)) as stub:
        answer = ask_one(stub.url)
    assert answer.status is Status.TOO_LONG
    assert "does not fit into the model's context" in answer.reason
    assert len(stub.calls) == 1


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (Made(PAGE), "a web page ('502 Bad Gateway'), not JSON"),
        (Made(b'{"choices": [{"mess'), '19 bytes that are not JSON: \'{"choices": [{"mess\''),
        (Made(b""), "an empty reply"),
        (Made(b"[" * 100_000), "not JSON"),
        (Made(b"\xff\xfe\x00"), "not JSON"),
        (Made({}), "no answer in the reply: '{}'"),
        (Made([]), "no answer in the reply"),
        (Made({"choices": []}), "no answer in the reply"),
        (Made({"choices": [None]}), "no answer in the reply"),
        (Made({"choices": [{"message": None}]}), "no answer in the reply"),
        (Made({"choices": [{"message": {"content": 5}}]}), "no answer in the reply"),
        (Made(said(None, "tool_calls", tool_calls=[{}])), "asked for tools"),
        (Made(said("half", "error")), "finish_reason error after 4 characters"),
    ],
)
def test_what_is_no_answer_fails_with_what_was_found(made: Made, told: str) -> None:
    with Stub(always(made)) as stub:
        answer = ask_one(stub.url)
    assert (answer.status, answer.media) == (Status.FAILED, ())
    assert told in answer.reason
    assert len(answer.reason) < 400
    assert len(stub.calls) == 1


def test_an_error_in_a_reply_of_success_is_an_error() -> None:
    with Stub(failing_once(Made(wrong("upstream is busy", code=502)))) as stub:
        answer = ask_one(stub.url)
    assert text_of(answer) == "at last"
    assert "tried again after 1 × HTTP 502" in answer.notes


@pytest.mark.parametrize("made", [Made(said("x" * 100), stall_s=5), Made(said("x"), delay_s=5)])
def test_a_server_that_stalls_is_a_timeout_with_what_came(made: Made) -> None:
    with Stub(always(made)) as stub:
        answer = ask_one(stub.url, timeout_s=0.3)
    assert answer.status is Status.TIMEOUT
    came = 'bytes (\'{"model"' if made.stall_s else "nothing came"
    assert "no whole reply within 0.3 s" in answer.reason
    assert came in answer.reason
    assert len(stub.calls) == QUICK.timeouts


def test_a_server_that_trickles_is_a_timeout_too() -> None:
    """Every byte comes in time, the reply never."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(20)

        def trickle() -> None:
            for _ in range(QUICK.timeouts):
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                    connection.sendall(head)
                    try:
                        for _ in range(200):
                            connection.sendall(b"{")
                            time.sleep(0.05)
                    except OSError:
                        continue

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        model = ENTRY.settle(served(url, placement={"timeout_s": 0.5}))
        backend = ServerBackend(model, ENTRY.resolve(model), QUICK)
        backend._knock = lambda: None  # type: ignore[method-assign]
        with backend:
            (answer,) = backend.generate(jobs(model, ["x"]))
    assert answer.status is Status.TIMEOUT
    assert "after" in answer.reason
    assert "bytes" in answer.reason


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (Made(wrong("Incorrect API key"), 401), r"does not let us in with no key.*key_env"),
        (Made(wrong("forbidden"), 403), "does not let us in"),
        (
            Made(wrong(f"The model `{MODEL}` does not exist.", type="NotFoundError"), 404),
            rf"does not serve the model '{MODEL}'.*It has: org/other, {MODEL}\.",
        ),
        (Made(wrong(f'model "{MODEL}" not found, try pulling it first'), 404), "It has: org/other"),
        (
            Made({"detail": f"Server is pinned to 'a'; requested '{MODEL}'."}, 400),
            "does not serve the model",
        ),
        (Made(b"404 page not found", 404), r"nothing to ask at .*/v1.*end in /v1"),
        (Made(PAGE, 405), "nothing to ask"),
        (Made(wrong("pay", code="insufficient_quota"), 429), "nothing left"),
        (Made(wrong("Insufficient Balance"), 402), "nothing left"),
        (Made(b"", 307, {"Location": "https://b.c/v1"}), r"elsewhere.*https://b\.c/v1"),
        (
            Made({"detail": "Unexpected fields in the request: {'min_p'}"}, 422),
            r"does not take one of the fields.*min_p.*null",
        ),
        (
            Made(
                wrong("Unsupported parameter: 'max_tokens'", code="unsupported_parameter"),
                400,
            ),
            "does not take one of the fields",
        ),
    ],
)
def test_what_no_job_can_overcome_ends_the_model_with_one_error(made: Made, told: str) -> None:
    with Stub(always(made)) as stub, pytest.raises(BadInputError, match=told):
        ask(served(stub.url, placement={"concurrency": 2}), *map(str, range(50)))
    assert len(stub.calls) <= 2


def test_a_server_that_lists_no_models_is_no_further_problem() -> None:
    missing = always(Made(wrong(f"The model `{MODEL}` does not exist."), 404))
    with Stub(missing, models=Made(b"nope", 500)) as stub, pytest.raises(BadInputError) as caught:
        ask(served(stub.url))
    assert "does not serve the model" in str(caught.value)
    assert "It has" not in str(caught.value)


def test_a_key_that_is_revoked_in_the_middle_loses_no_answer() -> None:
    def script(call: Call) -> Made:
        if int(call.asked) < 5:
            return Made(said("x"))
        return Made(wrong("revoked"), 401)

    came: list[Answer] = []
    with Stub(script) as stub:
        model = ENTRY.settle(served(stub.url))
        with (
            ServerBackend(model, ENTRY.resolve(model), QUICK) as backend,
            pytest.raises(BadInputError, match="revoked"),
        ):
            came.extend(backend.generate(jobs(model, list(map(str, range(100))))))
    assert {a.job_key for a in came} == {f"key-{i}" for i in range(5)}


def test_nobody_there_is_told_before_any_job_is_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(BadInputError, match=rf"No server answers at http://127.0.0.1:{port}/v1"):
        ask(served(f"http://127.0.0.1:{port}/v1"))


def test_a_server_that_goes_away_ends_the_model_after_a_few_jobs() -> None:
    stub = Stub(lambda _: Made(said("x"), cut=10**6))  # connections do not outlive their reply
    model = ENTRY.settle(served(stub.url, placement={"concurrency": 1}))
    stub.__enter__()
    with (
        ServerBackend(model, ENTRY.resolve(model), QUICK) as backend,
        pytest.raises(BadInputError, match=r"No server answers at .* any more"),
    ):
        came = []
        for answer in backend.generate(jobs(model, list(map(str, range(100))))):
            if not came:
                stub.__exit__(None, None, None)
            came.append(answer)
    gone = [a for a in came if a.status is not Status.OK]
    assert len(gone) == 2
    assert "after" in gone[-1].reason


def test_proxies_of_the_environment_do_not_come_between_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Stub(lambda _: said("x")) as stub:
        assert ask_one(stub.url).status is Status.OK
    with pytest.raises(BadInputError, match=r"No server answers at http://served\.example/v1"):
        ask(served("http://served.example/v1"))


def test_a_proxy_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(BadInputError, match="ALL_PROXY"):
        ask(served("http://served.example/v1"))


def test_an_endless_reply_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalharness.servers.calls.MOST_BYTES", 2**20)
    body = json.dumps(said("x" * 2**21)).encode()
    with Stub(lambda _: Made(body)) as stub:
        answer = ask_one(stub.url)
    assert answer.status is Status.FAILED
    assert "longer than 1 MiB" in answer.reason


def test_one_bad_job_leaves_the_others_alone() -> None:
    def script(call: Call) -> Made:
        bad = call.asked == "3"
        return Made(b"oops") if bad else Made(said(call.asked))

    with Stub(script) as stub:
        answers = ask(served(stub.url), *map(str, range(6)))
    assert [a.status for a in answers].count(Status.OK) == 5
    assert answers[3].status is Status.FAILED
