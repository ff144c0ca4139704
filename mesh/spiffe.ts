import { hash, X509Certificate } from 'node:crypto';

/** The trust domain of every certificate of this mesh. */
export const TRUST_DOMAIN = 'padang.go.id';

/** Who stands at the other end of a connection, by the one URI name of its certificate (SPIFFE X.509-SVID). */
export type Peer = Readonly<
  | { kind: 'MESH'; name: string; notAfterMs: number }
  | {
      kind: 'OPD';
      opd: string;
      unit: string;
      system: string;
      serial: string;
      /** SHA-256 of the certificate in DER, base64url: `x5t#S256` of RFC 8705. */
      thumbprint: string;
      notAfterMs: number;
    }
>;

const MESH = new RegExp(`^spiffe://${TRUST_DOMAIN}/mesh/([a-z]{1,20})$`);
const OPD = new RegExp(
  `^spiffe://${TRUST_DOMAIN}/opd/([A-Z][A-Z0-9_]{1,19})/unit/([A-Z][A-Z0-9-]{1,39})/sistem/([a-z][a-z0-9-]{0,39})$`,
);

/** The SPIFFE id of a process of the mesh. */
export function meshId(name: string): string {
  return `spiffe://${TRUST_DOMAIN}/mesh/${name}`;
}

/** The SPIFFE id of a system of an OPD or office. */
export function opdId(opd: string, unit: string, system: string): string {
  return `spiffe://${TRUST_DOMAIN}/opd/${opd}/unit/${unit}/sistem/${system}`;
}

/**
 * Reads the peer from its certificate (DER), already verified by TLS. Undefined unless it is a leaf with exactly one
 * URI name, and that is an id of ours.
 */
export function peerOfCertificate(der: Uint8Array): Peer | undefined {
  const certificate = new X509Certificate(der);
  const names = certificate.subjectAltName;
  // Node quotes a name that holds a comma or a quote; such names exist only to deceive a parser.
  if (certificate.ca || names === undefined || names.includes('"')) return undefined;
  const uris = names.split(', ').filter((name) => name.startsWith('URI:'));
  if (uris.length !== 1) return undefined;
  const uri = (uris[0] ?? '').slice('URI:'.length);
  const notAfterMs = Date.parse(certificate.validTo);
  const mesh = MESH.exec(uri);
  if (mesh) return { kind: 'MESH', name: mesh[1] ?? '', notAfterMs };
  const opd = OPD.exec(uri);
  if (!opd) return undefined;
  const [, code = '', unit = '', system = ''] = opd;
  const thumbprint = hash('sha256', der, 'base64url');
  return { kind: 'OPD', opd: code, unit, system, serial: certificate.serialNumber, thumbprint, notAfterMs };
}
