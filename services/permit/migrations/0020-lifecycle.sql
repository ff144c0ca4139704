-- What the etag is made of: one more with every change of state.
alter table applications
  add column revision bigint not null default 1,
  add column review_remarks text not null default '',
  add column reviewed_at timestamptz,
  add column dirjen_letter text not null default '';

alter table permits
  add column revision bigint not null default 1,
  -- End of the Izin in force; a renewal replaces jws, izin, quota_per_day and policy_version with it.
  add column valid_until timestamptz,
  -- The suspension in force.
  add column suspension_id uuid,
  add column suspend_event bytea,
  add column suspend_version bigint,
  -- Number of SuspensionReason.
  add column suspension_reason smallint not null default 0,
  add column suspension_remarks text not null default '',
  add column suspended_at timestamptz,
  -- A widening that is signed and waits for its record: a reinstatement, or with izin a renewal. Any narrowing ends it.
  add column pending_event bytea unique,
  add column pending_jws text,
  add column pending_izin bytea,
  add check ((pending_event is null) = (pending_jws is null)),
  add check ((suspension_id is null) = (suspended_at is null) and (suspension_id is null) = (suspend_event is null)),
  add check (pending_izin is null or suspension_id is null);

-- The signed payload of the permits that stand, read once.
update permits set valid_until = (
  convert_from(decode(rpad(
    translate(split_part(jws, '.', 2), '-_', '+/'),
    (length(split_part(jws, '.', 2)) + 3) / 4 * 4, '='
  ), 'base64'), 'UTF8')::jsonb ->> 'validUntil'
)::timestamptz;
alter table permits alter column valid_until set not null;

-- The record of the change that a request made, so that its repetition waits for the same.
alter table requests add column event bytea;
