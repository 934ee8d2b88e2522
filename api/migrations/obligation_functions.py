"""Periods of an obligation: which completion settles which, and from when the next is asked for."""

CYCLE_DAY = """
create function cycle_day(first date, months int, k int) returns date language sql immutable as $$
-- The k-th recurrence, counted from the first, so that a 29 February comes back in the next leap year.
    select (first + make_interval(months => months * k))::date
$$;
"""

FIRST_CYCLE_DAY = """
create function first_cycle_day(first date, months int, at_least date) returns date language sql immutable as $$
-- The first of them that is not before the day.
    select case when cycle_day(first, months, k) >= at_least then cycle_day(first, months, k)
        else cycle_day(first, months, k + 1) end
    from (select greatest(0, (12 * (extract(year from at_least) - extract(year from first))
        + extract(month from at_least) - extract(month from first))::int / months) as k) f
$$;
"""

# `days`, `moments`, `ends` and `enrollments` are the completions in their order: day (UTC), moment, the last day on
# which it counts (null: for good), enrollment. With `cycle` the periods end on fixed days, else `months` after what was
# done. Renewing within the window keeps the anniversary; before it, the clock starts anew.
PERIODS = """
create function obligation_periods(
    assigned date, until date, first_due date, months int, renewal_window int, cycle date, counted_from date,
    days date[], moments timestamptz[], ends date[], enrollments uuid[]
) returns table (
    period int, valid_from date, valid_to date, due_on date, counts_from date, next_due_on date,
    completed_at timestamptz, enrollment_id uuid
) language plpgsql immutable as $$
declare
    last int := coalesce(cardinality(days), 0);
    i int := 1;                 -- the next completion to look at
    settled int;                -- the one that settles this period
    anchor date;                -- what the anniversaries count from, and the how manieth this is
    k int;
    anchor_before date;         -- the same of the period before
    k_before int;
    opens date;                 -- from when the next period is asked for
    next_due date;
begin
    period := 1;
    valid_from := assigned;
    due_on := first_due;
    counts_from := counted_from;
    if cycle is not null then
        counts_from := greatest(counted_from, least(assigned, greatest(
            first_due - renewal_window, (first_due - make_interval(months => months))::date + 1)));
    end if;
    loop
        settled := null;
        while i <= last and (until is null or days[i] < until) loop
            if counts_from is not null and days[i] < counts_from then
                i := i + 1;
                continue;
            end if;
            exit when settled is not null and (opens is not null and days[i] >= opens);
            -- What this completion holds till, and when the next is asked for.
            next_due := null;
            opens := null;
            if cycle is not null then
                k := greatest(0, (12 * (extract(year from due_on) - extract(year from cycle))
                    + extract(month from due_on) - extract(month from cycle))::int / months - 1);
                loop
                    next_due := cycle_day(cycle, months, k);
                    opens := greatest(next_due - renewal_window, cycle_day(cycle, months, k - 1) + 1);
                    exit when next_due > due_on and opens > days[i];
                    k := k + 1;
                end loop;
            elsif months is not null then
                if anchor_before is not null and days[i] between valid_from and due_on then
                    anchor := anchor_before;
                    k := k_before + 1;
                else
                    anchor := days[i];
                    k := 1;
                end if;
                next_due := cycle_day(anchor, months, k);
                opens := greatest(next_due - renewal_window, days[i] + 1);
            end if;
            if ends[i] is not null and (next_due is null or ends[i] < next_due) then
                next_due := ends[i];
                opens := ends[i] + 1;
            end if;
            if opens <= valid_from then
                -- Over before it was asked for, or to be renewed already: it settles nothing.
                due_on := greatest(due_on, next_due);
                counts_from := days[i] + 1;
                settled := null;
                opens := null;
            else
                settled := i;
            end if;
            i := i + 1;
        end loop;
        if settled is null then
            valid_to := until;
            next_due_on := null;
            completed_at := null;
            enrollment_id := null;
            return next;
            return;
        end if;
        next_due_on := greatest(next_due, due_on);
        valid_to := least(opens, until);
        if next_due is null then
            next_due_on := null;
        end if;
        completed_at := moments[settled];
        enrollment_id := enrollments[settled];
        return next;
        if opens is null or (until is not null and opens >= until) then
            return;
        end if;
        period := period + 1;
        valid_from := opens;
        counts_from := opens;
        due_on := next_due_on;
        anchor_before := anchor;
        k_before := k;
    end loop;
end $$;
"""
