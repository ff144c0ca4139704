alter table permits
  -- The signed Aktivasi of the Izin in force; null while it is not activated.
  add column aktivasi_jws text,
  -- That which waits for its record with a renewal. One that waits by itself lies in pending_jws, without pending_izin.
  add column pending_aktivasi_jws text,
  add check ((pending_izin is null) = (pending_aktivasi_jws is null));
