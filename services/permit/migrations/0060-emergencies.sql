-- Activations of emergency permits. One counts from its policy_version on, for its time; it is open until its review counts.
create table emergencies (
  activation_id uuid primary key,
  -- Order of activation, by which they are listed.
  number bigint generated always as identity unique,
  permit_id uuid not null references permits,
  opd text not null,
  begins timestamptz not null,
  ends timestamptz not null check (begins < ends),
  reason text not null,
  -- The two signed confirmations.
  jws text[] not null check (cardinality(jws) = 2),
  activate_event bytea not null unique,
  -- Null while the record is not committed.
  policy_version bigint,
  -- The record of its end.
  end_event bytea,
  -- When its operators were frozen, because the review came late.
  frozen_at timestamptz,
  review_jws text,
  remarks text not null default '',
  review_event bytea unique,
  review_version bigint,
  reviewed_at timestamptz,
  check ((review_jws is null) = (review_event is null)),
  check ((review_version is null) = (reviewed_at is null))
);
create unique index emergencies_open on emergencies (permit_id) where review_version is null;
