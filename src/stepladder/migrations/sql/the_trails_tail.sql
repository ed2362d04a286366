alter table public.audit_head enable row level security;
alter table public.audit_head force row level security;
create policy tenant on public.audit_head to :"service"
    using (msp_id = nullif(current_setting('stepladder.msp_id', true), '')::uuid);
create policy owner on public.audit_head to :"owner" using (true);
grant select, insert, update, delete on public.audit_head to :"service";

-- Each minute, if the trail grew since its head was announced, also if nothing new was sealed since.
create function due_heads(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$
    select m.id, m.id from public.msp m left join public.audit_head h on h.msp_id = m.id
    where m.removed_at is null and coalesce(h.announced_at, '-infinity') <= at - interval '1 minute'
      and exists (select from public.audit_event e where e.msp_id = m.id and e.sequence > coalesce(h.sequence, 0))
$$;
revoke execute on function due_heads(timestamptz) from public;
grant execute on function due_heads(timestamptz) to :"service";
