-- Nothing of the caller's runs as the owner. A function of the owner's names the schema of each table, and looks into
-- the caller's temporary schema last: left out of the path, that one would come first, with the caller's views in it.
create or replace function msp_directory() returns table (id uuid, name text, host text, base_url text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select id, name, host, base_url from public.msp order by host $$;

create or replace function settled_among(ids uuid[]) returns table (id uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select r.id from public.elevation_request r where r.id = any(ids) and r.state <> 'pending' $$;

create or replace function due_tickets(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select c.msp_id, c.id from public.connection c join public.drain d on d.id = c.id
    where d.work = 'tickets' and c.is_enabled and (d.paused_until is null or d.paused_until <= at)
      and (exists (select from public.ticket_link l where l.connection_id = c.id and l.next_try_at <= at)
           or (exists (select from public.ticket_sweep s
                       where s.connection_id = c.id and coalesce(s.due_at, at) <= at)
               and exists (select from public.ticket_link l
                           where l.connection_id = c.id and l.desired = 'open' and l.ticket_id is not null)))
$$;

create or replace function due_expiries(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select m.id, m.id from public.msp m
    where exists (select from public.elevation_request r
                  where r.msp_id = m.id and r.state = 'pending' and r.expires_at <= at)
$$;

create or replace function due_seals(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select m.id, m.id from public.msp m
    where exists (select from public.audit_event e where e.msp_id = m.id and e.sequence is null)
$$;

create or replace function due_nonces(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select m.id, m.id from public.msp m
    where exists (select from public.endpoint_nonce n
                  where n.msp_id = m.id and n.seen_at < at - interval '20 minutes')
$$;

-- Nor can the service make anything that such a function, or the owner, could take for a table of ours.
do $$
begin
    execute format('revoke temporary on database %I from public', current_database());
end
$$;
revoke create on schema public from public;
