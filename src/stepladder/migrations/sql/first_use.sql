-- An MSP that was removed is in no list, and no host name leads to it.
create or replace function msp_directory() returns table (id uuid, name text, host text, base_url text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select m.id, m.name, m.host, m.base_url from public.msp m where m.removed_at is null order by m.host $$;

grant update (withdrawn_because) on elevation_request to :"service";
