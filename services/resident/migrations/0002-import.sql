-- Imports by the id that their sender chose. Its row is locked while a chunk is accepted, so chunks come one after the other
-- however many streams carry them.
create table imports (
  import_id uuid primary key,
  next_chunk_number bigint not null,
  last_import_time timestamptz
);

-- Every accepted chunk with its answer, so that one that is sent again is answered again and not imported twice.
create table import_chunks (
  import_id uuid not null references imports,
  chunk_number bigint not null,
  -- SHA-256 of the chunk: the same number must always come with the same rows.
  digest bytea not null check (octet_length(digest) = 32),
  -- Bytes of an ImportResidentsResponse, without the audit index and the next chunk number.
  answer bytea not null,
  -- Its record, in the outbox.
  event_id bytea not null,
  primary key (import_id, chunk_number)
);

-- As mesh/outbox.ts wants it.
create table outbox (
  event_id bytea primary key check (octet_length(event_id) = 16),
  entry bytea,
  created_at timestamptz not null default clock_timestamp(),
  recorded_index bigint,
  check ((entry is null) = (recorded_index is not null))
);
create index outbox_pending on outbox (created_at) where recorded_index is null;
