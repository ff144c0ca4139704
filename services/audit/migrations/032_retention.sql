-- How far the sealed parts of each purpose are removed because their time is over: all below this index.
create table retention (
  purpose smallint primary key,
  below bigint not null
);

-- Removes what is sealed of one purpose in the next `span` entries, as far as they were all written before `until_us`, with
-- the keys that then seal nothing any more. Answers how many parts went; null when there is nothing older left.
create function remove_sealed(of_purpose integer, until_us bigint, span bigint) returns bigint
language plpgsql
as $$
declare
  from_index bigint;
  to_index bigint;
  emptied bytea[];
  removed bigint;
begin
  insert into retention values (of_purpose, 0) on conflict do nothing;
  select below into from_index from retention where purpose = of_purpose for update;
  select min(entry.index) into to_index
  from entry where entry.index >= from_index and entry.index < from_index + span and time_us >= until_us;
  to_index := least(coalesce(to_index, from_index + span), (select size from tree_head));
  if to_index = from_index then return null; end if;

  with gone as (
    delete from access
    where access.index >= from_index and access.index < to_index and purpose = of_purpose
    returning owner_tag
  )
  select count(*), array_agg(distinct owner_tag) into removed, emptied from gone;
  update retention set below = to_index where purpose = of_purpose;

  if removed > 0 then
    -- Whoever appends holds this: a key that seals nothing now is not in use a moment later.
    perform from tree_head for update;
    update destruction set count = count + 1;
    with unused as (
      delete from seal_key
      where owner_tag = any (emptied) and not exists (
        select from access where access.owner_tag = seal_key.owner_tag and access.key_id = seal_key.key_id
      )
      returning key_id
    )
    insert into destroyed_key select key_id, destruction.count from unused, destruction on conflict do nothing;
  end if;
  return removed;
end
$$;
