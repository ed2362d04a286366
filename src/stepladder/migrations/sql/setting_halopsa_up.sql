-- Row security of the tables that revision 0003 brings, as security.sql has it for those before.
do $$
declare
    name text;
begin
    foreach name in array array['halopsa_object', 'self_test']
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

-- What arrived from a button is evidence: it is kept. Its ticket and its outcome are filled in, nothing else moves.
revoke update, delete on self_test from :"service";
grant update (ticket_id, arrived, names_match, arrived_at, closed_at) on self_test to :"service";
