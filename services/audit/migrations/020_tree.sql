-- The RFC 6962 tree over `entry.leaf_hash`, as far as it is final: one row for each perfect subtree of 256^level entries. 256
-- rows of one level in a row are a full tile of C2SP tlog-tiles; tiles of level 0 are the leaf hashes themselves.
create table tree_node (
  level smallint not null check (level between 1 and 7),
  index bigint not null check (index >= 0),
  hash bytea not null check (octet_length(hash) = 32),
  primary key (level, index)
);

-- The root of the perfect tree over a row of 2^n hashes. 0.2 ms for 256.
create function subtree_root(hashes bytea) returns bytea
language plpgsql immutable strict
as $$
begin
  while octet_length(hashes) > 32 loop
    select string_agg(sha256('\x01'::bytea || substr(hashes, 64 * at + 1, 64)), '' order by at)
    into hashes
    from generate_series(0, octet_length(hashes) / 64 - 1) as at;
  end loop;
  return hashes;
end
$$;

-- Adds the nodes of what has become full between two sizes.
create function grow_tree(size_before bigint, size_after bigint) returns void
language plpgsql
as $$
declare
  tile bigint;
  tile_level integer;
  root bytea;
begin
  for bundle in size_before / 256 .. size_after / 256 - 1 loop
    select subtree_root(string_agg(leaf_hash, '' order by entry.index)) into root
    from entry where entry.index between bundle * 256 and bundle * 256 + 255;
    insert into tree_node values (1, bundle, root);
    tile := bundle;
    tile_level := 1;
    while tile % 256 = 255 loop
      tile := tile / 256;
      select subtree_root(string_agg(hash, '' order by tree_node.index)) into root
      from tree_node where level = tile_level and tree_node.index between tile * 256 and tile * 256 + 255;
      tile_level := tile_level + 1;
      insert into tree_node values (tile_level, tile, root);
    end loop;
  end loop;
end
$$;

-- Whoever moves the head grows the tree in the same transaction, once in 256 entries: 1 us an entry.
create function grow_tree_with_head() returns trigger
language plpgsql
as $$
begin
  perform grow_tree(old.size, new.size);
  return null;
end
$$;

create trigger grow_tree after update of size on tree_head
for each row when (new.size / 256 > old.size / 256)
execute function grow_tree_with_head();

-- What was recorded before there was a tree.
select grow_tree(0, size) from tree_head;
