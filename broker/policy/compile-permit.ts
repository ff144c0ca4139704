import { hash } from 'node:crypto';
import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { Method } from '#mesh/contract.ts';
import { personKeys } from '#mesh/emergency.ts';
import { type OpenHours, openHours } from '#mesh/hours.ts';
import type { SigningKeys } from '#mesh/signing-keys.ts';
import { type Candidate, indexRows } from './candidate.ts';
import { makeRow } from './casbin.ts';
import { proveRow } from './prove-row.ts';
import { purposeName } from './purposes.ts';
import { isStatutory } from './statute.ts';

/** Why a permit does not count though it is well signed. */
export type PermitFault =
  | 'OPD_UNREGISTERED'
  | 'UNIT_NAMED_TWICE'
  | 'METHOD_NOT_GRANTABLE'
  | 'PURPOSE_NOT_GRANTABLE'
  | 'ELEMENT_NOT_GRANTABLE'
  | 'DISABILITY_FLAG_MISMATCH'
  | 'VALIDITY_MALFORMED'
  | 'HOURS_MALFORMED'
  | 'EMERGENCY_UNFIT';

/** Thrown for a permit that must not be installed. */
export class PermitRefused extends Error {
  readonly fault: PermitFault;
  constructor(fault: PermitFault) {
    super(fault);
    this.fault = fault;
  }
}

/** UU 24/2013 art. 84: biometrics, signature and aib are never held here. */
const neverGranted: ReadonlySet<Element> = new Set([
  Element.UNSPECIFIED,
  Element.SIDIK_JARI,
  Element.IRIS_MATA,
  Element.TANDA_TANGAN,
  Element.AIB,
]);
const grantableElements = new Set(Object.values(Element).filter((element) => !neverGranted.has(element)));

/**
 * Compiles a verified Izin (`jws` are its signed bytes) against the methods of the contract: wildcards become the exact
 * methods that exist now. It does not count before it is activated. Throws PermitRefused.
 */
export function compilePermit(
  izin: Izin,
  jws: string,
  methods: ReadonlyMap<string, Method>,
  registeredOpds: ReadonlySet<string>,
): Candidate {
  if (!registeredOpds.has(izin.opd)) throw new PermitRefused('OPD_UNREGISTERED');
  if (!grantablePurpose(izin)) throw new PermitRefused('PURPOSE_NOT_GRANTABLE');
  checkElements(izin);
  const validFromMs = izin.validFrom?.getTime() ?? Number.NaN;
  const validUntilMs = izin.validUntil?.getTime() ?? Number.NaN;
  if (!(validFromMs < validUntilMs)) throw new PermitRefused('VALIDITY_MALFORMED');
  const hours = hoursOf(izin);
  const regions = new Map(izin.units.map((unit) => [unit.unit, unit.regions]));
  if (regions.size !== izin.units.length) throw new PermitRefused('UNIT_NAMED_TWICE');

  const persons = personsOf(izin);
  const digest = hash('sha256', jws, 'hex');
  const purpose = purposeName(izin.purpose);
  const rows = [...new Set(izin.methods.flatMap((pattern) => expand(pattern, methods)))].map((method) =>
    makeRow({
      permit: izin.permitId,
      opd: izin.opd,
      units: [...regions.keys()],
      method,
      purpose,
      eft: 'allow',
      grant: digest,
    }),
  );
  rows.forEach(proveRow);
  const { elements, rowCap, minimumCell, children, disability } = izin;
  return Object.freeze({
    id: izin.permitId,
    number: izin.number,
    izin,
    persons,
    digest,
    activation: undefined,
    validFromMs,
    validUntilMs,
    hours,
    rows: indexRows(rows),
    names: (unit: string) => regions.has(unit),
    terms: (unit: string) => ({
      elements,
      regions: regions.get(unit) ?? [],
      rowCap,
      minimumCell,
      children,
      disability,
      scope: Scope.UNSPECIFIED,
    }),
  });
}

/** The methods that a pattern of an Izin means: one path, or with "*" all of a service that a permit can grant. */
function expand(pattern: string, methods: ReadonlyMap<string, Method>): readonly string[] {
  const exact = methods.get(pattern);
  const meant = exact
    ? [exact].filter(grantable)
    : pattern.endsWith('/*')
      ? [...methods.values()].filter((method) => grantable(method) && `/${method.service}/*` === pattern)
      : [];
  if (meant.length === 0) throw new PermitRefused('METHOD_NOT_GRANTABLE');
  return meant.map((method) => method.path);
}

function grantable(method: Method): boolean {
  return method.policy.door === 'BROKER' && !isStatutory(method);
}

/** What cannot be read as hours must not be taken for any hour. */
function hoursOf({ hours }: Izin): OpenHours | undefined {
  try {
    return openHours(hours);
  } catch {
    throw new PermitRefused('HOURS_MALFORMED');
  }
}

/** Who may activate an emergency permit. Each of its uses must have a person. */
function personsOf({ emergency, operatorRequired }: Izin): SigningKeys | undefined {
  if (!emergency) return undefined;
  try {
    if (operatorRequired) return personKeys(emergency);
  } catch {}
  throw new PermitRefused('EMERGENCY_UNFIT');
}

/** The five purposes of UU 24/2013 art. 58(4); the others belong to statute. */
function grantablePurpose(izin: Izin): boolean {
  return izin.purpose >= Purpose.PELAYANAN_PUBLIK && izin.purpose <= Purpose.PENEGAKAN_HUKUM;
}

function checkElements(izin: Izin): void {
  if (!izin.elements.every((element) => grantableElements.has(element)))
    throw new PermitRefused('ELEMENT_NOT_GRANTABLE');
  if (izin.elements.includes(Element.CACAT) !== izin.disability) throw new PermitRefused('DISABILITY_FLAG_MISMATCH');
}
