from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from evalharness.core.errors import StoreError
from evalharness.core.outcomes import Status
from evalharness.runner.asked import Asked
from evalharness.runner.child import Assignment
from evalharness.runner.devices import slots
from evalharness.runner.engine import LocalEngine
from evalharness.runner.events import Broken, Died, Finished, Loaded, Send, Stored
from evalharness.runner.generation import shares


def say_hello(payload: str, send: Send) -> None:
    send(Loaded(0.0))
    send(Stored((f"{payload} on {os.environ.get('CUDA_VISIBLE_DEVICES')}",), (Status.OK,)))


def say_hello_and_stay(payload: str, send: Send) -> None:
    say_hello(payload, send)
    time.sleep(2)  # longer than another child needs to start, on a busy machine too


def die(payload: str, send: Send) -> None:
    os.kill(os.getpid(), 9)


def fill_the_disk(payload: str, send: Send) -> None:
    raise StoreError("disk full")


def print_and_fail(payload: str, send: Send) -> None:
    print("a word for the log")
    raise ValueError(payload)


def run(tmp_path: Path, *functions: str, slow_s: float = 60.0):
    events = []
    assignments = [
        Assignment(
            f"{n} {name}",
            f"tests.runner.test_engine:{name}",
            f"job {n}",
            tmp_path / f"{n}.log",
            slow_s,
        )
        for n, name in enumerate(functions)
    ]
    LocalEngine().run(assignments, lambda a, e: events.append((a.title, e)), lambda: None)
    return events


def test_children_tell_and_finish(tmp_path):
    events = [event for _, event in run(tmp_path, "say_hello")]
    assert [type(event) for event in events] == [Loaded, Stored, Finished]


def test_a_killed_child_is_told_as_out_of_memory(tmp_path):
    [(_, event)] = run(tmp_path, "die")
    assert isinstance(event, Died)
    assert event.status is Status.OOM


def test_what_a_child_prints_and_raises_goes_to_its_log(tmp_path):
    [(_, event)] = run(tmp_path, "print_and_fail")
    assert event == Died(f"ValueError: job 0 (log: {tmp_path / '0.log'})", Status.FAILED)
    log = (tmp_path / "0.log").read_text()
    assert "a word for the log" in log
    assert "Traceback" in log


def test_a_full_disk_is_fatal(tmp_path):
    [(_, event)] = run(tmp_path, "fill_the_disk")
    assert event == Broken("disk full", fatal=True)


def test_every_gpu_gets_a_child_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,5")
    events = run(tmp_path, *["say_hello_and_stay"] * 3)
    seen = [event.keys[0] for _, event in events if isinstance(event, Stored)]
    assert {key.split(" on ")[1] for key in seen} == {"2", "5"}
    first_end = next(i for i, (_, event) in enumerate(events) if isinstance(event, Finished))
    assert sum(isinstance(event, Loaded) for _, event in events[:first_end]) == 2


def test_what_asks_other_machines_takes_no_device_and_waits_for_none(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    stays = [
        Assignment(name, f"{__name__}:say_hello_and_stay", name, tmp_path / name, 60.0, remote=far)
        for name, far in (("a", False), ("b", False), ("far", True), ("farther", True))
    ]
    events = []
    LocalEngine().run(stays, lambda a, e: events.append((a.title, e)), lambda: None)
    seen = {event.keys[0] for _, event in events if isinstance(event, Stored)}
    assert seen == {"a on 3", "b on 3", "far on ", "farther on "}
    first_end = next(i for i, (_, event) in enumerate(events) if isinstance(event, Finished))
    begun = {title for title, event in events[:first_end] if isinstance(event, Loaded)}
    assert begun == {"a", "far", "farther"}


def test_no_child_outlives_a_run(tmp_path):
    before = {child.pid for child in psutil.Process().children(recursive=True)}

    def stop(assignment, event):
        raise RuntimeError("stop")

    assignment = Assignment("a", "tests.runner.test_engine:say_hello", "x", tmp_path / "log", 60.0)
    with pytest.raises(RuntimeError, match="stop"):
        LocalEngine().run([assignment], stop, lambda: None)
    left = [
        child
        for child in psutil.Process().children(recursive=True)
        if child.pid not in before
        and "forkserver" not in " ".join(child.cmdline())
        and "resource_tracker" not in " ".join(child.cmdline())
    ]
    assert not left


def test_slots(tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert slots(tmp_path) == ["local"]
    for name in ("nvidia0", "nvidia10", "nvidia2", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    assert slots(tmp_path) == ["cuda:0", "cuda:1", "cuda:2"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert slots(tmp_path) == ["local"]


@pytest.mark.parametrize(("jobs", "replicas", "sizes"), [(10, 3, [4, 4, 2]), (2, 8, [1, 1])])
def test_shares(jobs, replicas, sizes):
    parts = shares(list(range(jobs)), replicas)
    assert [len(part) for part in parts] == sizes
    assert [job for part in parts for job in part] == list(range(jobs))


def test_one_model_uses_all_gpus(go, model, suite, monkeypatch, ask_sql):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    report = go(Asked(suites=(suite(),), models=(model("a"),)))
    assert report.generated == 12
    assert ask_sql("SELECT count(*) FROM outputs WHERE status = 'ok'") == [(12,)]
