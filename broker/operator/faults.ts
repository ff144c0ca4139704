import { MeshError } from '#mesh/errors.ts';
import { OPERATOR_AUDIENCE } from '#mesh/operator.ts';

/** Every check of an assertion, and how its failure is told to programmers. */
const faults = {
  SIZE: { id: 'Token lebih dari 4096 huruf.', en: 'The token has more than 4096 letters.' },
  FORM: { id: 'Token bukan JWS ringkas (RFC 7515).', en: 'The token is no compact JWS (RFC 7515).' },
  HEADER: {
    id: 'Kepala token harus berisi alg dan kid, dan selain itu hanya typ "JWT".',
    en: 'The token\'s header must hold alg and kid, and beside them only typ "JWT".',
  },
  ALGORITHM: {
    id: 'alg harus EdDSA atau ES256, sesuai kunci yang didaftarkan.',
    en: 'alg must be EdDSA or ES256, as the registered key has it.',
  },
  CLAIMS: {
    id: 'Isi token bukan JSON dengan tiap klaim satu kali, atau sebuah klaim wajib tidak ada atau salah bentuk.',
    en: 'The payload is not JSON with each claim once, or a required claim is missing or has a wrong form.',
  },
  ISSUER: { id: 'iss tidak terdaftar untuk OPD Anda.', en: 'iss is not registered by your OPD.' },
  KEY: { id: 'kid tidak terdaftar pada penerbit ini.', en: 'kid is not registered with this issuer.' },
  WITHDRAWN: { id: 'Kunci atau operator sudah dicabut.', en: 'The key or the operator was withdrawn.' },
  SIGNATURE: { id: 'Tanda tangan tidak cocok.', en: 'The signature does not verify.' },
  SUBJECT: {
    id: 'Kunci ini terdaftar untuk operator lain.',
    en: 'This key is registered for another operator.',
  },
  AUDIENCE: { id: `aud harus "${OPERATOR_AUDIENCE}".`, en: `aud must be "${OPERATOR_AUDIENCE}".` },
  OPD: { id: 'opd bukan OPD pada sertifikat pemanggil.', en: "opd is not that of the caller's certificate." },
  UNIT: { id: 'unit bukan unit pada sertifikat pemanggil.', en: "unit is not that of the caller's certificate." },
  SISTEM: { id: 'sistem bukan id SPIFFE pemanggil.', en: "sistem is not the caller's SPIFFE id." },
  LIFETIME: { id: 'exp harus sesudah iat, paling lama 10 menit.', en: 'exp must follow iat by at most 10 minutes.' },
  NOT_YET: { id: 'iat atau nbf masih di depan.', en: 'iat or nbf lies in the future.' },
  EXPIRED: { id: 'exp sudah lewat.', en: 'exp is over.' },
  CERTIFICATE: {
    id: 'cnf harus berisi x5t#S256 dari sertifikat pemanggil (RFC 8705).',
    en: "cnf must hold x5t#S256 of the caller's certificate (RFC 8705).",
  },
} as const;

/** A check of an assertion. */
export type OperatorCheck = keyof typeof faults;

/** All of them. */
export const operatorChecks = Object.keys(faults) as OperatorCheck[];

/** OPERATOR_INVALID that says which check failed, and nothing of what the token says. */
export function operatorInvalid(check: OperatorCheck): MeshError {
  const { id, en } = faults[check];
  return new MeshError('OPERATOR_INVALID', { values: { check, soal: id, fault: en } });
}
