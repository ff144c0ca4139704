-- Freezes for the whole city. A row counts from its policy_version on, until lift_version; lift_jws stands from the moment
-- of the Walikota's order on, lift_version only once the record of the lifting is committed.
create table directives (
  directive_id uuid primary key,
  -- Order in which they were given, by which lists are paged.
  number bigint generated always as identity unique,
  -- The office that gave it.
  opd text not null,
  -- Bytes of Directive.
  directive bytea not null,
  freeze_event bytea not null unique,
  policy_version bigint not null,
  frozen_at timestamptz not null default clock_timestamp(),
  lift_jws text,
  lift_event bytea unique,
  lift_version bigint,
  lifted_at timestamptz,
  check ((lift_jws is null) = (lift_event is null)),
  check ((lift_version is null) = (lifted_at is null)),
  check (lift_version is null or (lift_jws is not null and policy_version < lift_version))
);
