-- Objections of residents. Who objects and why is sealed under the key that also seals that the record concerns them, so that
-- an erasure takes both.
create table objection (
  objection_id uuid primary key,
  index bigint not null,
  key_id bigint not null,
  sealed bytea not null,
  opened_at timestamptz not null default now(),
  -- What Disdukcapil answered; it names nobody.
  remark text,
  closed_at timestamptz,
  check ((remark is null) = (closed_at is null))
);
create index objection_open on objection (opened_at) where closed_at is null;
