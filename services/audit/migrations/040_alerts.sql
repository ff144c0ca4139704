-- Alerts and what was said to them are records; there are few, and they are asked for by themselves.
create index entry_alert on entry (index) where kind in (15, 16);

-- How far the rules have looked, and what they remember of it. Whoever looks holds an advisory lock.
create table alert_state (
  id boolean primary key default true check (id),
  -- Everything below this index was looked at.
  next_index bigint not null,
  remembered jsonb not null
);
-- From now on: what lies before was never looked at, and would be no news.
insert into alert_state (next_index, remembered) select size, '{}' from tree_head;
