-- Signed orders by which keys of the Walikota begin and end. Which keys are in force follows from the pinned certificates
-- and these, in the order of policy_version, as every broker derives it from the policy.
create table signing_key_orders (
  event bytea primary key,
  jws text not null,
  -- Thumbprint of the key that ends; empty when none does.
  ends text not null,
  -- Null while the record is not committed.
  policy_version bigint unique,
  ordered_at timestamptz not null default clock_timestamp()
);
