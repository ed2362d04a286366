-- Row security of the tables that revision 0002 brings, as security.sql has it for those before.
do $$
declare
    name text;
begin
    foreach name in array array['delegation', 'rule']
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy tenant on %I to %I using (msp_id = nullif(current_setting(''stepladder.msp_id'', true), '''')::uuid)',
            name, :'service');
        execute format('create policy owner on %I to %I using (true)', name, :'owner');
        execute format('grant select, insert on %I to %I', name, :'service');
    end loop;
end
$$;

grant update (role, created_at), delete on delegation to :"service";

-- A rule that decided stays, and stays where it was made: it cannot be removed, nor moved to another customer.
grant update (verdict, kind, match_key, sha256, publisher, program_name, arguments, note, written_by_kind,
              written_by_id, expires_at, confirmed_by, confirmed_until, ended_at) on rule to :"service";

-- A customer that the trail names stays, too.
revoke delete on customer from :"service";
