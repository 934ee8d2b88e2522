"""A SCIM filter as a condition in SQL over `folded`, so that it never walks resources in memory.

`eq` is containment, which the GIN index answers; the rest walks JSON. It agrees with scim2-models' own `match`
(tests/api/scim/test_filters.py compares them).
"""

import json
from datetime import datetime
from typing import Any

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from api.scim.rules import as_key

ORDER = {CompareOperator.gt: ">", CompareOperator.ge: ">=", CompareOperator.lt: "<", CompareOperator.le: "<="}
EXACT = {CompareOperator.eq: "=", CompareOperator.ne: "<>"}
COLUMNS = {"id": "r.id::text", "meta.created": "r.created_at", "meta.lastmodified": "r.modified_at"}
COLUMNS["meta.resourcetype"] = "lower(r.kind)"
MEMBERSHIP = {"members": ("group_id", "user_id"), "groups": ("user_id", "group_id")}
SCALARS = '.** ? ((@.type() == "string" && @ != "") || @.type() == "number" || @.type() == "boolean")'


class SqlFilter(FilterVisitor[str]):
    """Visit once; then `parameters` are what the condition names. Of one resource type: `r` is its row."""

    def __init__(self, bound: ScimFilter[Any], prefix: str = "f") -> None:
        self._filter, self._prefix = bound, prefix
        self._document, self._inside = "r.folded", ""
        self.parameters: dict[str, Any] = {}

    def visit_logical_expr(self, node: LogicalExpr) -> str:
        joined = " and " if node.op == LogicalOperator.and_ else " or "
        return "(" + joined.join(self.visit(term) for term in node.terms) + ")"

    def visit_not(self, node: Not) -> str:
        return f"(not {self.visit(node.expr)})"

    def visit_value_path(self, node: ValuePath) -> str:
        """The inner filter looks at one entry of the list at a time."""
        head = node.attr_path
        if head.attr.lower() in MEMBERSHIP:
            return self._membership_in(head, node)
        if self._filter.resolve(head, strict=False) is None:
            return "false"
        entries = self._bind(_path(head) + "[*]")
        outer, self._document, self._inside = self._document, "entry.item", str(head)
        inner = self.visit(node.val_filter)
        self._document, self._inside = outer, ""
        return f"exists (select from jsonb_path_query({outer}, cast({entries} as jsonpath)) entry(item) where {inner})"

    def visit_present(self, node: Present) -> str:
        where = self._full(node.attr_path)
        if where.attr.lower() in MEMBERSHIP:
            return self._membership(where.attr.lower(), None)
        if where.attr.lower() in ("id", "meta"):
            return "true"
        if self._filter.resolve(where, strict=False) is None:
            return "false"
        path = self._bind(_path(node.attr_path) + SCALARS)
        return f"jsonb_path_exists({self._document}, cast({path} as jsonpath))"

    def visit_comparison(self, node: Comparison) -> str:
        where = self._full(node.attr_path)
        binding = self._filter.resolve_comparison(where, strict=False)
        if binding is None:
            return "false"
        if node.value is None:
            raise InvalidFilterException(detail=f"Ask `{where} pr` or `not ({where} pr)` instead of comparing to null.")
        name = where.attr.lower()
        if name in MEMBERSHIP:
            return self._membership_comparison(node, name)
        if name in ("id", "meta"):
            return self._column(node, binding, ".".join(part.lower() for part in str(where).split(".")))
        return self._compare(node, binding)

    def _compare(self, node: Comparison, binding: AttributeBinding) -> str:
        value = binding.comparable(node.value)
        sub = node.attr_path.sub_attr or (binding.sub_field_name if not self._inside else None)
        place = AttrPath(attr=node.attr_path.attr, sub_attr=sub, uri=node.attr_path.uri)
        if node.op in EXACT:
            said: Any = {sub.lower(): value} if sub else value
            said = {place.attr.lower(): [said] if binding.is_multivalued and not self._inside else said}
            said = {place.uri.lower(): said} if place.uri and _is_extension(place.uri) else said
            contained = f"{self._document} @> cast({self._bind(json.dumps(said))} as jsonb)"
            return contained if node.op == CompareOperator.eq else f"(not {contained})"
        path = self._bind(_path(place) + ("[*]" if not sub else ""))
        found = f"jsonb_path_query({self._document}, cast({path} as jsonpath)) found(item)"
        same = self._text_operation(node.op, "(found.item #>> '{}')", str(value))
        return f"exists (select from {found} where {same})"

    def _text_operation(self, op: CompareOperator, text: str, value: str) -> str:
        needle = f"cast({self._bind(value)} as text)"
        if op == CompareOperator.co:
            return f"position({needle} in {text}) > 0"
        if op == CompareOperator.sw:
            return f"starts_with({text}, {needle})"
        if op == CompareOperator.ew:
            return f"right({text}, length({needle})) = {needle}"
        sign = ORDER.get(op) or EXACT[op]
        return f'({text}) collate "C" {sign} {needle}'

    def _column(self, node: Comparison, binding: AttributeBinding, name: str) -> str:
        if name == "id" and node.op in EXACT:
            return self._same(node.op, "r.id", str(node.value))
        column = COLUMNS.get(name)
        if column is None:
            raise InvalidFilterException(detail=f"{name} can't be filtered by.")
        if not column.endswith("_at"):
            return self._text_operation(node.op, column, binding.comparable(node.value))
        sign = ORDER.get(node.op) or EXACT.get(node.op)
        if sign is None:
            raise InvalidFilterException(detail=f"{name} is a moment: compare it by eq, ne, gt, ge, lt or le.")
        moment = datetime.fromisoformat(str(node.value).upper().replace("Z", "+00:00"))
        return f"{column} {sign} cast({self._bind(moment)} as timestamptz)"

    def _membership_in(self, head: AttrPath, node: ValuePath) -> str:
        inner = node.val_filter
        if not isinstance(inner, Comparison) or inner.attr_path.attr.lower() != "value":
            raise InvalidFilterException(detail=f'Filter {head.attr} by `{head.attr}[value eq "…"]`.')
        return self._membership_comparison(inner, head.attr.lower())

    def _membership_comparison(self, node: Comparison, name: str) -> str:
        path = node.attr_path
        if (path.sub_attr or "value").lower() != "value" or node.op not in EXACT:
            raise InvalidFilterException(detail=f'Filter {name} by `{name}.value eq "…"`.')
        found = self._membership(name, str(node.value))
        return found if node.op == CompareOperator.eq else f"(not {found})"

    def _membership(self, name: str, value: str | None) -> str:
        mine, other = MEMBERSHIP[name]
        of = f"select from scim_member m where m.{mine} = r.id"
        same = "" if value is None else " and " + self._same(CompareOperator.eq, f"m.{other}", value)
        return f"exists ({of}{same})"

    def _same(self, op: CompareOperator, column: str, value: str) -> str:
        """By the index of the key; an id is case-exact, and what is none is nobody's."""
        known = as_key(value)
        if known is None:
            return "false" if op == CompareOperator.eq else "true"
        return f"{column} {EXACT[op]} cast({self._bind(known)} as uuid)"

    def _full(self, path: AttrPath) -> AttrPath:
        """Inside of `emails[…]` the names are of an e-mail: the resource knows them as emails.…"""
        if not self._inside:
            return path
        head, _, attr = self._inside.rpartition(":")
        return AttrPath(attr=attr, sub_attr=path.attr, uri=head or None)

    def _bind(self, value: Any) -> str:
        name = f"{self._prefix}{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"


def _is_extension(uri: str) -> bool:
    """A core attribute may be named in full too; it lies at the top all the same."""
    return ":extension:" in uri.lower()


def _path(path: AttrPath) -> str:
    """As jsonpath; lists are looked into by themselves (lax mode)."""
    head = [path.uri] if path.uri and _is_extension(path.uri) else []
    return "$" + "".join(f".{json.dumps(name.lower())}" for name in (*head, path.attr, path.sub_attr) if name)
