-- What a process may know across tenants: ids and due times. Each runs as the owner, whose policy lets it
-- see every row; nobody else may call them but the service's role.

create function audit_event_is_append_only() returns trigger language plpgsql as $$
begin
    if old.sequence is not null then
        raise exception 'audit event % is sealed', old.id using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
create trigger audit_event_is_append_only before update on audit_event
    for each row execute function audit_event_is_append_only();

create function decision_is_final() returns trigger language plpgsql as $$
begin
    if old.state <> 'pending' and (new.state, new.settled_at) is distinct from (old.state, old.settled_at) then
        raise exception 'elevation request % is settled', old.id using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
create trigger decision_is_final before update on elevation_request
    for each row execute function decision_is_final();

create function msp_directory() returns table (id uuid, name text, host text, base_url text)
    language sql stable security definer set search_path = pg_catalog, public as
$$ select id, name, host, base_url from msp order by host $$;

create function due_work(at timestamptz) returns table (work text, msp_id uuid, connector_id uuid)
    language sql stable security definer set search_path = pg_catalog, public as
$$
    select 'drain', c.msp_id, c.id from psa_connector c
    where c.is_enabled and (c.paused_until is null or c.paused_until <= at)
      and exists (select from ticket_link l where l.msp_id = c.msp_id and l.next_try_at <= at)
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

create function settled_among(ids uuid[]) returns table (id uuid)
    language sql stable security definer set search_path = pg_catalog, public as
$$ select r.id from elevation_request r where r.id = any(ids) and r.state <> 'pending' $$;

revoke execute on function msp_directory(), due_work(timestamptz), settled_among(uuid[]) from public;
grant execute on function msp_directory(), due_work(timestamptz), settled_among(uuid[]) to :"service";

-- The job engine carries keys only; its tables belong to no tenant.
grant usage on schema public to :"service";
grant select, insert, update, delete on
    procrastinate_jobs, procrastinate_workers, procrastinate_events, procrastinate_periodic_defers to :"service";
grant usage, select on all sequences in schema public to :"service";
grant select on alembic_version to :"service";

-- The engine hears when a job is queued, not when the lock that one waits for becomes free: the waiting job would
-- start only with the next poll. Each drain that ends (its job is deleted then) announces its queue once more.
create function drain_has_ended() returns trigger language plpgsql as $$
begin
    perform pg_notify('procrastinate_queue_v1#' || old.queue_name,
                      json_build_object('type', 'job_inserted', 'job_id', old.id)::text);
    return null;
end
$$;
create trigger drain_has_ended after delete on procrastinate_jobs
    for each row when (old.lock is not null) execute function drain_has_ended();
