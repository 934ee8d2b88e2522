"""The same five people at four vendors, each speaking as its vendor documents it."""

PEOPLE = [
    # number, first, last, job, unit, manager, from, until
    ("1", "Ada", "Lovelace", "Managing director", "Plant North", None, "2019-01-01", None),
    ("2", "Grace", "Hopper", "Head of Research", "Research", "1", "2021-04-01", None),
    ("3", "Alan", "Turing", "Mathematician", "Research", "2", "2020-01-01", "2026-10-31"),
    ("4", "Marie", "Curie", "Chemist", "Research", "2", "2022-01-01", None),
    ("5", "Emmy", "Noether", "Algebraist", "Plant North", "1", "2022-01-01", None),
]
CHANGED = "2"
MOVES = {"2": [("2021-04-01", "Chemist"), ("2024-02-29", "Head of Research")]}
