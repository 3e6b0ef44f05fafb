from __future__ import annotations

from typing import Any

from evalharness.catalog import registry
from tests.app.opened import payloads, said


def listed(test: Any) -> list[Any]:
    found = payloads(test, "definitions")
    return list(found[0]["metrics"]) if found else []


def test_the_metrics_of_the_store_come_first(open_app: Any) -> None:
    shown = listed(open_app("metrics"))
    assert {one["name"] for one in shown} == {
        "clip_score", "exact_match", "fid", "kid", "latency", "peak_memory",
    }  # fmt: skip
    clip = next(one for one in shown if one["name"] == "clip_score")
    rows = dict(clip["rows"])
    assert "clip_score[tiny-clip]" in rows["in this store"]
    assert {"better", "range", "recipe", "source", "limits", "minimum n"} <= rows.keys()


def test_all_metrics_can_be_seen_and_searched(open_app: Any) -> None:
    test = open_app("metrics", stored="false")
    assert len(listed(test)) == len(registry.names("metrics"))
    test.text_input(key="find").set_value("lettering error").run()
    names = [one["name"] for one in listed(test)]
    assert names and all(name.startswith("text_accuracy") for name in names)
    test.text_input(key="find").set_value("no such thing at all").run()
    assert "No metric fits" in said(test)


def test_an_aspect_keeps_what_serves_it(open_app: Any) -> None:
    names = {one["name"] for one in listed(open_app("metrics", stored="false", aspect="alignment"))}
    assert "clip_score" in names and "latency" not in names


def test_an_address_opens_the_metric_it_names(open_app: Any) -> None:
    shown = listed(open_app("metrics", about="kid"))
    assert [one["name"] for one in shown if one["open"]] == ["kid"]
    assert "There is no metric 'gone'" in said(open_app("metrics", about="gone"))


def test_instruments_are_listed_with_licence_and_standing(open_app: Any) -> None:
    (sheet,) = payloads(open_app("metrics"), "sheet")
    rows = {row["cells"][0]: row["cells"] for row in sheet["rows"]}
    assert rows["tiny-clip"][-1] == "by the tests"
    assert "unverified" in rows["inception"][-1] or "published" in rows["inception"][-1]
