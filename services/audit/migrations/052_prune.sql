-- Pruning: the entries of old bundles go, their leaf hashes stay, so that every root and proof is computed as before.

create table pruned_bundle (
  -- The bundle holds the entries from 256 * index on.
  index bigint primary key check (index >= 0),
  -- The leaf hashes of its 256 entries, one after the other; they would not compress.
  hashes bytea not null check (octet_length(hashes) = 256 * 32),
  -- When its entries were written.
  times int8range not null
);
alter table pruned_bundle alter hashes set storage external;
create index pruned_bundle_times on pruned_bundle using gist (times);
-- The service prunes through prune_entries alone.
revoke insert, update, delete, truncate on pruned_bundle from rangkiang_audit;

-- What pruning did is asked for by itself.
create index entry_pruned on entry (index) where kind = 26;

-- The full bundles from `first` up to, not including, `below` that still have entries, and why each stays; null for one that
-- can go. The hashes are made anew from the leaves: what was altered must not be removed with the traces of it.
create function bundles_to_prune(first bigint, below bigint, until_us bigint)
returns table (bundle bigint, stays text, hashes bytea, times int8range)
language sql stable
as $$
  with full_bundle as (
    select
      entry.index / 256 as bundle,
      count(*) as entries,
      max(time_us) >= until_us as is_young,
      bool_or(entry.sealed is not null) as is_sealed,
      -- POLICY, ERASURE, PRUNED: brokers read the policy from its first record on, the service's start repeats erasures,
      -- and whoever verifies the log must find what was pruned.
      bool_or(kind in (7, 18, 26)) as is_needed,
      string_agg(sha256('\x00'::bytea || leaf), '' order by entry.index) as hashes,
      int8range(min(time_us), max(time_us), '[]') as times
    from entry
    where
      entry.index >= first * 256
      and entry.index < least(below, (select size / 256 from tree_head)) * 256
    group by entry.index / 256
  ),
  sealed_bundle as (
    select distinct access.index / 256 as bundle
    from access where access.index >= first * 256 and access.index < below * 256
  )
  select
    full_bundle.bundle,
    case
      when is_young then 'YOUNG'
      when is_sealed or sealed_bundle.bundle is not null then 'SEALED'
      when is_needed then 'NEEDED'
      when entries <> 256 or subtree_root(full_bundle.hashes) is distinct from tree_node.hash then 'ALTERED'
    end,
    full_bundle.hashes,
    full_bundle.times
  from full_bundle
  left join sealed_bundle on sealed_bundle.bundle = full_bundle.bundle
  left join tree_node on tree_node.level = 1 and tree_node.index = full_bundle.bundle
  order by full_bundle.bundle
$$;

-- A PrunedRange as it stands in a leaf: field 32, and in it two fixed64, of which zero is left out.
create function pruned_range(first_index bigint, below_index bigint) returns bytea
language sql immutable
as $$
  with little_endian (first_bytes, below_bytes) as (
    select
      string_agg(substr(int8send(first_index), 9 - at, 1), '' order by at),
      string_agg(substr(int8send(below_index), 9 - at, 1), '' order by at)
    from generate_series(1, 8) as at
  )
  select case first_index
    when 0 then '\x82020911'::bytea || below_bytes
    else '\x82021209'::bytea || first_bytes || '\x11'::bytea || below_bytes
  end
  from little_endian
$$;

-- Removes the entries of ranges that the PRUNED record at `record` names, all or none of them, and keeps their hashes. Bundles
-- that are gone already are passed over. Answers how many entries went. This is the only way in which the service's role
-- can remove entries, so it is checked here and not only by whoever asks.
create function prune_entries(record bigint, firsts bigint[], belows bigint[], until_us bigint) returns bigint
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  first_index bigint;
  below_index bigint;
  bundles bigint;
  kept bigint;
  gone bigint;
  removed bigint := 0;
begin
  -- One at a time; whoever reads is not held up.
  lock table pruned_bundle in share row exclusive mode;
  -- data/purpose_rules.csv knows no shorter time.
  if to_timestamp(until_us / 1e6) > now() - interval '1 year' then
    raise exception 'nothing younger than a year is pruned';
  end if;
  for first_index, below_index in select * from unnest(firsts, belows) loop
    if first_index % 256 <> 0 or below_index % 256 <> 0 or first_index < 0 or first_index >= below_index then
      raise exception 'from % to % are no whole bundles', first_index, below_index;
    end if;
    perform from entry
    where
      index = record and kind = 26
      and index >= below_index and index < (select size from tree_head)
      and position(pruned_range(first_index, below_index) in leaf) > 0;
    if not found then raise exception 'record % does not say that entries from % go', record, first_index; end if;

    select count(*) into bundles
    from pruned_bundle where index >= first_index / 256 and index < below_index / 256;
    insert into pruned_bundle
    select bundle, hashes, times
    from bundles_to_prune(first_index / 256, below_index / 256, until_us) where stays is null;
    get diagnostics kept = row_count;
    if bundles + kept <> (below_index - first_index) / 256 then
      raise exception 'not every bundle from entry % to % can go', first_index, below_index;
    end if;
    delete from entry where index >= first_index and index < below_index;
    get diagnostics gone = row_count;
    removed := removed + gone;
  end loop;
  return removed;
end
$$;
revoke execute on function prune_entries from public;
grant execute on function prune_entries to rangkiang_audit;

-- As before, and an entry that was pruned is found as well: sent again it has the same bytes, so the same time, and bundles with
-- entries of that time are few. Entries of our days are not looked for, which costs them nothing.
create or replace function append_entries(
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
  -- prune_entries takes nothing younger.
  prunable_us bigint := extract(epoch from now() - interval '1 year') * 1000000;
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
        coalesce(
          (
            select case when entry.leaf_hash = given.leaf_hash then entry.index else -1 end
            from entry where entry.event_id = given.event_id
          ),
          case when given.time_us < prunable_us then
            (
              select index * 256 + position(given.leaf_hash in hashes) / 32
              from pruned_bundle
              where times @> given.time_us and position(given.leaf_hash in hashes) % 32 = 1
              limit 1
            )
          end
        ) as known
      from unnest(event_ids, leaf_hashes, times_us) with ordinality as given (event_id, leaf_hash, time_us, position)
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
