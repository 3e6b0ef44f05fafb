# ruff: noqa: E501
"""Right answers to the suite `code`, and slips in them that its tests must notice.

They live here so that no prompts file carries them. A slip is a piece of the right answer and what
stands wrongly in its place.
"""

from __future__ import annotations

ANSWERS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "letter-waves": (
        r"""
def letter_waves(text):
    upper = True
    made = []
    for character in text:
        if character.isalpha():
            made.append(character.upper() if upper else character.lower())
            upper = not upper
        else:
            made.append(character)
    return "".join(made)
""",
        (
            ("upper = True", "upper = False"),
            ("if character.isalpha():", "if True:"),
        ),
    ),
    "hide-mail": (
        r"""
def hide_mail(address):
    name, at, domain = address.partition("@")
    if not name or not domain or "@" in domain:
        raise ValueError("not an address")
    return name[0] + "*" * (len(name) - 1) + at + domain
""",
        (
            ('or "@" in domain', ""),
            ("len(name) - 1", "len(name)"),
            ("not name or not domain", "not name"),
        ),
    ),
    "squeeze-runs": (
        r"""
from itertools import groupby

def squeeze_runs(text):
    parts = []
    for character, run in groupby(text):
        length = len(list(run))
        parts.append(f"{character}*{length}" if length >= 3 else character * length)
    return "".join(parts)
""",
        (
            ("length >= 3", "length >= 2"),
            ("length >= 3", "length > 3"),
        ),
    ),
    "missing-letters": (
        r"""
def missing_letters(text):
    there = set(text.lower())
    return "".join(letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in there)
""",
        (
            ("text.lower()", "text"),
            ("letter not in there", "letter in there"),
        ),
    ),
    "rotate-signs": (
        r"""
from string import ascii_lowercase, ascii_uppercase, digits

def rotate_signs(text, shift):
    table = {}
    for circle in (ascii_lowercase, ascii_uppercase, digits):
        for place, sign in enumerate(circle):
            table[sign] = circle[(place + shift) % len(circle)]
    return "".join(table.get(sign, sign) for sign in text)
""",
        (
            ("place + shift", "place - shift"),
            ("% len(circle)", "% 26 % len(circle)"),
        ),
    ),
    "wrap-words": (
        r"""
def wrap_words(text, width):
    lines = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) <= width:
            line += " " + word
            continue
        if line:
            lines.append(line)
        while len(word) > width:
            lines.append(word[:width])
            word = word[width:]
        line = word
    if line:
        lines.append(line)
    return lines
""",
        (
            ("len(line) + 1 + len(word) <= width", "len(line) + len(word) <= width"),
            ("len(word) > width", "len(word) >= width + 2"),
            ('line += " " + word', "line += word"),
        ),
    ),
    "shared-folder": (
        r"""
def shared_folder(paths):
    folders = [path.split("/")[1:-1] for path in paths]
    shared = []
    for names in zip(*folders):
        if len(set(names)) > 1:
            break
        shared.append(names[0])
    return "/" + "/".join(shared)
""",
        (
            ("[1:-1]", "[1:]"),
            ('"/" + "/".join(shared)', '"/".join(shared)'),
            ("            break", "            continue"),
        ),
    ),
    "seconds-of": (
        r"""
import re

def seconds_of(text):
    found = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text)
    if not text or found is None:
        raise ValueError(text)
    lengths = (86400, 3600, 60, 1)
    return sum(int(number) * length for number, length in zip(found.groups(), lengths) if number)
""",
        (
            ("if not text or found is None", "if found is None"),
            ("86400", "84600"),
            ("fullmatch", "match"),
        ),
    ),
    "size-words": (
        r"""
def size_words(count):
    if count < 0:
        raise ValueError("negative")
    if count < 1024:
        return f"{count} B"
    value = count
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        value = value / 1024
        if value < 1024 or unit == "TiB":
            return f"{value:.1f} {unit}"
""",
        (
            ("if count < 1024", "if count <= 1024"),
            ("value = value / 1024", "value = value / 1000"),
            (' or unit == "TiB"', ""),
        ),
    ),
    "newer-version": (
        r"""
def newer_version(one, other):
    first = [int(part) for part in one.split(".")]
    second = [int(part) for part in other.split(".")]
    length = max(len(first), len(second))
    first += [0] * (length - len(first))
    second += [0] * (length - len(second))
    return (first > second) - (first < second)
""",
        (
            (
                "    first += [0] * (length - len(first))\n    second += [0] * (length - len(second))\n",
                "",
            ),
            ("(first > second) - (first < second)", "(one > other) - (one < other)"),
        ),
    ),
    "query-fields": (
        r"""
def query_fields(query):
    fields = {}
    for part in query.split("&"):
        if part:
            name, _, value = part.replace("+", " ").partition("=")
            fields.setdefault(name, []).append(value)
    return fields
""",
        (
            ("        if part:\n", "        if True:\n"),
            ('.replace("+", " ")', ""),
            (".partition(", ".rpartition("),
        ),
    ),
    "aligned-columns": (
        r"""
def aligned_columns(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
""",
        (
            (".rstrip()", ""),
            ("cell.ljust(width)", "cell.rjust(width)"),
            ('"  ".join(cells)', '" ".join(cells)'),
        ),
    ),
    "lit-segments": (
        r"""
def lit_segments(number):
    bars = (6, 2, 5, 5, 4, 5, 6, 3, 7, 6)
    return sum(1 if sign == "-" else bars[int(sign)] for sign in str(number))
""",
        (
            ("str(number)", "str(abs(number))"),
            ("3, 7, 6)", "4, 7, 6)"),
        ),
    ),
    "fewest-stamps": (
        r"""
def fewest_stamps(postage, values):
    best = [0] + [None] * postage
    for amount in range(1, postage + 1):
        ways = [best[amount - value] for value in values if value <= amount]
        ways = [way for way in ways if way is not None]
        if ways:
            best[amount] = min(ways) + 1
    return -1 if best[postage] is None else best[postage]
""",
        (
            ("min(ways) + 1", "max(ways) + 1"),
            ("-1 if best[postage] is None else best[postage]", "best[postage] or -1"),
        ),
    ),
    "trimmed-mean": (
        r"""
def trimmed_mean(values, cut):
    if cut < 0 or len(values) <= 2 * cut:
        raise ValueError("nothing is left")
    kept = sorted(values)[cut : len(values) - cut]
    return sum(kept) / len(kept)
""",
        (
            ("len(values) <= 2 * cut", "len(values) < 2 * cut"),
            ("cut < 0 or ", ""),
            ("kept = sorted(values)", "values.sort()\n    kept = values"),
        ),
    ),
    "nearest-multiple": (
        r"""
def nearest_multiple(number, step):
    below = number // step * step
    return below if 2 * (number - below) < step else below + step
""",
        (
            ("2 * (number - below) < step", "2 * (number - below) <= step"),
            ("below = number // step * step", "below = int(number / step) * step"),
        ),
    ),
    "fairest-cut": (
        r"""
def fairest_cut(weights):
    total = sum(weights)
    best = None
    left = 0
    for count in range(1, len(weights)):
        left += weights[count - 1]
        difference = abs(total - 2 * left)
        if best is None or difference < best[0]:
            best = (difference, count)
    return best[1]
""",
        (
            ("difference < best[0]", "difference <= best[0]"),
            ("abs(total - 2 * left)", "abs(total - left)"),
            ("abs(total - 2 * left)", "total - 2 * left"),
        ),
    ),
    "widest-prime-gap": (
        r"""
def widest_prime_gap(limit):
    primes = [n for n in range(2, limit + 1) if all(n % d for d in range(2, int(n**0.5) + 1))]
    return max((b - a for a, b in zip(primes, primes[1:])), default=0)
""",
        (
            ("range(2, limit + 1)", "range(2, limit)"),
            ("int(n**0.5) + 1", "int(n**0.5)"),
            (", default=0", ""),
        ),
    ),
    "change-base": (
        r"""
def change_base(digits, source, target):
    signs = "0123456789abcdef"
    number = 0
    for digit in digits:
        number = number * source + signs[:source].index(digit)
    made = ""
    while number:
        number, rest = divmod(number, target)
        made = signs[rest] + made
    return made or "0"
""",
        (
            ('made or "0"', "made"),
            ("signs[:source]", "signs"),
            ("signs[rest] + made", "made + signs[rest]"),
        ),
    ),
    "take-turns": (
        r"""
def take_turns(*lists):
    longest = max(map(len, lists), default=0)
    return [items[turn] for turn in range(longest) for items in lists if turn < len(items)]
""",
        (
            ("max(map(len, lists), default=0)", "min(map(len, lists), default=0)"),
            ("if turn < len(items)", "if turn < len(items) and items[turn] is not None"),
        ),
    ),
    "free-slots": (
        r"""
def free_slots(busy, start, end):
    free = []
    here = start
    for begin, finish in sorted(busy):
        begin = min(begin, end)
        if begin > here:
            free.append((here, begin))
        here = max(here, finish)
    if here < end:
        free.append((here, end))
    return free
""",
        (
            ("here = max(here, finish)", "here = finish"),
            ("sorted(busy)", "busy"),
            ("begin = min(begin, end)", "begin = begin"),
            ("begin > here", "begin >= here"),
        ),
    ),
    "deepest-fall": (
        r"""
def deepest_fall(prices):
    highest, fall = None, 0
    for price in prices:
        highest = price if highest is None else max(highest, price)
        fall = max(fall, highest - price)
    return fall
""",
        (
            ("max(fall, highest - price)", "highest - price"),
            ("else max(highest, price)", "else price"),
        ),
    ),
    "number-ranges": (
        r"""
def number_ranges(numbers):
    ranges = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in ranges)
""",
        (
            ("sorted(numbers)", "numbers"),
            ("if a == b else", "if b - a < 2 else"),
            ('", ".join', '",".join'),
        ),
    ),
    "slanted-lines": (
        r"""
def slanted_lines(table):
    if not table:
        return []
    lines = [[] for _ in range(len(table) + len(table[0]) - 1)]
    for y, row in enumerate(table):
        for x, value in enumerate(row):
            lines[x + y].append(value)
    return lines
""",
        (
            ("    if not table:\n        return []\n", ""),
            (".append(value)", ".insert(0, value)"),
        ),
    ),
    "places": (
        r"""
def places(points):
    return {
        name: 1 + sum(other > own for other in points.values()) for name, own in points.items()
    }
""",
        (
            ("points.values())", "set(points.values()))"),
            ("other > own", "other < own"),
            ("1 + sum", "sum"),
        ),
    ),
    "frequent-words": (
        r"""
import re
from collections import Counter

def frequent_words(text, count):
    found = Counter(re.findall("[a-z]+", text.lower()))
    return sorted(found, key=lambda word: (-found[word], word))[:count]
""",
        (
            ("text.lower()", "text"),
            ("(-found[word], word)", "-found[word]"),
            ('"[a-z]+"', '"[a-z0-9]+"'),
            ("(-found[word], word)", "(found[word], word)"),
        ),
    ),
    "flatten-to": (
        r"""
def flatten_to(items, depth):
    made = []
    for item in items:
        if isinstance(item, list) and depth > 0:
            made.extend(flatten_to(item, depth - 1))
        else:
            made.append(item)
    return made
""",
        (
            ("depth - 1", "depth"),
            ("depth > 0", "depth >= 0"),
            ("isinstance(item, list)", "isinstance(item, (list, tuple))"),
        ),
    ),
    "merge-deep": (
        r"""
def merge_deep(base, change):
    made = dict(base)
    for key, new in change.items():
        old = made.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            made[key] = merge_deep(old, new)
        elif isinstance(old, list) and isinstance(new, list):
            made[key] = old + new
        else:
            made[key] = new
    return made
""",
        (
            ("made = dict(base)", "made = base"),
            ("merge_deep(old, new)", "{**old, **new}"),
            ("old + new", "new + old"),
        ),
    ),
    "word-index": (
        r"""
def word_index(pages):
    index = {}
    for number, page in enumerate(pages, start=1):
        for word in page.lower().split():
            word = word.rstrip(".,")
            if word and number not in index.get(word, []):
                index.setdefault(word, []).append(number)
    return index
""",
        (
            ("start=1", "start=0"),
            ('.rstrip(".,")', '.strip(".,")[:-1]'),
            ("if word and", "if"),
            (" and number not in index.get(word, [])", ""),
        ),
    ),
    "what-changed": (
        r"""
def what_changed(old, new):
    return {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "changed": {
            key: (old[key], new[key]) for key in old if key in new and old[key] != new[key]
        },
    }
""",
        (
            ("(old[key], new[key])", "(new[key], old[key])"),
            ("sorted(new.keys() - old.keys())", "sorted(key for key in new if not old.get(key))"),
            (" and old[key] != new[key]", ""),
        ),
    ),
    "cross-table": (
        r"""
def cross_table(records, row, column, value):
    table = {}
    for record in records:
        cells = table.setdefault(record[row], {})
        cells[record[column]] = cells.get(record[column], 0) + record[value]
    return table
""",
        (
            ("cells.get(record[column], 0) + record[value]", "record[value]"),
            ("table.setdefault(record[row], {})", "table.setdefault(record[column], {})"),
        ),
    ),
    "build-order": (
        r"""
def build_order(needs):
    waiting = {part: set(before) for part, before in needs.items()}
    for before in needs.values():
        for part in before:
            waiting.setdefault(part, set())
    order = []
    while waiting:
        ready = min((part for part, before in waiting.items() if not before), default=None)
        if ready is None:
            raise ValueError("a circle")
        order.append(ready)
        del waiting[ready]
        for before in waiting.values():
            before.discard(ready)
    return order
""",
        (
            ("ready = min(", "ready = max("),
            ("waiting.setdefault(part, set())", "pass"),
            ('raise ValueError("a circle")', "break"),
        ),
    ),
    "steps-through-maze": (
        r"""
from collections import deque

def maze_steps(rows):
    [start] = [(y, x) for y, row in enumerate(rows) for x, c in enumerate(row) if c == "S"]
    steps = {start: 0}
    queue = deque([start])
    while queue:
        y, x = queue.popleft()
        if rows[y][x] == "E":
            return steps[y, x]
        for place in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
            inside = 0 <= place[0] < len(rows) and 0 <= place[1] < len(rows[0])
            if inside and rows[place[0]][place[1]] != "#" and place not in steps:
                steps[place] = steps[y, x] + 1
                queue.append(place)
    return -1
""",
        (
            ("(y - 1, x), ", ""),
            ("queue.popleft()", "queue.pop()"),
            ("return -1", "return None"),
            ("(y, x + 1), (y, x - 1))", "(y, x + 1), (y, x - 1), (y + 1, x + 1), (y - 1, x - 1))"),
        ),
    ),
    "fill-the-bag": (
        r"""
def fill_bag(things, limit):
    best = [0] * (limit + 1)
    for weight, worth in things:
        for room in range(limit, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + worth)
    return best[limit]
""",
        (
            ("range(limit, weight - 1, -1)", "range(weight, limit + 1)"),
            ("range(limit, weight - 1, -1)", "range(limit, weight, -1)"),
        ),
    ),
    "small-calculator": (
        r"""
import re

def calculate(expression):
    parts = re.findall(r"\d+|[-+*/()]", expression)
    place = 0

    def take():
        nonlocal place
        place += 1
        return parts[place - 1]

    def follows(signs):
        return place < len(parts) and parts[place] in signs

    def factor():
        part = take()
        if part == "-":
            return -factor()
        if part == "(":
            value = total()
            take()
            return value
        return int(part)

    def product():
        value = factor()
        while follows(("*", "/")):
            value = value * factor() if take() == "*" else value / factor()
        return value

    def total():
        value = product()
        while follows(("+", "-")):
            value = value + product() if take() == "+" else value - product()
        return value

    return total()
""",
        (
            ("        value = product()\n        while", "        value = factor()\n        while"),
            ("return -factor()", "return -total()"),
            ("value - product()", "value - total()"),
        ),
    ),
    "recent-cache": (
        r"""
class RecentCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}

    def get(self, key):
        if key not in self.entries:
            return None
        value = self.entries.pop(key)
        self.entries[key] = value
        return value

    def put(self, key, value):
        self.entries.pop(key, None)
        self.entries[key] = value
        if len(self.entries) > self.capacity:
            del self.entries[next(iter(self.entries))]

    def __len__(self):
        return len(self.entries)
""",
        (
            (
                "        value = self.entries.pop(key)\n        self.entries[key] = value\n        return value",
                "        return self.entries[key]",
            ),
            ("        self.entries.pop(key, None)\n", ""),
            ("> self.capacity", ">= self.capacity + 2"),
        ),
    ),
    "one-slip": (
        r"""
def one_slip(one, other):
    if len(one) > len(other):
        one, other = other, one
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other)) == 1
    return any(other[:i] + other[i + 1 :] == one for i in range(len(other)))
""",
        (
            (") == 1", ") <= 1"),
            ("one, other = other, one", "pass"),
            (
                "return any(other[:i] + other[i + 1 :] == one for i in range(len(other)))",
                "return len(other) - len(one) == 1",
            ),
        ),
    ),
    "lakes-on-a-map": (
        r"""
def count_lakes(rows):
    water = {(y, x) for y, row in enumerate(rows) for x, c in enumerate(row) if c == "~"}
    lakes = 0
    while water:
        lakes += 1
        reached = [water.pop()]
        while reached:
            y, x = reached.pop()
            for place in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                if place in water:
                    water.remove(place)
                    reached.append(place)
    return lakes
""",
        (
            (
                "(y, x - 1))",
                "(y, x - 1), (y + 1, x + 1), (y - 1, x - 1), (y + 1, x - 1), (y - 1, x + 1))",
            ),
            ("reached.append(place)", "pass"),
        ),
    ),
    "bracket-depth": (
        r"""
def bracket_depth(text):
    depth = deepest = 0
    for position, part in enumerate(text.split('"')):
        if position % 2:
            continue
        for character in part:
            depth += (character == "(") - (character == ")")
            if depth < 0:
                return -1
            deepest = max(deepest, depth)
    return -1 if depth else deepest
""",
        (
            ("if position % 2:", "if False:"),
            ("            if depth < 0:\n                return -1\n", ""),
            ("return -1 if depth else deepest", "return deepest"),
        ),
    ),
    "name-pattern": (
        r"""
def fits_pattern(name, pattern):
    ends = {0}
    for sign in pattern:
        if sign == "*":
            ends = set(range(min(ends), len(name) + 1)) if ends else set()
        else:
            ends = {end + 1 for end in ends if end < len(name) and sign in ("?", name[end])}
    return len(name) in ends
""",
        (
            ("return len(name) in ends", "return bool(ends)"),
            ("range(min(ends), len(name) + 1)", "range(min(ends) + 1, len(name) + 1)"),
            ('sign in ("?", name[end])', "sign == name[end]"),
        ),
    ),
    "robot-walk": (
        r"""
def robot_walk(commands):
    directions = ("N", "E", "S", "W")
    moves = ((0, 1), (1, 0), (0, -1), (-1, 0))
    x = y = look = 0
    for command in commands.split():
        if command in ("L", "R"):
            look = (look + (1 if command == "R" else -1)) % 4
        elif command[0] in "FB" and command[1:].isdecimal():
            steps = int(command[1:]) * (1 if command[0] == "F" else -1)
            x, y = x + steps * moves[look][0], y + steps * moves[look][1]
        else:
            raise ValueError(command)
    return (x, y, directions[look])
""",
        (
            ('1 if command == "R" else -1', '1 if command == "L" else -1'),
            ('1 if command[0] == "F" else -1', "1"),
            ("raise ValueError(command)", "continue"),
        ),
    ),
    "clock-words": (
        r"""
HOURS = "twelve one two three four five six seven eight nine ten eleven".split()
MINUTES = {5: "five", 10: "ten", 15: "a quarter", 20: "twenty", 25: "twenty-five", 30: "half"}

def clock_words(hour, minute):
    if minute == 0:
        return f"{HOURS[hour % 12]} o'clock"
    if minute <= 30:
        return f"{MINUTES[minute]} past {HOURS[hour % 12]}"
    return f"{MINUTES[60 - minute]} to {HOURS[(hour + 1) % 12]}"
""",
        (
            ("(hour + 1) % 12", "hour % 12"),
            ("minute <= 30", "minute <= 35 and minute in MINUTES and minute < 30"),
            ('15: "a quarter"', '15: "quarter"'),
        ),
    ),
    "seat-groups": (
        r"""
def seat_groups(row, size):
    groups = 0
    place = 0
    while place + size <= len(row):
        around = row[max(0, place - 1) : place + size + 1]
        if "x" in around:
            place += 1
        else:
            groups += 1
            place += size + 1
    return groups
""",
        (
            ("max(0, place - 1)", "place"),
            ("place + size + 1]", "place + size]"),
            ("place += size + 1", "place += size"),
        ),
    ),
}
