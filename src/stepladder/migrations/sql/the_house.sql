-- Row security of the tables that revision 0006 brings, as security.sql has it for those before.
do $$
declare
    name text;
begin
    foreach name in array array['connection_lookup', 'drain', 'mapping_run', 'ticket_sweep']
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy tenant on %I to %I using (msp_id = nullif(current_setting(''stepladder.msp_id'', true), '''')::uuid)',
            name, :'service');
        execute format('create policy owner on %I to %I using (true)', name, :'owner');
        execute format('grant select, insert, update, delete on %I to %I', name, :'service');
    end loop;
end
$$;

-- A queued drain of the program before names its instance otherwise.
update procrastinate_jobs
set args = jsonb_build_object('msp_id', args -> 'msp_id', 'instance_id', args -> 'connector_id')
where task_name = 'stepladder.drain' and args ? 'connector_id';

-- One function for each duty: what is due, over all tenants. It returns ids, and nothing else of any tenant.
drop function due_work(timestamptz);

create function due_tickets(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public as
$$
    select c.msp_id, c.id from connection c join drain d on d.id = c.id
    where d.work = 'tickets' and c.is_enabled and (d.paused_until is null or d.paused_until <= at)
      and (exists (select from ticket_link l where l.connection_id = c.id and l.next_try_at <= at)
           or (exists (select from ticket_sweep s where s.connection_id = c.id and coalesce(s.due_at, at) <= at)
               and exists (select from ticket_link l
                           where l.connection_id = c.id and l.desired = 'open' and l.ticket_id is not null)))
$$;

create function due_expiries(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public as
$$
    select m.id, m.id from msp m
    where exists (select from elevation_request r
                  where r.msp_id = m.id and r.state = 'pending' and r.expires_at <= at)
$$;

create function due_seals(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public as
$$
    select m.id, m.id from msp m
    where exists (select from audit_event e where e.msp_id = m.id and e.sequence is null)
$$;

create function due_nonces(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public as
$$
    select m.id, m.id from msp m
    where exists (select from endpoint_nonce n
                  where n.msp_id = m.id and n.seen_at < at - interval '20 minutes')
$$;

revoke execute on function
    due_tickets(timestamptz), due_expiries(timestamptz), due_seals(timestamptz), due_nonces(timestamptz) from public;
grant execute on function
    due_tickets(timestamptz), due_expiries(timestamptz), due_seals(timestamptz), due_nonces(timestamptz)
    to :"service";
