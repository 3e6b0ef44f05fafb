"""The program in an answer, however it is wrapped. Reads text that may be anything, so it works
inside the sandbox too: a hostile answer can bring the compiler itself down.

1. Thoughts up to the last `</think>` are no part of an answer.
2. Of fenced blocks in Python (or in no language) the last that defines the entry point is taken,
   behind earlier ones that only define and import. A fence that is never closed ends the answer.
3. Without fences, the program starts at the first line from which on it compiles, and ends where
   prose begins.
4. What defines the entry point stands behind the lines of the prefix before it (imports, helpers).
   Anything else is taken for the body that completes the prefix; a first line that lost its
   indentation gets it back.
5. The answer's own `assert`s and `print`s at the top level are left out: the tests ask, not it.
   Behind a completed body, so is everything that does not define.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `program`
if TYPE_CHECKING:
    from typing import Any

_PYTHON = frozenset({"", "python", "python3", "py", "py3", "python2", "pycon", "{.python}"})
_STARTS = ("def ", "class ", "import ", "from ", "async def ", "@")
_DEFINES = frozenset(
    {"FunctionDef", "AsyncFunctionDef", "ClassDef", "Import", "ImportFrom", "Assign", "AnnAssign"}
)
_SHOWS = frozenset({"print", "pprint", "display", "input"})
_ONLY_TREE = 0x400
_TRIES = 40
"""How often a text is cut, or another start tried, before it is taken as it is."""


def program_of(answer: str, prefix: str, entry_point: str) -> str:
    """The program that an answer to `prefix` means; it need not compile.

    With neither prefix nor entry point all blocks in Python are one program, as in a notebook.
    """
    text = answer.rpartition("</think>")[2].replace("\r\n", "\n").replace("\t", "    ")
    blocks = fenced(text)
    if not entry_point:
        whole = "\n".join(blocks) if blocks else _compiling(text, "") or text
        return f"{prefix}\n{whole}"
    defining = [block for block in blocks if _defines(block, entry_point)]
    if defining:
        before = blocks[: len(blocks) - 1 - blocks[::-1].index(defining[-1])]
        helpers = [b for b in before if b not in defining and _only_defines(b)]
        return _behind(prefix, "\n".join([*helpers, defining[-1]]), entry_point)
    bare = blocks[0] if blocks else text
    whole = _compiling(bare, entry_point)
    if whole:
        return _behind(prefix, whole, entry_point)
    return _completed(prefix, bare)


def fenced(text: str) -> list[str]:
    """The contents of the fenced blocks in Python, or in no language, in order."""
    blocks: list[str] = []
    fence, language, lines, indent = "", "", [""], 0
    for line in text.split("\n"):
        bare = line.strip()
        if not fence and bare.startswith(("```", "~~~")):
            fence = bare[0] * (len(bare) - len(bare.lstrip(bare[0])))
            words = bare[len(fence) :].strip().lower().split()
            language, lines = (words[0] if words else ""), []
            indent = len(line) - len(line.lstrip())
        elif fence and bare.startswith(fence) and not bare.strip(fence[0]):
            _keep(blocks, language, lines)
            fence = ""
        elif fence:
            lines.append(line[indent:] if line[:indent].isspace() or not indent else line)
    if fence:
        _keep(blocks, language, lines)
    return blocks


def _keep(blocks: list[str], language: str, lines: list[str]) -> None:
    if language in _PYTHON:
        blocks.append("\n".join(lines))


def _behind(prefix: str, whole: str, entry_point: str) -> str:
    """A program that defines the entry point, with what the prefix has before it."""
    whole = _without_shows(whole)
    before: list[str] = []
    for line in prefix.split("\n"):
        if _opens(line, entry_point):
            break
        before.append(line)
    both = "\n".join([*before, whole])
    return whole if _error_line(both) and not _error_line(whole) else both


def _completed(prefix: str, body: str) -> str:
    """The prefix with the most of the body that makes sense behind it."""
    lines = body.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    if not lines:
        return prefix
    head = prefix if prefix.endswith("\n") else prefix + "\n"
    deeper = ["    " + line if line.strip() else line for line in lines]
    best, most = prefix, 0
    for tried in (lines, ["    " + lines[0].lstrip(), *lines[1:]], deeper):
        kept = _cut(head, tried)
        if len(kept) > most:
            best, most = head + "\n".join(kept), len(kept)
    return _without_shows(best, definitions_only=True)


def _compiling(text: str, entry_point: str) -> str:
    """The part of a text that compiles and defines the entry point; "" where there is none."""
    lines = text.split("\n")
    starts = [0, *(i for i, line in enumerate(lines) if i and line.startswith(_STARTS))]
    for start in starts[:_TRIES]:
        kept = "\n".join(_cut("", lines[start:]))
        if kept.strip() and (not entry_point or _defines(kept, entry_point)):
            return kept
    return ""


def _cut(head: str, lines: list[str]) -> list[str]:
    """The first of the lines, up to where they no longer compile behind `head`."""
    above = head.count("\n")
    for _ in range(_TRIES):
        wrong = _error_line(head + "\n".join(lines))
        if not wrong:
            return lines
        lines = lines[: max(0, min(wrong - 1 - above, len(lines) - 1))]
        while lines and not lines[-1].strip():
            lines = lines[:-1]
        if not lines:
            break
    return []


def _error_line(source: str) -> int:
    """The line that keeps a source from compiling; 0 for none."""
    try:
        compile(source, "answer.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        return max(1, error.lineno or 1)
    except (ValueError, MemoryError, RecursionError):
        return 1
    return 0


def _tree(source: str) -> list[Any]:
    """The statements of a source at its top level; none where it does not compile."""
    try:
        tree: Any = compile(source, "answer.py", "exec", _ONLY_TREE, dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []
    return list(tree.body)


def _defines(source: str, entry_point: str) -> bool:
    for each in _tree(source):
        kind = type(each).__name__
        if kind in ("FunctionDef", "AsyncFunctionDef", "ClassDef") and each.name == entry_point:
            return True
        if kind == "Assign" and any(getattr(t, "id", "") == entry_point for t in each.targets):
            return True
    # a block that was cut off in the middle does not compile, but is the one that is meant
    return any(_opens(line, entry_point) for line in source.split("\n")) and bool(
        _error_line(source)
    )


def _only_defines(source: str) -> bool:
    found = _tree(source)
    return bool(found) and all(type(each).__name__ in _DEFINES for each in found)


def _opens(line: str, entry_point: str) -> bool:
    words = line.removeprefix("async ")
    for keyword in ("def ", "class "):
        name = words.removeprefix(keyword)
        if name != words and name.startswith(entry_point):
            return name[len(entry_point) :].lstrip()[:1] in ("(", ":", "")
    return False


def _without_shows(source: str, *, definitions_only: bool = False) -> str:
    """A program with its own checks and demonstrations at the top level made into empty lines.

    Behind a completed body nothing but definitions is meant: a model that only continues texts
    goes on to other problems.
    """
    lines = source.split("\n")
    for each in _tree(source):
        kind = type(each).__name__
        value = getattr(each, "value", None) if kind == "Expr" else None
        shows = getattr(getattr(value, "func", None), "id", "") in _SHOWS
        word = type(value).__name__ == "Name"  # of prose
        if kind == "Assert" or shows or word or (definitions_only and kind not in _DEFINES):
            lines[each.lineno - 1 : each.end_lineno] = [""] * (each.end_lineno - each.lineno + 1)
    without = "\n".join(lines)
    return source if _error_line(without) else without
