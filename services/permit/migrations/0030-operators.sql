-- What an OPD has registered: the change of the policy that its record announces, made once.
create table operator_registrations (
  event bytea primary key,
  -- Bytes of the PolicyChange.
  change bytea not null,
  -- Null while the record is not committed.
  policy_version bigint
);

-- Order of keys and withdrawals, by which they are listed together.
create sequence operator_entry_number as bigint;

-- Public keys that assert operators. A withdrawn one keeps its place: its kid never comes back.
create table operator_keys (
  opd text not null references opd,
  issuer text not null,
  kid text not null,
  number bigint not null unique default nextval('operator_entry_number'),
  -- Number of OperatorKeyAlgorithm, and the public bytes.
  algorithm smallint not null,
  public_key bytea not null,
  -- The only operator that it may assert; empty for every operator of the OPD.
  operator text not null,
  registered_at timestamptz not null default clock_timestamp(),
  register_event bytea not null references operator_registrations,
  withdraw_event bytea,
  withdraw_version bigint,
  withdrawn_at timestamptz,
  primary key (opd, issuer, kid),
  check ((withdraw_version is null) = (withdraw_event is null) and (withdraw_version is null) = (withdrawn_at is null))
);

-- Operators who may be asserted no longer. The id stands here for the OPD to read; the policy holds its digest.
create table withdrawn_operators (
  opd text not null references opd,
  operator text not null,
  number bigint not null unique default nextval('operator_entry_number'),
  withdraw_event bytea not null,
  withdraw_version bigint not null,
  withdrawn_at timestamptz not null default clock_timestamp(),
  primary key (opd, operator)
);

create view operator_entries as
  select opd, number, issuer, kid, algorithm, operator, registered_at, withdrawn_at, policy_version
  from operator_keys join operator_registrations on event = register_event
  union all
  select opd, number, '', '', 0, operator, null, withdrawn_at, withdraw_version from withdrawn_operators;
