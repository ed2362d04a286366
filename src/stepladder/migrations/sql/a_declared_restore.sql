-- The end of each MSP's chain: its id, a number and a hash, and nothing else of any tenant.
create function latest_heads() returns table (msp_id uuid, sequence bigint, link bytea, at timestamptz)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select m.id, e.sequence, e.link, e.at from public.msp m cross join lateral (
        select a.sequence, a.link, a.at from public.audit_event a
        where a.msp_id = m.id and a.sequence is not null order by a.sequence desc limit 1) e
$$;

-- Which of these heads the chains do not have (any more). An MSP that is not there at all is not named, nor one whose
-- restore was declared since: another host of the installation may have seen more.
create function lost_heads(msps uuid[], sequences bigint[], links bytea[], instants timestamptz[]) returns table (msp_id uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select w.msp from unnest(msps, sequences, links, instants) as w(msp, sequence, link, seen)
    join public.msp m on m.id = w.msp
    where not exists (select from public.audit_event a
                      where a.msp_id = w.msp and a.sequence = w.sequence and a.link = w.link)
      and not exists (select from public.audit_event a
                      where a.msp_id = w.msp and a.at >= w.seen and a.tag = 'msp.restored')
$$;

revoke execute on function latest_heads(), lost_heads(uuid[], bigint[], bytea[], timestamptz[]) from public;
grant execute on function latest_heads(), lost_heads(uuid[], bigint[], bytea[], timestamptz[]) to :"service";
