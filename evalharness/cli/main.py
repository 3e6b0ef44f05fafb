"""`evalharness VERB …`: finds the verb's module and imports only that one."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from types import FrameType

import typer

from evalharness.board.inert import plain_text
from evalharness.core.errors import HarnessError

VERBS = {
    "demo": "Run the embedded demo: nine small models, real pictures, a leaderboard.",
    "plan": "Say what a run would do: jobs missing, downloads, time.",
    "run": "Generate what is missing, look at it, score it.",
    "score": "Look at and score what was generated before; generate nothing.",
    "measure": "Measure a folder of pictures made elsewhere; no suite needed.",
    "board": "Show the leaderboard of a suite.",
    "compare": "Compare two models, takes or runs, prompt by prompt.",
    "judge": "Have a judge say which of two models' answers are better.",
    "show": "Show what a model is like: look, strengths, costs, family.",
    "gate": "Make a fresh take and judge it against a baseline, for CI.",
    "baseline": "Save, show or compare the files that `gate` judges by.",
    "votes": "Show what blind votes say, and how far metrics agree with them.",
    "history": "Show a suite's numbers run by run.",
    "choose": "Say which model fits a look and its limits.",
    "report": "Write boards, pictures, a comparison and profiles into one HTML file.",
    "list": "List suites, models, metrics, instruments or prompt formats.",
    "import-prompts": "Turn published prompts into a prompts file.",
    "selftest": "Try instruments against what they are known to say.",
    "status": "Show what a store holds.",
    "app": "Open the leaderboard and the gallery in a browser.",
    "rebuild": "Make the ledger anew from the journal.",
}

OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""A plan of 100,000 outputs is a million small objects that live to the end; looking through them
as often as Python does by default takes a fifth of the time."""

EXIT_PROBLEMS = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line; the exit code says how it went.

    0 done, 1 done but for some models or instruments, 2 wrong input, 130 interrupted.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 50, 50)
    try:
        _application(sys.argv[1:])()
    except HarnessError as error:
        lines = map(plain_text, str(error).splitlines())  # names of files and models are hostile
        print("evalharness: " + "\n".join(lines), file=sys.stderr)
        raise SystemExit(EXIT_USAGE) from None
    except BrokenPipeError:
        # the reader (`| head`) has gone; stop Python from complaining about it on exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(EXIT_PROBLEMS) from None


def _application(arguments: list[str]) -> typer.Typer:
    """All verbs listed, but only the one asked for imported: `--help` stays quick."""
    application = typer.Typer(
        name="evalharness",
        help="Which generative model should this project use, and how sure are we?",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    asked = next((word for word in arguments if not word.startswith("-")), None)
    for verb, summary in VERBS.items():
        command = _listed_only
        if verb == asked:
            command = _telling(import_module(_module(verb)).command)
        application.command(verb, help=summary)(command)
    return application


def _module(verb: str) -> str:
    return f"evalharness.cli.{verb.replace('-', '_')}_verb"


def _telling(command: Callable[..., None]) -> Callable[..., None]:
    """The command, saying what an interruption means (typer itself would say nothing)."""

    @wraps(command)
    def run(**arguments: object) -> None:
        try:
            command(**arguments)
        except KeyboardInterrupt:
            print("Interrupted. The same command goes on where this one stopped.", file=sys.stderr)
            raise typer.Exit(EXIT_INTERRUPTED) from None

    return run


def _listed_only() -> None:
    """Stands for a verb that was not asked for."""


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
