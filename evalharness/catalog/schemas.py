"""JSON Schemas of the files that users write, for their editors.

`python -m evalharness.catalog.schemas [FOLDER]` writes them; a test checks that the committed
ones in `suites/schema` are current.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import TypeAdapter

from evalharness.catalog.briefs import BriefForm
from evalharness.catalog.forms import ModelForm, PromptForm, SuiteForm
from evalharness.catalog.suites import shipped_suites

_FORMS: dict[str, TypeAdapter[object]] = {
    "brief.json": TypeAdapter(BriefForm),
    "models.json": TypeAdapter(ModelForm | list[ModelForm]),
    "prompt.json": TypeAdapter(PromptForm),
    "suite.json": TypeAdapter(SuiteForm),
}


def schemas() -> dict[str, str]:
    """File name → JSON Schema (draft 2020-12) as text."""
    texts = {}
    for name, form in _FORMS.items():
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **form.json_schema(mode="validation"),
        }
        texts[name] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return texts


def write_schemas(folder: Path) -> None:
    """Write every schema into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]) if len(sys.argv) > 1 else shipped_suites() / "schema")
