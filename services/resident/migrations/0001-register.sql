-- The register: one row for each resident, with the elements of data/data_elements.csv under the names of the law. What is
-- never held here (fingerprints, iris, signature, aib) has no column. Designed for 909,040 residents and ten times that.
--
-- NIK and KK numbers are 16 digits and fit a bigint (half the index of a text; leading zeros come back when they are read).
-- Dates are yyyymmdd with 00 for an unknown month or day: registers hold many dates of which only the year is known.
-- Wide columns first, so that no row is padded.
create table residents (
  nik bigint primary key,
  nomor_kk bigint not null,
  nik_ibu bigint,
  nik_ayah bigint,
  tanggal_lahir integer,
  -- The latest birth date that fits what is known; 99999999 when nothing is. Age is (today - born_latest) / 10000 with today
  -- as yyyymmdd, so whoever may be under 18 counts as under 18.
  born_latest integer not null generated always as (
    case
      when tanggal_lahir is null then 99999999
      when tanggal_lahir % 10000 = 0 then tanggal_lahir + 1231
      when tanggal_lahir % 100 = 0 then tanggal_lahir + 31
      else tanggal_lahir
    end
  ) stored,
  tanggal_kawin integer,
  tanggal_cerai integer,
  -- Kelurahan of the current address, its Kemendagri code without points: 1371011001. Its kecamatan is kelurahan / 10000.
  -- Permits are scoped by it, so nobody is on record without one.
  kelurahan integer not null,
  -- List status_dasar: 1 living here, 2 dead, 3 moved out, 4 missing.
  status smallint not null,
  jenis_kelamin smallint not null,
  golongan_darah smallint,
  agama smallint,
  status_kawin smallint,
  shdk smallint,
  cacat smallint,
  pendidikan_terakhir smallint,
  pekerjaan smallint,
  rt smallint,
  rw smallint,
  rt_sebelumnya smallint,
  rw_sebelumnya smallint,
  punya_akta_lahir boolean,
  punya_akta_kawin boolean,
  punya_akta_cerai boolean,
  nama_lengkap text not null,
  tempat_lahir text,
  nama_ibu text,
  nama_ayah text,
  jalan text,
  jalan_sebelumnya text,
  -- May lie anywhere in Indonesia, so the code keeps its points.
  kelurahan_sebelumnya text,
  no_akta_lahir text,
  no_akta_kawin text,
  no_akta_cerai text
);

-- A household is the living residents who share a KK number; its head has shdk 1.
create index residents_nomor_kk on residents (nomor_kk) where status = 1;

-- Everything that AggregateResidents counts by, 36 bytes a row: it counts the whole city without touching the table.
create index residents_counted on residents
  (kelurahan, jenis_kelamin, born_latest, agama, status_kawin, pendidikan_terakhir, pekerjaan, golongan_darah, cacat)
  where status = 1;
