-- What is due costs what is due: each question ends at the first row of an index, whatever the statistics say, because a
-- parameter could match any number of rows and a plan for all of them reads all that is over.
create or replace function public.due_tickets(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select c.msp_id, c.id from public.connection c join public.drain d on d.id = c.id
    where d.work = 'tickets' and c.is_enabled and (d.paused_until is null or d.paused_until <= at)
      and ((select l.next_try_at from public.ticket_link l
            where l.connection_id = c.id and l.next_try_at is not null order by l.next_try_at limit 1) <= at
           or (exists (select from public.ticket_sweep s
                       where s.connection_id = c.id and coalesce(s.due_at, at) <= at)
               and (select true from public.ticket_link l
                    where l.connection_id = c.id and l.desired = 'open' and l.ticket_id is not null
                    order by l.created_at limit 1)))
$$;

create or replace function public.due_expiries(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select m.id, m.id from public.msp m
    where (select r.expires_at from public.elevation_request r
           where r.msp_id = m.id and r.state = 'pending' order by r.expires_at limit 1) <= at
$$;

create or replace function public.due_seals(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select m.id, m.id from public.msp m
    where (select true from public.audit_event e
           where e.msp_id = m.id and e.sequence is null order by e.id limit 1)
$$;

create or replace function public.due_nonces(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select m.id, m.id from public.msp m
    where (select n.seen_at from public.endpoint_nonce n
           where n.msp_id = m.id order by n.seen_at limit 1) < at - interval '20 minutes'
$$;

create function public.due_links(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select s.msp_id, s.connection_id from public.ticket_sweep s where s.unlinked_after is not null $$;

revoke execute on function public.due_links(timestamptz) from public;
grant execute on function public.due_links(timestamptz) to :"service";

-- Whose an event is: said by its facts, or by the row that it is about. It is no part of what is sealed, and is written
-- with the event, so that one customer's trail is read where it lies.
create function public.customer_of(subject text, facts jsonb) returns uuid
    language plpgsql stable set search_path = pg_catalog, public, pg_temp as
$$
declare
    uuid_form constant text := '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
    about uuid;
begin
    if facts ->> 'customer_id' ~ uuid_form then
        return (facts ->> 'customer_id')::uuid;
    end if;
    if subject !~ uuid_form then
        return null;
    end if;
    about := subject::uuid;
    return coalesce(
        (select r.customer_id from public.elevation_request r where r.id = about),
        (select e.customer_id from public.endpoint e where e.id = about),
        (select t.customer_id from public.enrolment_token t where t.id = about),
        (select r.customer_id from public.rule r where r.id = about),
        (select c.id from public.customer c where c.id = about));
end
$$;

create function public.audit_event_is_of_customer() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    new.customer_id := public.customer_of(new.subject, new.facts);
    return new;
end
$$;
create trigger audit_event_is_of_customer before insert on public.audit_event
    for each row execute function public.audit_event_is_of_customer();

-- Tables that live by updates are vacuumed by what changed, not by a share of all that ever was: dead entries at the
-- head of an index would be walked over by every question about what is due.
do $$
declare
    name text;
begin
    foreach name in array array['ticket_link', 'audit_event', 'elevation_request', 'endpoint_nonce', 'procrastinate_jobs',
                                'procrastinate_events']
    loop
        execute format('alter table public.%I set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,'
                       ' autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)', name);
    end loop;
end
$$;
-- A few rows that are written again and again: room beside each, and no index that has to follow.
alter table public.drain set (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
alter table public.ticket_sweep set (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
alter table public.endpoint set (fillfactor = 90);
