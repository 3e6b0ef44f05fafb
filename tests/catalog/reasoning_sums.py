"""The sums behind the word problems of the suite `reasoning`, as Python."""
# ruff: noqa: E501

SUMS = {
    "bread-rolls": "7 * 12 - 59",
    "bus-passengers": "18 - 5 + 9 - 11 + 4",
    "ribbon-rest": "300 % 24",
    "books-on-loan": "6 * 35 + 3 * 28 - 47",
    "stationery-change": "20 - 3 * 2.4 - 2 * 1.15",
    "late-film": "(19 * 60 + 50 + 137 + 15) - 22 * 60",
    "leaking-tank": "(240 - 240 / 4) / (8 - 3)",
    "coat-price": "160 * 0.75 * 1.1",
    "fence-painters": "4 * 6 / 3",
    "thin-juice": "6 * 0.3 / 0.2 - 6",
    "sixth-test": "6 * 78 - 5 * 76",
    "two-cyclists": "54 / (15 + 21) * 60",
    "ida-and-brother": "next(3 * b for b in range(100) if 3 * b + 8 == 2 * (b + 8))",
    "kitchen-tiles": "-(-(480 // 40) * (360 // 40) // 10)",
    "handshakes": "next(n for n in range(2, 100) if n * (n - 1) // 2 == 66)",
    "page-digits": "sum(len(str(n)) for n in range(1, 251))",
    "two-candles": "(30 - 24) / (3 - 2)",
    "francs-and-back": "(500 * 1.2 - 240) / 1.25",
    "fast-clock": "(9 * 60 + 4) * 60 / 64",
    "ten-steps": "(lambda f: f(f, 10))(lambda f, n: 1 if n < 2 else f(f, n - 1) + f(f, n - 2))",
    "four-or-six": "sum((n % 4 == 0) != (n % 6 == 0) for n in range(1, 301))",
    "same-colour": "round(100 * (5 * 4 + 3 * 2) / (8 * 7))",
    "pipes-and-drain": "1 / (1 / 6 + 1 / 4 - 1 / 12)",
    "swapped-digits": "next(10 * a + b for a in range(1, 10) for b in range(10) if 10 * a + b == 4 * (a + b) and 10 * b + a == 10 * a + b + 27)",
}
