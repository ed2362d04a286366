-- Row security: every table with msp_id is held to the MSP named by the transaction, also for its owner's
-- functions. The service's role gets no more than it needs; the trail can be added to and nothing else.
do $$
declare
    name text;
begin
    for name in
        select c.table_name from information_schema.columns c
        join information_schema.tables t using (table_schema, table_name)
        where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
          and c.column_name = 'msp_id'
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

alter table msp enable row level security;
alter table msp force row level security;
create policy tenant on msp to :"service" using (id = nullif(current_setting('stepladder.msp_id', true), '')::uuid);
create policy owner on msp to :"owner" using (true);
grant select, insert, update on msp to :"service";

revoke update, delete on audit_event, decision, elevation_grant from :"service";
grant update (sequence, link) on audit_event to :"service";

-- What was asked stays as it was asked: approvers saw it, the grant will be made of it. Only its state moves on.
revoke update on elevation_request from :"service";
grant update (state, settled_at) on elevation_request to :"service";

-- Nothing that the trail or a key names is ever removed by the service; it is settled, revoked or retired.
revoke delete on
    customer, elevation_request, endpoint, enrolment_token, inbound_key, signing_key, technician, tenant_key
    from :"service";
