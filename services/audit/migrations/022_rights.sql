-- The service works as a role that may add to the log and read it, and has no right to change or remove what is in it. The
-- owner, who migrates, gives up these rights with the first statement of each connection; see store/rights.ts.
do $$
begin
  create role rangkiang_audit nologin;
exception
  -- A role belongs to the whole server: another database may have made it.
  when duplicate_object or unique_violation then null;
end
$$;

grant usage on schema public to rangkiang_audit;
grant select, insert, update, delete on all tables in schema public to rangkiang_audit;
grant usage, select on all sequences in schema public to rangkiang_audit;
revoke update, delete, truncate on entry, tree_node from rangkiang_audit;
revoke insert, update, delete, truncate on migrations from rangkiang_audit;
revoke delete, truncate on tree_head, published from rangkiang_audit;
-- Tables of later migrations.
alter default privileges in schema public grant select, insert, update, delete on tables to rangkiang_audit;
alter default privileges in schema public grant usage, select on sequences to rangkiang_audit;
