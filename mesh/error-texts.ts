import { status as GrpcStatus } from '@grpc/grpc-js';
import type { Locale, Reason } from './errors.ts';

/** What callers are told for each reason: gRPC code, text per language, and how long to wait where waiting helps. */
export const errorTexts: Readonly<
  Record<Reason, Readonly<Record<Locale, string>> & { readonly code: GrpcStatus; readonly retryAfterMs?: number }>
> = {
  IDENTITY_INVALID: {
    code: GrpcStatus.UNAUTHENTICATED,
    id: 'Sertifikat klien tidak menyebut satu pemanggil yang dikenal. Minta sertifikat baru kepada Diskominfo dengan "rangkiang opd enrol".',
    en: 'The client certificate does not name exactly one known caller. Ask Diskominfo for a new one ("rangkiang opd enrol").',
  },
  CALLER_NOT_ALLOWED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Pemanggil ini tidak boleh memakai metode ini di pintu ini. Panggil melalui broker.',
    en: 'This caller may not use this method at this port. Call through the broker.',
  },
  METADATA_DUPLICATED: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Kepala {header} dikirim dua kali. Kirim tepat satu.',
    en: 'The header {header} was sent twice. Send exactly one.',
  },
  METADATA_FORBIDDEN: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Kepala {header} hanya boleh dibuat oleh mesh. Hapus dari permintaan.',
    en: 'The header {header} may only be set by the mesh. Remove it.',
  },
  METADATA_INVALID: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Kepala {header} salah bentuk. Lihat panduan OPD, bagian metadata.',
    en: 'The header {header} has a wrong form. See the OPD guide, metadata.',
  },
  PURPOSE_MISSING: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Tujuan tidak disebut. Isi kepala rangkiang-purpose, misalnya PELAYANAN_PUBLIK.',
    en: 'No purpose. Set the header rangkiang-purpose, for example PELAYANAN_PUBLIK.',
  },
  PURPOSE_UNKNOWN: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Tujuan ini tidak ada dalam daftar UU 24/2013 pasal 58(4). Pakai salah satu dari daftar.',
    en: 'This purpose is not in the list of UU 24/2013 art. 58(4). Use one of the list.',
  },
  METHOD_UNKNOWN: {
    code: GrpcStatus.UNIMPLEMENTED,
    id: 'Metode ini tidak ada. Periksa nama lengkapnya; daftar ada lewat reflection.',
    en: 'There is no such method. Check its full name; reflection lists them.',
  },
  NO_PERMIT: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'OPD Anda belum memiliki izin Walikota untuk metode dan tujuan ini. Ajukan permohonan dengan SubmitApplication.',
    en: 'Your agency has no permit from the Walikota for this method and purpose. Apply with SubmitApplication.',
  },
  PERMIT_UNKNOWN: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin yang disebut tidak ada atau bukan milik OPD Anda. Periksa kepala rangkiang-permit.',
    en: 'The named permit does not exist or is not yours. Check the header rangkiang-permit.',
  },
  UNIT_NOT_GRANTED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin tidak menyebut unit Anda. Minta OPD induk mengajukan perubahan izin.',
    en: 'The permit does not name your unit. Ask your agency to apply for a change.',
  },
  PERMIT_NOT_YET_VALID: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin belum mulai berlaku. Tunggu hari pertamanya.',
    en: 'The permit is not valid yet. Wait for its first day.',
  },
  PERMIT_EXPIRED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Masa berlaku izin sudah habis. Minta perpanjangan kepada kantor Walikota, atau ajukan permohonan baru.',
    en: "The permit has expired. Ask the Walikota's office to renew it, or apply for a new one.",
  },
  PERMIT_REVOKED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin sudah dicabut oleh Walikota. Hubungi kantor Walikota.',
    en: "The Walikota revoked the permit. Contact the Walikota's office.",
  },
  METHOD_NOT_GRANTED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin tidak mencakup metode ini. Pakai metode yang diizinkan, atau ajukan permohonan.',
    en: 'The permit does not cover this method. Use a granted one, or apply for this one.',
  },
  PURPOSE_NOT_GRANTED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin tidak mencakup tujuan ini. Pakai data hanya untuk tujuan izin, atau ajukan permohonan lain.',
    en: "The permit does not cover this purpose. Use the data for the permit's purpose only, or apply for another.",
  },
  ELEMENT_NOT_GRANTED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Elemen data yang diminta tidak ada dalam izin. Kosongkan elements untuk semua yang diizinkan.',
    en: 'An asked element is not in the permit. Leave elements empty for all that is granted.',
  },
  REGION_NOT_GRANTED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Wilayah yang diminta tidak ada dalam izin unit Anda. Minta hanya wilayah yang diizinkan.',
    en: "An asked region is not in your unit's permit. Ask for granted regions only.",
  },
  FROZEN: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'OPD Anda dibekukan di seluruh kota oleh perintah keamanan. Hentikan panggilan dan hubungi tim keamanan; hanya Walikota yang mencabut pembekuan.',
    en: 'Your agency is frozen for the whole city by a directive. Stop calling and contact the security team; only the Walikota lifts a freeze.',
  },
  OPERATOR_REQUIRED: {
    code: GrpcStatus.UNAUTHENTICATED,
    id: 'Izin mewajibkan pernyataan operator. Isi kepala rangkiang-operator.',
    en: "The permit demands the operator's assertion. Set the header rangkiang-operator.",
  },
  OPERATOR_INVALID: {
    code: GrpcStatus.UNAUTHENTICATED,
    id: 'Pernyataan operator tidak sah atau kedaluwarsa. {soal} Minta operator masuk kembali.',
    en: "The operator's assertion is not valid or has expired. {fault} Let the operator sign in again.",
  },
  CASE_NUMBER_REQUIRED: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Izin mewajibkan nomor perkara atau layanan. Isi kepala rangkiang-case.',
    en: 'The permit demands a case number. Set the header rangkiang-case.',
  },
  POLICY_STALE: {
    code: GrpcStatus.UNAVAILABLE,
    id: 'Broker tidak dapat memastikan izin yang berlaku, jadi semua ditolak. Coba lagi sebentar lagi.',
    en: 'The broker cannot be sure of the policy in force, so it refuses everything. Try again shortly.',
    retryAfterMs: 1000,
  },
  PERMIT_CHANGED: {
    code: GrpcStatus.UNAVAILABLE,
    id: 'Izin berubah ketika panggilan berjalan; jawaban tidak dikirim. Ulangi permintaan.',
    en: 'The permit changed while the call ran; the answer was withheld. Ask again.',
    retryAfterMs: 100,
  },
  QUOTA_EXCEEDED: {
    code: GrpcStatus.RESOURCE_EXHAUSTED,
    id: 'Kuota harian izin sudah habis. Mulai lagi pukul 00.00 WIB, atau ajukan kuota yang lebih besar.',
    en: "The permit's daily quota is used up. It starts anew at 00:00 Asia/Jakarta; or apply for more.",
  },
  RATE_LIMITED: {
    code: GrpcStatus.RESOURCE_EXHAUSTED,
    id: 'Terlalu banyak panggilan dalam waktu singkat. Kurangi laju panggilan.',
    en: 'Too many calls in a short time. Slow down.',
    retryAfterMs: 1000,
  },
  GUESS_LIMIT: {
    code: GrpcStatus.RESOURCE_EXHAUSTED,
    id: 'Terlalu banyak data yang tidak sesuai dalam VerifyResident. Coba lagi satu jam kemudian.',
    en: 'Too many claims that did not match in VerifyResident. Try again in an hour.',
    retryAfterMs: 3600000,
  },
  ROW_CAP_EXCEEDED: {
    code: GrpcStatus.FAILED_PRECONDITION,
    id: 'Jawaban lebih besar dari batas baris dalam izin. Persempit permintaan.',
    en: 'The answer has more rows than the permit allows. Narrow the request.',
  },
  AUDIT_UNAVAILABLE: {
    code: GrpcStatus.UNAVAILABLE,
    id: 'Catatan audit tidak dapat disimpan, jadi tidak ada data yang dikirim. Coba lagi sebentar lagi.',
    en: 'The audit record could not be stored, so no data are sent. Try again shortly.',
    retryAfterMs: 1000,
  },
  REQUEST_INVALID: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Permintaan salah isi. Perbaiki bidang yang disebut.',
    en: 'A field of the request is wrong. Correct the fields that are named.',
  },
  REQUEST_MALFORMED: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Isi permintaan bukan pesan Protobuf untuk metode ini. Periksa versi proto yang dipakai.',
    en: 'The request is not the Protobuf message of this method. Check the proto version in use.',
  },
  REQUEST_TOO_LARGE: {
    code: GrpcStatus.RESOURCE_EXHAUSTED,
    id: 'Permintaan terlalu besar. Pecah menjadi beberapa permintaan.',
    en: 'The request is too large. Split it.',
  },
  RESIDENT_NOT_FOUND: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Tidak ada penduduk seperti itu dalam cakupan izin Anda.',
    en: 'There is no such resident within the scope of your permit.',
  },
  APPLICATION_NOT_FOUND: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Permohonan tidak ditemukan.',
    en: 'No such application.',
  },
  PERMIT_NOT_FOUND: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Izin tidak ditemukan.',
    en: 'No such permit.',
  },
  RECORD_NOT_FOUND: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Catatan dengan indeks ini belum ada.',
    en: 'There is no record with this index yet.',
  },
  STATE_CONFLICT: {
    code: GrpcStatus.FAILED_PRECONDITION,
    id: 'Tidak dapat dilakukan dalam keadaan sekarang ({state}). Baca keadaan terbaru dahulu.',
    en: 'Not possible in the present state ({state}). Read the newest state first.',
  },
  REQUEST_ID_REUSED: {
    code: GrpcStatus.ALREADY_EXISTS,
    id: 'request_id ini sudah dipakai untuk permintaan lain. Pakai UUID baru.',
    en: 'This request_id was used for another request. Use a new UUID.',
  },
  SIGNATURE_INVALID: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Tanda tangan tidak cocok dengan kunci yang berhak. Tanda tangani kembali dengan kunci yang berlaku.',
    en: 'The signature does not verify with any key that may sign. Sign again with the key in force.',
  },
  DOCUMENT_MISMATCH: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Isi Izin tidak sesuai dengan permohonan ({field}). Izin boleh lebih sempit, tidak boleh lebih luas.',
    en: 'The Izin does not fit the application ({field}). It may grant less, never more.',
  },
  PAGE_TOKEN_INVALID: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'page_token bukan dari daftar ini. Mulai lagi tanpa page_token.',
    en: 'The page_token is not of this listing. Start again without it.',
  },
  IMPORT_CONFLICT: {
    code: GrpcStatus.ABORTED,
    id: 'Nomor potongan impor tidak berurutan; berikutnya {next}. Lanjutkan dari sana.',
    en: 'The chunk number does not follow; the next one is {next}. Resume there.',
  },
  OPD_UNKNOWN: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'OPD ini tidak terdaftar. Hubungi Diskominfo.',
    en: 'This agency is not registered. Contact Diskominfo.',
  },
  DEADLINE_EXCEEDED: {
    code: GrpcStatus.DEADLINE_EXCEEDED,
    id: 'Waktu yang diberikan habis. Ulangi dengan waktu lebih panjang.',
    en: 'The time allowed is over. Ask again with a longer one.',
  },
  CANCELLED: {
    code: GrpcStatus.CANCELLED,
    id: 'Panggilan dibatalkan oleh pemanggil.',
    en: 'The caller gave up.',
  },
  SERVICE_UNAVAILABLE: {
    code: GrpcStatus.UNAVAILABLE,
    id: 'Layanan sedang tidak menjawab. Coba lagi sebentar lagi.',
    en: 'A service does not answer. Try again shortly.',
    retryAfterMs: 1000,
  },
  INTERNAL: {
    code: GrpcStatus.INTERNAL,
    id: 'Terjadi kesalahan di pihak kami. Laporkan trace id kepada Diskominfo.',
    en: 'A fault of ours. Tell Diskominfo the trace id.',
  },
  UNIT_FROZEN: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Unit Anda dibekukan di seluruh kota oleh perintah keamanan. Hubungi tim keamanan; hanya Walikota yang mencabut pembekuan.',
    en: 'Your unit is frozen for the whole city by a directive. Contact the security team; only the Walikota lifts a freeze.',
  },
  SYSTEM_FROZEN: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Sistem ini dibekukan di seluruh kota oleh perintah keamanan. Matikan sistem dan hubungi tim keamanan; hanya Walikota yang mencabut pembekuan.',
    en: 'This system is frozen for the whole city by a directive. Take it out of service and contact the security team; only the Walikota lifts a freeze.',
  },
  CERTIFICATE_FROZEN: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Sertifikat klien ini dibekukan oleh perintah keamanan. Laporkan kepada tim keamanan, lalu minta sertifikat baru kepada Diskominfo.',
    en: 'This client certificate is frozen by a directive. Tell the security team, then ask Diskominfo for a new certificate.',
  },
  OPERATOR_FROZEN: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Operator ini dibekukan di seluruh kota oleh perintah keamanan. Atasan operator menghubungi tim keamanan; hanya Walikota yang mencabut pembekuan.',
    en: "This operator is frozen for the whole city by a directive. The operator's superior contacts the security team; only the Walikota lifts a freeze.",
  },
  METHOD_FROZEN: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Metode ini dibekukan bagi semua pemanggil oleh perintah keamanan. Tunggu pemberitahuan, atau tanya tim keamanan.',
    en: 'This method is frozen for every caller by a directive. Wait to be told, or ask the security team.',
  },
  ELEMENT_FROZEN: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Semua elemen dalam izin Anda dibekukan oleh perintah keamanan, sehingga tidak ada yang dapat diberikan. Tanya tim keamanan.',
    en: 'Every element of your permit is frozen by a directive, so that nothing is left to give. Ask the security team.',
  },
  DIRECTIVE_NOT_FOUND: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Tidak ada perintah pembekuan dengan id ini. Lihat "rangkiang directive list".',
    en: 'There is no directive with this id. See "rangkiang directive list".',
  },
  TARGET_NOT_FREEZABLE: {
    code: GrpcStatus.FAILED_PRECONDITION,
    id: 'Sasaran ini tidak dapat dibekukan: tanpanya pembekuan tidak dapat dicabut lagi. Bekukan sistem atau sertifikatnya saja.',
    en: 'This target cannot be frozen: without it no freeze could be lifted any more. Freeze a single system or certificate.',
  },
  OPERATOR_KEY_CONFLICT: {
    code: GrpcStatus.ALREADY_EXISTS,
    id: 'Penerbit ini sudah atau pernah mempunyai kunci lain dengan kid ini. Pakai kid baru.',
    en: 'The issuer has or had another key with this kid. Use a new kid.',
  },
  OPERATOR_KEY_UNKNOWN: {
    code: GrpcStatus.NOT_FOUND,
    id: 'OPD Anda tidak mempunyai kunci operator ini. Periksa penerbit dan kid; ListOperators menunjukkannya.',
    en: 'Your OPD has no such operator key. Check issuer and kid; ListOperators shows them.',
  },
  OPERATOR_KEYS_TOO_MANY: {
    code: GrpcStatus.RESOURCE_EXHAUSTED,
    id: 'OPD Anda sudah mempunyai {most} kunci operator. Cabut yang tidak dipakai dahulu.',
    en: 'Your OPD has {most} operator keys already. Withdraw those that are not in use first.',
  },
  ETAG_MISMATCH: {
    code: GrpcStatus.ABORTED,
    id: 'Permohonan atau izin ini sudah berubah sejak dibaca. Baca lagi, periksa, lalu ulangi dengan etag yang baru.',
    en: 'The application or permit changed since it was read. Read it again, check it, and repeat with the new etag.',
  },
  PERMIT_SUSPENDED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin sedang ditangguhkan oleh Walikota. Baca alasannya dengan GetPermit, penuhi, lalu minta pemulihan.',
    en: 'The Walikota suspended the permit. Read why with GetPermit, meet it, then ask for reinstatement.',
  },
  REVIEW_REQUIRED: {
    code: GrpcStatus.FAILED_PRECONDITION,
    id: 'Permohonan belum direkomendasikan Disdukcapil ({state}). Tunggu hasil telaah Disdukcapil (ReviewApplication).',
    en: 'Disdukcapil has not recommended the application ({state}). Wait for its review (ReviewApplication).',
  },
  APPROVAL_REQUIRED: {
    code: GrpcStatus.FAILED_PRECONDITION,
    id: 'Persetujuan Dirjen belum dicatat (Permendagri 102/2019). Disdukcapil mencatatnya dengan RecordApproval.',
    en: "The Dirjen's approval is not entered (Permendagri 102/2019). Disdukcapil enters it with RecordApproval.",
  },
  HEAD_REFUSED: {
    code: GrpcStatus.FAILED_PRECONDITION,
    id: 'Kepala log audit ini tidak melanjutkan kepala yang terakhir ditandatangani. Hentikan layanan audit dan periksa dengan "rangkiang audit verify".',
    en: 'This head of the audit log does not go on from the one signed last. Stop the audit service and look with "rangkiang audit verify".',
  },
  SIGNING_KEY_ENDED: {
    code: GrpcStatus.FAILED_PRECONDITION,
    id: 'Kunci yang menandatangani sudah diganti atau dicabut. Tanda tangani kembali dengan kunci yang berlaku; ListSigningKeys menunjukkannya.',
    en: 'The key that signed was replaced or withdrawn. Sign again with the key in force; ListSigningKeys shows it.',
  },
  SIGNING_KEY_EXPIRED: {
    code: GrpcStatus.FAILED_PRECONDITION,
    id: 'Sertifikat penanda tangan tidak berlaku pada saat penandatanganan. Ganti kuncinya dengan "rangkiang permit rotate-key", lalu tanda tangani kembali.',
    en: 'The signer\'s certificate was not valid when this was signed. Rotate the key ("rangkiang permit rotate-key") and sign again.',
  },
  SIGNING_KEY_UNUSABLE: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Kunci baru tidak dapat dipakai: harus sertifikat Ed25519 yang masih berlaku, bukan otoritas, dan belum pernah dipakai di sini. Buat kunci yang baru.',
    en: 'The new key cannot be used: it must be an Ed25519 certificate, still valid, no authority, and never used here before. Make a new key.',
  },
  SIGNING_KEY_UNKNOWN: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Kunci yang akan diakhiri bukan kunci yang boleh diakhiri penanda tangan ini. Sebut kunci itu sendiri, atau tanda tangani dengan otoritas kantor.',
    en: 'The key to be ended is none that this signer may end. Name the signing key itself, or sign with the office authority.',
  },
  PERMIT_IN_DOUBT: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin tidak dihitung: catatan kebijakan dan catatan audit tentangnya tidak sama. Tunggu beberapa saat; bila tetap begitu, hubungi tim keamanan Diskominfo.',
    en: 'The permit does not count: the policy and the audit log do not tell the same of it. Wait a moment; if it stays so, contact the security team of Diskominfo.',
  },
  EMERGENCY_NOT_ACTIVE: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin darurat belum diaktifkan. Dua pejabat yang disebut dalam izin harus mengaktifkannya (ActivateEmergency); hubungi mereka.',
    en: 'The emergency permit is not activated. Two of the officials that it names must activate it (ActivateEmergency); contact them.',
  },
  EMERGENCY_ENDED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Masa darurat sudah berakhir. Berhenti memakai izin ini dan sampaikan laporan untuk telaahnya.',
    en: 'The emergency is over. Stop using this permit, and report for its review.',
  },
  EMERGENCY_UNFIT: {
    code: GrpcStatus.INVALID_ARGUMENT,
    id: 'Pejabat, konfirmasi atau waktu keadaan darurat tidak sesuai. Dua pejabat berbeda dari izin harus menandatangani naskah yang sama, paling lama 72 jam.',
    en: 'Persons, confirmations or times of the emergency do not fit. Two different officials of the permit must sign the same text, for at most 72 hours.',
  },
  EMERGENCY_REVIEW_OPEN: {
    code: GrpcStatus.FAILED_PRECONDITION,
    id: 'Telaah keadaan darurat sebelumnya belum ditutup, atau belum waktunya. Tunggu sampai berakhir, lalu tutup telaahnya (ReviewEmergency).',
    en: 'The review of the emergency before is not closed, or not due yet. Wait for its end, then close the review (ReviewEmergency).',
  },
  EMERGENCY_NOT_FOUND: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Keadaan darurat ini tidak ada. Periksa UUID-nya; ListEmergencies menunjukkannya.',
    en: 'There is no such emergency. Check its UUID; ListEmergencies shows them.',
  },
  OBJECTION_NOT_FOUND: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Tidak ada keberatan terbuka dengan id ini. Lihat "rangkiang audit objection list".',
    en: 'No objection of this id is open. See "rangkiang audit objection list".',
  },
  RECORD_PRUNED: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Catatan ini sudah dihapus karena masa simpannya lewat; hash dan buktinya tetap. Catatan PRUNED menyebut yang dihapus.',
    en: 'This record was removed because its time is over; its hash and its proofs stay. Records of kind PRUNED name what was removed.',
  },
  ALERT_NOT_FOUND: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Tidak ada peringatan dengan nomor ini. ListAlerts menampilkannya.',
    en: 'There is no alert with this number. ListAlerts shows them.',
  },
  DUTY_OPEN: {
    code: GrpcStatus.FAILED_PRECONDITION,
    id: 'Kewajiban {kind} untuk {period} lewat tenggang dan belum dinyatakan lengkap. OPD menyerahkannya (HandIn), Disdukcapil memeriksanya (ReviewHandIn), baru izin dapat dipulihkan atau diperpanjang.',
    en: 'The duty {kind} for {period} is past its grace and not confirmed. The OPD hands it in (HandIn), Disdukcapil confirms it (ReviewHandIn); only then can the permit be reinstated or renewed.',
  },
  DUTY_NOT_FOUND: {
    code: GrpcStatus.NOT_FOUND,
    id: 'Izin ini tidak mempunyai kewajiban seperti itu untuk masa itu. Lihat "rangkiang permit duties" (ListDuties).',
    en: 'The permit owes no such thing for such a period. See "rangkiang permit duties" (ListDuties).',
  },
  NOT_ACTIVATED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin sudah terbit tetapi belum diaktifkan. Selesaikan PKS dan juknis dengan Disdukcapil, lalu minta Walikota menandatangani aktivasinya.',
    en: 'The permit is issued and not activated yet. Complete PKS and juknis with Disdukcapil, and ask the Walikota to sign its activation.',
  },
  SYSTEM_NOT_ACTIVATED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin tidak diaktifkan untuk sistem ini. Panggil dari sistem yang disebut dalam aktivasi, atau minta versi baru yang menyebut sistem ini.',
    en: 'The permit is not activated for this system. Call from one that its activation names, or ask for a new version that names this one.',
  },
  NETWORK_NOT_ALLOWED: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin tidak dapat dipakai dari jaringan ini. Panggil dari jaringan yang disebut dalam aktivasi, atau minta versi baru yang menyebut jaringan ini.',
    en: 'The permit cannot be used from this network. Call from one that its activation names, or ask for a new version that names this one.',
  },
  OUTSIDE_HOURS: {
    code: GrpcStatus.PERMISSION_DENIED,
    id: 'Izin tidak dapat dipakai pada jam ini. Tunggu jam pakainya (lihat "hours" dari GetPermit), atau minta versi baru dengan jam yang lebih panjang.',
    en: 'The permit cannot be used at this hour. Wait for its hours (see "hours" of GetPermit), or ask for a new version with longer ones.',
  },
};
