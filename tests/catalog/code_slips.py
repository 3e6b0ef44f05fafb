# ruff: noqa: E501
"""Slips in the right answers to the suite `code` that its tests must notice.

A slip is a piece of the right answer (which the scribe knows) and what stands wrongly in its place.
"""

from __future__ import annotations

SLIPS: dict[str, tuple[tuple[str, str], ...]] = {
    "letter-waves": (
        ("upper = True", "upper = False"),
        ("if character.isalpha():", "if True:"),
    ),
    "hide-mail": (
        ('or "@" in domain', ""),
        ("len(name) - 1", "len(name)"),
        ("not name or not domain", "not name"),
    ),
    "squeeze-runs": (
        ("length >= 3", "length >= 2"),
        ("length >= 3", "length > 3"),
    ),
    "missing-letters": (
        ("text.lower()", "text"),
        ("letter not in there", "letter in there"),
    ),
    "rotate-signs": (
        ("place + shift", "place - shift"),
        ("% len(circle)", "% 26 % len(circle)"),
    ),
    "wrap-words": (
        ("len(line) + 1 + len(word) <= width", "len(line) + len(word) <= width"),
        ("len(word) > width", "len(word) >= width + 2"),
        ('line += " " + word', "line += word"),
    ),
    "shared-folder": (
        ("[1:-1]", "[1:]"),
        ('"/" + "/".join(shared)', '"/".join(shared)'),
        ("            break", "            continue"),
    ),
    "seconds-of": (
        ("if not text or found is None", "if found is None"),
        ("86400", "84600"),
        ("fullmatch", "match"),
    ),
    "size-words": (
        ("if count < 1024", "if count <= 1024"),
        ("value = value / 1024", "value = value / 1000"),
        (' or unit == "TiB"', ""),
    ),
    "newer-version": (
        (
            "    first += [0] * (length - len(first))\n    second += [0] * (length - len(second))\n",
            "",
        ),
        ("(first > second) - (first < second)", "(one > other) - (one < other)"),
    ),
    "query-fields": (
        ("        if part:\n", "        if True:\n"),
        ('.replace("+", " ")', ""),
        (".partition(", ".rpartition("),
    ),
    "aligned-columns": (
        (".rstrip()", ""),
        ("cell.ljust(width)", "cell.rjust(width)"),
        ('"  ".join(cells)', '" ".join(cells)'),
    ),
    "lit-segments": (
        ("str(number)", "str(abs(number))"),
        ("3, 7, 6)", "4, 7, 6)"),
    ),
    "fewest-stamps": (
        ("min(ways) + 1", "max(ways) + 1"),
        ("-1 if best[postage] is None else best[postage]", "best[postage] or -1"),
    ),
    "trimmed-mean": (
        ("len(values) <= 2 * cut", "len(values) < 2 * cut"),
        ("cut < 0 or ", ""),
        ("kept = sorted(values)", "values.sort()\n    kept = values"),
    ),
    "nearest-multiple": (
        ("2 * (number - below) < step", "2 * (number - below) <= step"),
        ("below = number // step * step", "below = int(number / step) * step"),
    ),
    "fairest-cut": (
        ("difference < best[0]", "difference <= best[0]"),
        ("abs(total - 2 * left)", "abs(total - left)"),
        ("abs(total - 2 * left)", "total - 2 * left"),
    ),
    "widest-prime-gap": (
        ("range(2, limit + 1)", "range(2, limit)"),
        ("int(n**0.5) + 1", "int(n**0.5)"),
        (", default=0", ""),
    ),
    "change-base": (
        ('made or "0"', "made"),
        ("signs[:source]", "signs"),
        ("signs[rest] + made", "made + signs[rest]"),
    ),
    "take-turns": (
        ("max(map(len, lists), default=0)", "min(map(len, lists), default=0)"),
        ("if turn < len(items)", "if turn < len(items) and items[turn] is not None"),
    ),
    "free-slots": (
        ("here = max(here, finish)", "here = finish"),
        ("sorted(busy)", "busy"),
        ("begin = min(begin, end)", "begin = begin"),
        ("begin > here", "begin >= here"),
    ),
    "deepest-fall": (
        ("max(fall, highest - price)", "highest - price"),
        ("else max(highest, price)", "else price"),
    ),
    "number-ranges": (
        ("sorted(numbers)", "numbers"),
        ("if a == b else", "if b - a < 2 else"),
        ('", ".join', '",".join'),
    ),
    "slanted-lines": (
        ("    if not table:\n        return []\n", ""),
        (".append(value)", ".insert(0, value)"),
    ),
    "places": (
        ("points.values())", "set(points.values()))"),
        ("other > own", "other < own"),
        ("1 + sum", "sum"),
    ),
    "frequent-words": (
        ("text.lower()", "text"),
        ("(-found[word], word)", "-found[word]"),
        ('"[a-z]+"', '"[a-z0-9]+"'),
        ("(-found[word], word)", "(found[word], word)"),
    ),
    "flatten-to": (
        ("depth - 1", "depth"),
        ("depth > 0", "depth >= 0"),
        ("isinstance(item, list)", "isinstance(item, (list, tuple))"),
    ),
    "merge-deep": (
        ("made = dict(base)", "made = base"),
        ("merge_deep(old, new)", "{**old, **new}"),
        ("old + new", "new + old"),
    ),
    "word-index": (
        ("start=1", "start=0"),
        ('.rstrip(".,")', '.strip(".,")[:-1]'),
        ("if word and", "if"),
        (" and number not in index.get(word, [])", ""),
    ),
    "what-changed": (
        ("(old[key], new[key])", "(new[key], old[key])"),
        ("sorted(new.keys() - old.keys())", "sorted(key for key in new if not old.get(key))"),
        (" and old[key] != new[key]", ""),
    ),
    "cross-table": (
        ("cells.get(record[column], 0) + record[value]", "record[value]"),
        ("table.setdefault(record[row], {})", "table.setdefault(record[column], {})"),
    ),
    "build-order": (
        ("ready = min(", "ready = max("),
        ("waiting.setdefault(part, set())", "pass"),
        ('raise ValueError("a circle")', "break"),
    ),
    "steps-through-maze": (
        ("(y - 1, x), ", ""),
        ("queue.popleft()", "queue.pop()"),
        ("return -1", "return None"),
        ("(y, x + 1), (y, x - 1))", "(y, x + 1), (y, x - 1), (y + 1, x + 1), (y - 1, x - 1))"),
    ),
    "fill-the-bag": (
        ("range(limit, weight - 1, -1)", "range(weight, limit + 1)"),
        ("range(limit, weight - 1, -1)", "range(limit, weight, -1)"),
    ),
    "small-calculator": (
        ("        value = product()\n        while", "        value = factor()\n        while"),
        ("return -factor()", "return -total()"),
        ("value - product()", "value - total()"),
    ),
    "recent-cache": (
        (
            "        value = self.entries.pop(key)\n        self.entries[key] = value\n        return value",
            "        return self.entries[key]",
        ),
        ("        self.entries.pop(key, None)\n", ""),
        ("> self.capacity", ">= self.capacity + 2"),
    ),
    "one-slip": (
        (") == 1", ") <= 1"),
        ("one, other = other, one", "pass"),
        (
            "return any(other[:i] + other[i + 1 :] == one for i in range(len(other)))",
            "return len(other) - len(one) == 1",
        ),
    ),
    "lakes-on-a-map": (
        (
            "(y, x - 1))",
            "(y, x - 1), (y + 1, x + 1), (y - 1, x - 1), (y + 1, x - 1), (y - 1, x + 1))",
        ),
        ("reached.append(place)", "pass"),
    ),
    "bracket-depth": (
        ("if position % 2:", "if False:"),
        ("            if depth < 0:\n                return -1\n", ""),
        ("return -1 if depth else deepest", "return deepest"),
    ),
    "name-pattern": (
        ("return len(name) in ends", "return bool(ends)"),
        ("range(min(ends), len(name) + 1)", "range(min(ends) + 1, len(name) + 1)"),
        ('sign in ("?", name[end])', "sign == name[end]"),
    ),
    "robot-walk": (
        ('1 if command == "R" else -1', '1 if command == "L" else -1'),
        ('1 if command[0] == "F" else -1', "1"),
        ("raise ValueError(command)", "continue"),
    ),
    "clock-words": (
        ("(hour + 1) % 12", "hour % 12"),
        ("minute <= 30", "minute <= 35 and minute in MINUTES and minute < 30"),
        ('15: "a quarter"', '15: "quarter"'),
    ),
    "seat-groups": (
        ("max(0, place - 1)", "place"),
        ("place + size + 1]", "place + size]"),
        ("place += size + 1", "place += size"),
    ),
}
