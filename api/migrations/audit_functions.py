"""The audit log since migration 0003: the text of an entry, its place in the chain, and that nothing is ever changed.

`praxis audit verify` pins the sources of these functions (api/identity/audit_chain.py): a new version of one comes by a
new migration, together with its new pin, and never changes the text of entries that exist.
"""

AUDIT_TEXT = """
create function audit_text(entry audit_entry) returns text language sql stable as $$
-- The canonical text that is hashed, defined here alone. The same in every session: jsonb orders its keys by itself,
-- and the moment is written out in UTC, because to_jsonb would follow the session's time zone.
    select jsonb_build_object(
        'seq', entry.seq,
        'recorded_at', to_char(entry.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'actor_account_id', entry.actor_account_id,
        'actor_person_id', entry.actor_person_id,
        'client_id', entry.client_id,
        'on_behalf_of', entry.on_behalf_of,
        'action', entry.action,
        'target_type', entry.target_type,
        'target_id', entry.target_id,
        'before', entry.before,
        'after', entry.after,
        'note', entry.note,
        'ip', entry.ip,
        'user_agent', entry.user_agent,
        'request_id', entry.request_id
    )::text
$$;
"""

AUDIT_CHAIN = """
create function chain_audit_entry() returns trigger language plpgsql set search_path = pg_catalog, public as $$
-- Gives the next number and the hash over the entry before. The lock is held until the writing transaction ends, so
-- that numbers have no gap, whatever is rolled back, and nobody chains to an entry that may still vanish. The price:
-- transactions that write to the log commit one after another. They are rare (somebody signs in, grants, publishes,
-- exports; learning itself goes to the event table), and they record last, so that they hold it for one commit.
declare
    newest record;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        -- An older snapshot would not see the newest entry.
        raise exception 'the audit log is written by transactions at READ COMMITTED'
            using errcode = 'invalid_transaction_state';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('audit_entry', 0));
    select seq, hash into newest from audit_entry order by seq desc limit 1;
    new.seq := coalesce(newest.seq, 0) + 1;
    new.recorded_at := clock_timestamp();
    new.previous := coalesce(newest.hash, decode(repeat('00', 32), 'hex'));
    new.hash := sha256(new.previous || convert_to(audit_text(new), 'UTF8'));
    return new;
end $$;
"""

AUDIT_IS_APPEND_ONLY = """
create function refuse_change_of_audit_entry() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only: % is refused', lower(tg_op) using errcode = 'restrict_violation';
end $$;
"""

AUDIT_TRIGGERS = (
    "create trigger chain before insert on audit_entry for each row execute function chain_audit_entry()",
    "create trigger append_only before update or delete or truncate on audit_entry"
    " for each statement execute function refuse_change_of_audit_entry()",
    # 'always': also in a session that calls itself a replica.
    "alter table audit_entry enable always trigger chain",
    "alter table audit_entry enable always trigger append_only",
)
