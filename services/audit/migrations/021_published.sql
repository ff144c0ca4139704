-- The newest head that log and witness have signed, as it is served.
create table published (
  id boolean primary key default true check (id),
  size bigint not null,
  checkpoint text not null
);
