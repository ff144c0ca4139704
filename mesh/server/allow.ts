import { MeshError } from '../errors.ts';
import type { Peer } from '../spiffe.ts';
import type { Implementation } from './implementation.ts';

/** For each method path the mesh processes that may call it. Data beside each service. */
export type AllowList = Readonly<Record<string, readonly string[]>>;

const MESH_NAMES = new Set(['broker', 'permit', 'audit', 'resident', 'signer']);

/** Checks the list both ways: a served method without an entry and an entry that matches nothing are errors. */
export function checkAllowList(allow: AllowList, implementations: readonly Implementation[]): void {
  const served = new Set(implementations.flat().map(({ method }) => method.path));
  const faults = [
    ...[...served]
      .filter((path) => !Object.hasOwn(allow, path))
      .map((path) => `${path} is served but allowed to nobody`),
    ...Object.keys(allow)
      .filter((path) => !served.has(path))
      .map((path) => `${path} is allowed but not served`),
    ...Object.entries(allow).flatMap(([path, names]) =>
      names.filter((name) => !MESH_NAMES.has(name)).map((name) => `${path}: there is no process ${name}`),
    ),
  ];
  if (faults.length > 0) throw new Error(`allow-list: ${faults.join('; ')}`);
}

/** Throws unless this peer may call this method here. */
export function assertAllowed(allow: AllowList, path: string, peer: Peer | undefined): asserts peer is Peer {
  if (!peer) throw new MeshError('IDENTITY_INVALID');
  if (peer.kind !== 'MESH' || !Object.hasOwn(allow, path) || !allow[path]?.includes(peer.name)) {
    throw new MeshError('CALLER_NOT_ALLOWED');
  }
}
