-- Agencies that may apply; kept equal to data/opd_kota_padang.csv at start.
create table opd (
  code text primary key,
  name text not null
);

create table applications (
  application_id uuid primary key,
  -- Order of submission, by which lists are paged.
  number bigint generated always as identity unique,
  opd text not null references opd,
  -- Bytes of ApplicationContent.
  content bytea not null,
  -- Number of ApplicationState.
  state smallint not null,
  rejection text not null default '',
  submitted_at timestamptz not null default clock_timestamp(),
  decided_at timestamptz,
  -- The records of its submission and of its rejection.
  submit_event bytea not null,
  reject_event bytea
);
create index applications_of_opd on applications (opd, number);

-- A row stands from the signature on; the permit counts from policy_version on, which is set once its record is committed.
create table permits (
  permit_id uuid primary key references applications,
  number bigint generated always as identity unique,
  opd text not null references opd,
  jws text not null,
  -- Bytes of the Izin inside, and its quota.
  izin bytea not null,
  quota_per_day integer not null,
  issue_event bytea not null unique,
  policy_version bigint,
  revoke_event bytea,
  revoke_version bigint,
  -- Number of RevocationReason.
  revocation_reason smallint not null default 0,
  revoked_at timestamptz,
  check ((revoke_version is null) = (revoke_event is null) and (revoke_version is null) = (revoked_at is null)),
  check (revoke_version is null or policy_version < revoke_version)
);
create index permits_of_opd on permits (opd, number);

-- The policy that counts now. Whoever changes it locks this row; whoever renews a lease shares it.
create table policy_head (
  id boolean primary key default true check (id),
  incarnation uuid not null default gen_random_uuid(),
  version bigint not null,
  digest bytea not null check (octet_length(digest) = 32)
);
insert into policy_head (version, digest) values (0, decode(repeat('00', 32), 'hex'));

-- Every change, only ever inserted: digest(n) = SHA-256(digest(n-1) || change), digest(0) = 32 zero bytes.
create table policy_log (
  version bigint primary key check (version > 0),
  change bytea not null,
  digest bytea not null check (octet_length(digest) = 32),
  created_at timestamptz not null default clock_timestamp()
);

-- What each broker process showed when it last renewed.
create table broker_leases (
  session uuid primary key,
  version bigint not null,
  seen_at timestamptz not null
);

-- Rows of a permit and a day (Asia/Jakarta) that brokers hold or have spent.
create table quota (
  permit_id uuid references permits,
  day date,
  reserved integer not null default 0,
  day_limit integer not null,
  primary key (permit_id, day),
  check (reserved between 0 and day_limit)
);
create table quota_reservations (
  reservation_id uuid primary key,
  permit_id uuid not null,
  day date not null,
  rows integer not null check (rows > 0),
  returned integer check (returned between 0 and rows),
  foreign key (permit_id, day) references quota
);
create index quota_reservations_of_day on quota_reservations (permit_id, day);

-- What a caller's request id stands for, so that a repeated request is told from a new one.
create table requests (
  opd text not null,
  request_id uuid not null,
  -- SHA-256 over method and request.
  fingerprint bytea not null,
  -- The application or permit that the request made or changed.
  subject_id uuid not null,
  primary key (opd, request_id)
);

-- As mesh/outbox.ts says.
create table outbox (
  event_id bytea primary key check (octet_length(event_id) = 16),
  entry bytea,
  created_at timestamptz not null default clock_timestamp(),
  recorded_index bigint,
  check ((entry is null) = (recorded_index is not null))
);
create index outbox_pending on outbox (created_at) where recorded_index is null;
