"""Run by an interpreter that has salesforce-lavis: the VQA script's scores of cases from stdin.

The package carries the evaluation script of VQA as it was published. The script's file is loaded by
itself, so that none of what the package needs has to be there (`pip install --no-deps`).
"""

import importlib.util
import json
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

package = Path(importlib.util.find_spec("lavis").origin).parent
spec = importlib.util.spec_from_file_location(
    "vqa_eval", package / "common" / "vqa_tools" / "vqa_eval.py"
)
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)


class Asked:
    """Stands for the script's own reader of files: one question with its answers."""

    def __init__(self, answer, people):
        given = [{"answer": one, "answer_id": i} for i, one in enumerate(people)]
        kinds = {"question_type": "", "answer_type": ""}
        self.qa = {0: {"answers": given, **kinds} if answer is None else {"answer": answer}}

    def getQuesIds(self):  # noqa: N802
        return [0]


found = []
with redirect_stdout(StringIO()):
    for answer, people in json.load(sys.stdin):
        scorer = script.VQAEval(Asked(None, people), Asked(answer, []), n=6)
        scorer.evaluate([0])
        found.append(scorer.evalQA[0] / 100)
json.dump(found, sys.stdout)
