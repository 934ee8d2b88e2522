"""The contract that every source must meet after mapping; a line that breaks it is told why and kept out.

dataframely, because it splits a frame into good rows and failures with the rule each broke: quarantine is its purpose.
"""

import dataframely as dy
import polars as pl

EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


class People(dy.Schema):
    """One row per person, or per stretch of an employment where a source tells its history."""

    line = dy.Integer()
    employee_number = dy.String(min_length=1, max_length=100)
    display_name = dy.String(min_length=1, max_length=200)
    started_on = dy.Date()
    ended_on = dy.Date(nullable=True)
    valid_from = dy.Date(nullable=True)
    job_title = dy.String(min_length=1, max_length=200)
    org_unit_code = dy.String(min_length=1, max_length=200)
    org_unit_name = dy.String(min_length=1, max_length=200)
    org_unit_parent_code = dy.String(nullable=True)
    email = dy.String(nullable=True, regex=EMAIL, max_length=320)
    manager = dy.String(nullable=True)
    location = dy.String(nullable=True)
    country = dy.String(nullable=True)
    cost_center = dy.String(nullable=True)
    unreadable = dy.String()

    @dy.rule()
    def dates_are_readable(cls) -> pl.Expr:
        return pl.col("unreadable") == ""

    @dy.rule()
    def ends_after_it_starts(cls) -> pl.Expr:
        return pl.col("ended_on").is_null() | (pl.col("ended_on") >= pl.col("started_on"))

    @dy.rule()
    def one_line_a_stretch(cls) -> pl.Expr:
        """The same number twice contradicts itself, unless each line is another stretch of the same employment."""
        told = pl.col("valid_from")
        stretches = (told.null_count() == 0) & (told.n_unique() == pl.len()) & (pl.col("started_on").n_unique() == 1)
        return ((pl.len() == 1) | stretches).over("employee_number")


SENTENCES = {
    "ends_after_it_starts": "the end lies before the start",
    "one_line_a_stretch": "the employee number stands on several lines",
    "nullability": "is missing",
    "min_length": "is missing",
    "max_length": "is too long",
    "regex": "is not an e-mail address",
}


def reason_of(rules: list[str], unreadable: str | None) -> str:
    """One sentence for all rules that a line broke."""
    reasons = []
    for rule in rules:
        column, _, check = rule.partition("|")
        if rule == "dates_are_readable":
            reasons.append(unreadable or "a date can't be read")
        elif check:
            reasons.append(f"{column} {SENTENCES.get(check, check)}")
        else:
            reasons.append(SENTENCES.get(rule, rule))
    readable = [r for r in reasons if not (unreadable and r in ("started_on is missing", "ended_on is missing"))]
    return "; ".join(dict.fromkeys(readable))
