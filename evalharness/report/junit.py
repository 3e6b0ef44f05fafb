"""A gate as JUnit XML, which every CI shows: a test case is a model × a metric."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from evalharness.board.gate.tables import remark, worse_text
from evalharness.board.gate.verdict import Gate, Judgement, Outcome
from evalharness.board.inert import plain_text

_PROPERTIES = (
    "baseline", "fresh", "worse", "low", "high", "epsilon", "p", "detectable", "prompts", "needed",
)  # fmt: skip


def junit_xml(gate: Gate) -> str:
    """The XML text. Inconclusive and not gated are skipped, what could not be judged an error."""
    suites = Xml.Element("testsuites", name="evalharness gate")
    suite = Xml.SubElement(suites, "testsuite", name=plain_text(gate.suite))
    for test in gate.judgements:
        _case(suite, gate, test)
    for name, why in gate.problems.items():
        case = Xml.SubElement(suite, "testcase", classname=_class(gate, name), name="run")
        Xml.SubElement(case, "error", message=plain_text(why))
    for parent in (suites, suite):
        parent.set("tests", str(len(suite)))
        for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            parent.set(name, str(len(suite.findall(f"testcase/{kind}"))))
    Xml.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(suites, "unicode") + "\n"


def _case(suite: Xml.Element, gate: Gate, test: Judgement) -> None:
    case = Xml.SubElement(
        suite, "testcase", classname=_class(gate, test.model), name=plain_text(test.metric)
    )
    properties = Xml.SubElement(case, "properties")
    for name in _PROPERTIES:
        value = getattr(test, name)
        if value is not None:
            Xml.SubElement(properties, "property", name=name, value=_number(value))
    if test.unit:
        Xml.SubElement(properties, "property", name="unit", value=plain_text(test.unit))
    told = plain_text(
        " ".join(part for part in (f"worse by {worse_text(test)}", remark(test)) if part)
    )
    if test.outcome is Outcome.REGRESSION:
        failure = Xml.SubElement(case, "failure", message=told, type="regression")
        failure.text = "\n".join(plain_text(f"{one.prompt_id}: {one.text}") for one in test.worst)
    elif test.outcome in (Outcome.INCONCLUSIVE, Outcome.NOT_GATED):
        Xml.SubElement(case, "skipped", message=f"{test.outcome}: {told}")


def _class(gate: Gate, model: str) -> str:
    return plain_text(f"{gate.suite}.{model}")


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"
