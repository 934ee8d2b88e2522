"""Finding the employee number of a manager, however a source names one."""

import re
from collections import defaultdict

Node = tuple[int, ...]

# SQL Server's hierarchyid: prefix and value bits of one step for small positive ordinals; T is its end bit.
# Source: the bit patterns of the published Microsoft.SqlServer.Types reimplementation (MIT).
PATTERNS = [(0, "01xxT"), (4, "100xxT"), (8, "101xxxT"), (16, "110xx0x1xxxT"), (80, "1110xxx0xxx0x1xxxT")]


def node_of(text: str) -> Node:
    """'0x5AC0' -> (1, 1): the steps from the root; ValueError for what is no hierarchyid."""
    digits = text.removeprefix("0x")
    bits = bin(int("1" + digits, 16))[3:]
    steps: list[int] = []
    while "1" in bits:
        first, pattern = _pattern(bits)
        taken, bits = bits[: len(pattern)], bits[len(pattern) :]
        value = int("".join(bit for bit, mark in zip(taken, pattern, strict=True) if mark == "x"), 2)
        steps.append(first + value)
    return tuple(steps)


def _pattern(bits: str) -> tuple[int, str]:
    for first, pattern in PATTERNS:
        fits = len(bits) >= len(pattern) and all(m in "xT" or m == b for b, m in zip(bits, pattern, strict=False))
        if fits and bits[len(pattern) - 1] == "1":
            return first, pattern
    raise ValueError(f"{bits} is no step of a hierarchyid")


def by_node(nodes: dict[str, str | None]) -> tuple[dict[str, str | None], dict[str, str]]:
    """(manager number by employee number, complaint by employee number); the one without a node is the root."""
    places: dict[Node, str] = {}
    found: dict[str, Node] = {}
    complaints: dict[str, str] = {}
    for number, text in nodes.items():
        try:
            found[number] = node_of(text) if text else ()
        except ValueError:
            complaints[number] = f"manager unknown: {text!r} is no place in the hierarchy"
            continue
        places.setdefault(found[number], number)
    managers = {number: places.get(node[:-1]) if node else None for number, node in found.items()}
    for number, node in found.items():
        if node and managers[number] is None:
            complaints[number] = "manager unknown: nobody has the place above"
    return managers, complaints


def by_name(people: dict[str, str], names: dict[str, str | None]) -> tuple[dict[str, str | None], dict[str, str]]:
    """As `by_node`, for managers given as 'First Last': the one person with that first and last name."""
    known: dict[str, list[str]] = defaultdict(list)
    for number, name in people.items():
        known[_short(name)].append(number)
    managers: dict[str, str | None] = {}
    complaints: dict[str, str] = {}
    for number, asked in names.items():
        matches = known.get(_short(asked), []) if asked else []
        managers[number] = matches[0] if len(matches) == 1 else None
        if asked and len(matches) != 1:
            complaints[number] = f"manager unknown: {len(matches) or 'none'} of the people is called {asked!r}"
    return managers, complaints


def by_number(people: dict[str, str], numbers: dict[str, str | None]) -> tuple[dict[str, str | None], dict[str, str]]:
    """As `by_node`, for managers given by employee number."""
    complaints = {
        number: f"manager unknown: there is no employee number {manager!r}"
        for number, manager in numbers.items()
        if manager and manager not in people
    }
    return dict(numbers), complaints


def _short(name: str) -> str:
    """First and last word, without case: middle names and initials don't count."""
    words = re.sub(r"\s+", " ", name).strip().casefold().split(" ")
    return f"{words[0]} {words[-1]}"
