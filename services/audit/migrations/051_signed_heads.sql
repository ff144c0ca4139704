-- Every head that was published, one a second at most while the log grows. An entry that was rewritten together with its hashes
-- lies behind the last of them that still fits and before the first that does not: nobody can make one fit without the log's key.
-- Who removes some makes that stretch longer and nothing else.
create table signed_head (
  size bigint primary key,
  checkpoint text not null
);
revoke update, delete, truncate on signed_head from rangkiang_audit;
