"""What reports of one state share, kept in this process' DuckDB: the company, its marts, whom each caller sees.

Who asks for something new waits for it; who asks meanwhile waits for the same. docs/decisions/0021 says why.
"""

import asyncio
import itertools
import weakref
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import duckdb
import pyarrow as pa

from api.people.seats import Seats
from api.reports import publishing
from api.reports.rules import Unit

T = TypeVar("T")


class Kept(Generic[T]):
    """The last `size` by their key; made once, however many ask at the same time."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, asyncio.Future[T]] = OrderedDict()

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        if key not in self._kept:
            self._kept[key] = asyncio.ensure_future(make())
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        found = self._kept[key]
        try:
            return await asyncio.shield(found)
        except BaseException:
            if found.done() and (found.cancelled() or found.exception()) and self._kept.get(key) is found:
                del self._kept[key]
            raise

    def has(self, key: Hashable) -> bool:
        return key in self._kept


@dataclass(frozen=True, eq=False)
class Company:
    """Everybody who works here, a row an employment: `people` is a table (n, person_id, person, team, u, …)."""

    people: str
    units: list[Unit]


@dataclass(frozen=True, eq=False)
class Book:
    """A mart joined with the company: `rows` has one an obligation or enrollment, `subjects` what each is of."""

    company: Company
    rows: str
    subjects: str
    courses: list[dict[str, Any]]
    as_of_xid: int


@dataclass(frozen=True, eq=False)
class Sight:
    """Whom one caller sees: `seats` is a table (n, depth, via). `held`: how many work in each unit."""

    company: Company
    seats: str
    count: int
    held: Counter[int]
    person_ids: list[str]
    """Empty above FEW: then row security alone narrows what is read of Postgres."""


FEW = 1000


class Published:
    """Tables go once nobody holds what names them."""

    def __init__(self, duck: duckdb.DuckDBPyConnection) -> None:
        self._duck = duck
        self._numbers = itertools.count(1)
        self.companies: Kept[Company] = Kept(2)
        self.books: Kept[Book] = Kept(6)
        self.sights: Kept[Sight] = Kept(32)
        self.answers: Kept[Any] = Kept(64)

    async def company(self, columns: dict[str, list[Any]], units: list[tuple[str, str, str | None]]) -> Company:
        found = Company(self._name("people"), [Unit(*unit) for unit in units])
        await self._make(found, publishing.company, found.people, columns, found.units)
        return found

    async def sight(self, company: Company, seats: Seats) -> Sight:
        name = self._name("sight")
        held, person_ids = await self._make(None, publishing.sight, name, company.people, seats, FEW)
        found = Sight(company, name, sum(held.values()), held, person_ids)
        weakref.finalize(found, self._drop, name)
        return found

    async def book(self, company: Company, mart: str, source: pa.Table, courses: pa.Table, day: Any) -> Book:
        rows, subjects = self._name("rows"), self._name("subjects")
        make = publishing.compliance if mart == "compliance" else publishing.progress
        xid, listed = await self._make(None, make, (company.people, rows, subjects), source, courses, day)
        found = Book(company, rows, subjects, listed, xid)
        weakref.finalize(found, self._drop, rows, subjects)
        return found

    def _name(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers)}"

    async def _make(self, owner: object | None, make: Callable[..., Any], *arguments: Any) -> Any:
        def run() -> Any:
            with self._duck.cursor() as cursor:
                return make(cursor, *arguments)

        made = await asyncio.to_thread(run)
        if owner is not None:
            weakref.finalize(owner, self._drop, arguments[0])
        return made

    def _drop(self, *tables: str) -> None:
        with self._duck.cursor() as cursor:
            for table in tables:
                cursor.execute(f"drop table if exists {table}")
