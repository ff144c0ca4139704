import type { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { MeshError } from '#mesh/errors.ts';
import type { VerifiedIzin } from '#mesh/izin.ts';
import { readActivation } from './activation.ts';
import type { Candidate } from './candidate.ts';
import { compilePermit, PermitRefused } from './compile-permit.ts';
import type { OpdPolicy } from './opd-policy.ts';
import type { Quarantined, Snapshot } from './snapshot.ts';

/** The permits of a snapshot in the making: nothing is copied of those before until the first one changes. */
export class PermitsInMaking {
  readonly #base: Snapshot;
  /** In the order of first issue; a renewal takes the place of the version before. */
  #permits: Map<string, Candidate> | undefined;
  #newest: Map<string, number> | undefined;
  readonly #touchedOpds = new Set<string>();

  constructor(base: Snapshot) {
    this.#base = base;
  }

  /**
   * Installs a signed permit, under a known id only in place of a lower version. Answers its UUID, and why it does not count. A higher
   * version that cannot be compiled still ends the one before, which the Walikota has replaced.
   */
  async install(
    jws: string,
    verifyIzin: (jws: string) => Promise<VerifiedIzin>,
  ): Promise<{ permit: string; fault?: Quarantined['fault'] }> {
    this.#permits ??= new Map(this.#base.permits.map((permit) => [permit.id, permit]));
    this.#newest ??= new Map(this.#base.newest);
    let permit = '';
    try {
      const { izin } = await verifyIzin(jws);
      permit = izin.permitId;
      const installed = this.#permits.get(permit)?.izin;
      if (izin.version <= (this.#newest.get(permit) ?? -1) || (installed && izin.opd !== installed.opd)) {
        return { permit, fault: 'PERMIT_ID_REUSED' };
      }
      this.#newest.set(permit, izin.version);
      if (installed) this.#touchedOpds.add(installed.opd);
      try {
        this.#permits.set(permit, compilePermit(izin, jws, this.#base.methods, this.#base.registeredOpds));
        this.#touchedOpds.add(izin.opd);
      } catch (error) {
        this.#permits.delete(permit);
        throw error;
      }
    } catch (error) {
      return { permit, fault: faultOf(error) };
    }
    return { permit };
  }

  /** The permit of an id as it now stands. */
  find(permit: string): Candidate | undefined {
    return this.#permits ? this.#permits.get(permit) : this.#base.permits.find(({ id }) => id === permit);
  }

  /** Activates the permit that stands with exactly the Izin that the document names, once. Answers why it does not count. */
  async activate(document: Promise<Aktivasi>): Promise<Omit<Quarantined, 'version'> | undefined> {
    this.#permits ??= new Map(this.#base.permits.map((permit) => [permit.id, permit]));
    let permit = '';
    try {
      const aktivasi = await document;
      permit = aktivasi.permitId;
      const installed = this.#permits.get(permit);
      if (installed?.izin === undefined || installed.digest !== aktivasi.izinDigest.toString('hex')) {
        return { permit, fault: 'IZIN_NOT_IN_FORCE' };
      }
      if (installed.activation) return { permit, fault: 'ACTIVATED_BEFORE' };
      this.#permits.set(permit, Object.freeze({ ...installed, activation: readActivation(aktivasi) }));
      this.#touchedOpds.add(installed.izin.opd);
      return undefined;
    } catch (error) {
      return { permit, fault: faultOf(error) };
    }
  }

  /** The policies of all OPDs, each made from the one before and, where they changed, from its own permits in order. */
  policies(make: (before: OpdPolicy, own: readonly Candidate[] | undefined) => OpdPolicy): Map<string, OpdPolicy> {
    const own = new Map<string, Candidate[]>([...this.#touchedOpds].map((opd) => [opd, []]));
    if (own.size > 0) for (const permit of this.#permits?.values() ?? []) own.get(permit.izin?.opd ?? '')?.push(permit);
    return new Map([...this.#base.opds].map(([opd, before]) => [opd, make(before, own.get(opd))]));
  }

  /** The permits that count, and the highest version of each that was well signed. */
  result(): Pick<Snapshot, 'permits' | 'newest'> {
    return {
      permits: this.#permits ? [...this.#permits.values()] : this.#base.permits,
      newest: this.#newest ?? this.#base.newest,
    };
  }
}

/** Why a document does not count, as far as it may be told. */
export function faultOf(error: unknown): Quarantined['fault'] {
  if (error instanceof PermitRefused) return error.fault;
  return error instanceof MeshError ? error.reason : 'NOT_COMPILED';
}
