-- Keys that can be destroyed. What is personal in an entry lies in `access`, sealed under keys of those whom it is about, so
-- that `entry` is never touched when somebody is erased or when time is up. Parts that were sealed before stay in
-- `entry.sealed`; since then both columns there are null.

-- Every key by its random name. An owner (a resident, or a purpose in a month) may have several: a process makes one rather
-- than ask for it. `wrapped` is sealed under a master key, of which Postgres knows only the id.
create table seal_key (
  key_id bigint primary key,
  owner_tag bytea not null check (octet_length(owner_tag) = 16),
  master integer not null,
  wrapped bytea not null
);
create index seal_key_owner on seal_key (owner_tag);

-- Keys that nobody may use again, in the order in which they were condemned. Writers keep keys in memory: they learn here which
-- of them to drop.
create table destroyed_key (
  key_id bigint primary key,
  destruction bigint not null
);
create index destroyed_key_order on destroyed_key (destruction);
create table destruction (
  id boolean primary key default true check (id),
  count bigint not null
);
insert into destruction (count) values (0);

-- In which entries an owner is concerned, and what is sealed there under a key of theirs. Tags are made under a key of the
-- key store, other than before.
drop table access;
create table access (
  owner_tag bytea check (octet_length(owner_tag) = 16),
  index bigint,
  -- Copied out of the leaf: some purposes are shown late, and each is kept for its own time.
  purpose smallint not null,
  key_id bigint not null,
  sealed bytea not null,
  primary key (owner_tag, index)
);
-- Who is concerned in these entries. Rows lie in the order of indexes, so that 1 MB of them is read for one.
create index access_index on access using brin (index) with (pages_per_range = 16, autosummarize = on);

-- Erasures, which are carried out again at every start.
create index entry_erasure on entry (index) where kind = 18;

-- Appends entries with their sealed parts and with the keys that nobody has stored yet, in one transaction. Answers as
-- append_entries does, or null, having done nothing, when keys were destroyed since `destructions_seen`: the parts may be
-- sealed under one of them.
create function append_sealed(
  event_ids uuid[], times_us bigint[], kinds integer[], opds text[], methods text[], reasons text[],
  leaves bytea[], leaf_hashes bytea[], commitments bytea[],
  new_keys bigint[], new_owners bytea[], new_masters integer[], new_wrapped bytea[],
  -- One sealed part: owner, key, what is sealed, and the position of the entry, counted from 1.
  part_owners bytea[], part_purposes integer[], part_keys bigint[], parts bytea[], part_of integer[],
  destructions_seen bigint
) returns bigint[]
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  size_before bigint;
  indexes bigint[];
begin
  select size into size_before from tree_head for update;
  perform from destruction where count = destructions_seen;
  if not found then return null; end if;
  indexes := append_entries(
    event_ids, times_us, kinds, opds, methods, reasons, leaves, leaf_hashes, commitments, '{}', '{}', '{}', '{}'
  );

  insert into seal_key
  select * from unnest(new_keys, new_owners, new_masters, new_wrapped)
  -- Sent again after a commit whose answer was lost.
  on conflict do nothing;

  insert into access
  select owner_tag, indexes[position], purpose, key_id, sealed
  from unnest(part_owners, part_purposes, part_keys, parts, part_of)
    as given (owner_tag, purpose, key_id, sealed, position)
  where indexes[position] >= size_before;
  return indexes;
end
$$;

-- Condemns all keys of an owner: from the next append on they are used by nobody. Answers them.
create function condemn_keys(owner bytea) returns setof bigint
language plpgsql
as $$
begin
  -- Held by whoever appends: what has an index by now is sealed under these keys, what gets one later is not.
  perform from tree_head for update;
  update destruction set count = count + 1;
  insert into destroyed_key
  select seal_key.key_id, destruction.count from seal_key, destruction where owner_tag = owner
  on conflict do nothing;
  return query select seal_key.key_id from seal_key where owner_tag = owner order by seal_key.key_id;
end
$$;

-- Destroys keys, and what was sealed under them.
create function destroy_keys(condemned bigint[]) returns bigint
language sql
as $$
  with gone as (
    delete from seal_key where key_id = any (condemned) returning owner_tag, key_id
  ), emptied as (
    delete from access using gone where access.owner_tag = gone.owner_tag and access.key_id = gone.key_id
  )
  select count(*) from gone
$$;
