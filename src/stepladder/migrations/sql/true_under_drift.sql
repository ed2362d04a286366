-- Row security of the table that revision 0004 brings, as security.sql has it for those before.
alter table joined_request enable row level security;
alter table joined_request force row level security;
create policy tenant on joined_request to :"service"
    using (msp_id = nullif(current_setting('stepladder.msp_id', true), '')::uuid);
create policy owner on joined_request to :"owner" using (true);
grant select, insert on joined_request to :"service";

-- Drains are also due when it is time to look what became of open tickets.
create or replace function due_work(at timestamptz) returns table (work text, msp_id uuid, connector_id uuid)
    language sql stable security definer set search_path = pg_catalog, public as
$$
    select 'drain', c.msp_id, c.id from psa_connector c
    where c.is_enabled and (c.paused_until is null or c.paused_until <= at)
      and (exists (select from ticket_link l where l.msp_id = c.msp_id and l.next_try_at <= at)
           or (coalesce(c.drift_due_at, at) <= at
               and exists (select from ticket_link l
                           where l.connector_id = c.id and l.desired = 'open' and l.ticket_id is not null)))
    union all
    select 'expire', m.id, null from msp m
    where exists (select from elevation_request r
                  where r.msp_id = m.id and r.state = 'pending' and r.expires_at <= at)
    union all
    select 'seal', m.id, null from msp m
    where exists (select from audit_event e where e.msp_id = m.id and e.sequence is null)
    union all
    select 'forget', m.id, null from msp m
    where exists (select from endpoint_nonce n
                  where n.msp_id = m.id and n.seen_at < at - interval '20 minutes')
$$;
