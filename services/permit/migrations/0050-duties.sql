alter table permits
  -- Whether the Izin in force owes anything.
  add column owes boolean not null default false,
  -- From when on it owes: from its first validity, which a renewal without a gap continues. Permits that stand owe from now on.
  add column duties_since timestamptz not null default clock_timestamp(),
  -- Bytes of the PermitWarned that the brokers were told last, without the permit's id; empty while nothing is late.
  add column late_duties bytea not null default '',
  -- The day in Asia/Jakarta of which its duties were looked at last. Null: something changed since.
  add column duties_seen_on date;
alter table permits alter column duties_since drop default;

-- Only an Izin under Permendagri 102/2019 answers a letter of the Dirjen.
update permits set owes = true from applications where application_id = permit_id and dirjen_letter <> '';
create index permits_that_owe on permits (duties_seen_on) where owes;

-- What was handed in, in order; a duty that was sent back has several.
create table hand_ins (
  permit_id uuid not null references permits,
  number bigint generated always as identity,
  kind text not null,
  period text not null,
  reference text not null,
  summary text not null,
  handed_in_at timestamptz not null,
  -- Number of HandInOutcome.
  outcome smallint not null default 0,
  remarks text not null default '',
  reviewed_at timestamptz,
  primary key (permit_id, number),
  check ((outcome = 0) = (reviewed_at is null))
);
