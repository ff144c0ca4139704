-- The evidence log. Rows of `entry` are only ever inserted: what a leaf says is final.

-- How many entries there are. Whoever appends locks this row, so that indexes are dense, ordered and never given twice,
-- whatever number of processes append: a sequence would leave gaps.
create table tree_head (
  id boolean primary key default true check (id),
  size bigint not null check (size >= 0)
);
insert into tree_head (size) values (0);

create table entry (
  index bigint primary key check (index >= 0),
  event_id uuid not null unique,
  -- Copied out of the leaf to search by; the leaf is the truth.
  time_us bigint not null,
  kind integer not null,
  opd text not null,
  method text not null,
  reason text not null,
  -- The bytes as they came, and SHA-256(0x00 || leaf).
  leaf bytea not null,
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  -- SHA-256(salt || NIK) of each subject, 32 bytes each, in order. Random to whoever has not opened `sealed`, so they may
  -- stay when the key is destroyed, and with them every proof. Neither column would compress.
  commitments bytea storage external,
  -- Whose data, and the context, encrypted; `key_id` tells under which key. Null when there is neither.
  key_id integer,
  sealed bytea storage external,
  check ((key_id is null) = (sealed is null))
);

-- Newest first of one agency. Other filters walk a stretch of indexes: an index of each would cost every append 1 us.
create index entry_opd on entry (opd, index);

-- In which entries a resident's data are concerned; subject_tag = HMAC-SHA-256 of the NIK, first 16 bytes.
create table access (
  subject_tag bytea check (octet_length(subject_tag) = 16),
  index bigint,
  primary key (subject_tag, index)
);

-- Appends entries, given column by column, in one transaction: one round trip, so that no client can pause while it holds
-- the head. Returns the index of each: a new one, the first one when its event id is already there, or -1 when that
-- event id belongs to an entry with another leaf. The event ids given must differ from each other.
create function append_entries(
  event_ids uuid[], times_us bigint[], kinds integer[], opds text[], methods text[], reasons text[],
  leaves bytea[], leaf_hashes bytea[], commitments bytea[], key_ids integer[], sealeds bytea[],
  -- One resident concerned: tag, and the position of the entry, counted from 1.
  subject_tags bytea[], tagged integer[]
) returns bigint[]
language plpgsql
-- Planned once, while the tables were small, for tables that are not.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  size_before bigint;
  indexes bigint[];
begin
  -- Acknowledged means on disk, whatever the server's default and whoever calls.
  perform set_config('synchronous_commit', 'on', true);
  select size into size_before from tree_head for update;
  -- Each statement below sees what was committed before the lock was granted.
  select array_agg(coalesce(known, size_before - 1 + rank) order by position)
  into indexes
  from (
    select position, known, count(*) filter (where known is null) over (order by position) as rank
    from (
      select
        position,
        (
          select case when entry.leaf_hash = given.leaf_hash then entry.index else -1 end
          from entry where entry.event_id = given.event_id
        ) as known
      from unnest(event_ids, leaf_hashes) with ordinality as given (event_id, leaf_hash, position)
    ) as looked_up
  ) as ranked;

  insert into entry
  select given.*
  from unnest(
    indexes, event_ids, times_us, kinds, opds, methods, reasons, leaves, leaf_hashes, commitments, key_ids, sealeds
  ) as given (index)
  where given.index >= size_before;

  insert into access
  select tag, indexes[position]
  from unnest(subject_tags, tagged) as given (tag, position)
  where indexes[position] >= size_before
  -- One entry may name a resident twice.
  on conflict do nothing;

  update tree_head set size = greatest(size_before, (select max(index) + 1 from unnest(indexes) as given (index)));
  return indexes;
end
$$;
