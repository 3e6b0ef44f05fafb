from __future__ import annotations

import threading
import time

from evalharness.servers.pace import Pace


def entered(pace: Pace) -> int:
    token = pace.enter()
    assert token is not None
    return token


def test_no_more_than_the_limit_are_in_at_once() -> None:
    pace, inside, most = Pace(3), 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            token = entered(pace)
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.001)
            with lock:
                inside -= 1
            pace.leave(token)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert most == 3


def test_calls_under_way_together_halve_the_limit_once() -> None:
    pace = Pace(16)
    tokens = [entered(pace) for _ in range(16)]
    for token in tokens:
        pace.leave(token, throttled=True)
    assert pace.limit == 8
    pace.leave(entered(pace), throttled=True)
    assert pace.limit == 4


def test_it_recovers_by_one_for_a_limits_worth_of_answers() -> None:
    pace = Pace(16)
    pace.leave(entered(pace), throttled=True)
    assert pace.limit == 8
    for _ in range(7):
        pace.leave(entered(pace))
    assert pace.limit == 8
    for _ in range(2):
        pace.leave(entered(pace))
    assert pace.limit == 9
    for _ in range(1000):
        pace.leave(entered(pace))
    assert pace.limit == 16


def test_it_never_stops_altogether() -> None:
    pace = Pace(2)
    for _ in range(5):
        pace.leave(entered(pace), throttled=True)
    assert pace.limit == 1
    pace.leave(entered(pace))


def test_a_server_that_asks_for_quiet_gets_it_from_all() -> None:
    pace = Pace(4)
    pace.leave(entered(pace), throttled=True, wait_s=0.2)
    began = time.monotonic()
    entered(pace)
    assert time.monotonic() - began >= 0.19


def test_closing_ends_all_waiting() -> None:
    pace = Pace(1)
    entered(pace)
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(pace.enter())),
        threading.Thread(target=lambda: found.append(pace.pause(60))),
    ]
    for thread in threads:
        thread.start()
    pace.close()
    for thread in threads:
        thread.join(timeout=5)
    assert sorted(map(str, found)) == ["False", "None"]
    assert pace.enter() is None
