import { BlockList, isIPv4 } from 'node:net';
import { Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { DirectiveTarget } from '#gen/rangkiang/permit/v1/directive.ts';
import type { Hours, Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { Reason } from '#mesh/errors.ts';
import { ANY_ADDRESS, ANY_SYSTEM } from './activation.ts';
import type { Candidate } from './candidate.ts';
import type { Decision, PolicyRequest, PolicyTime } from './decide.ts';
import type { Address } from './networks.ts';
import type { AssertedOperator } from './operators.ts';
import { purposeByName } from './purposes.ts';
import type { Snapshot } from './snapshot.ts';
import { statuteGrants } from './statute.ts';

// The same rules once more, from the signed documents and without Casbin, index or memo: slow, and plain to read. It
// shares no step with `decide`, so that a fault in one shows as a difference.

type Permit = Pick<Candidate, 'digest' | 'activation'> & { readonly izin: Izin };

type Verdict = { grant: Grant } | { reason: Reason };

/** Which frozen thing speaks first when a call meets several. */
const frozenOrder: readonly Reason[] = [
  'FROZEN',
  'UNIT_FROZEN',
  'SYSTEM_FROZEN',
  'CERTIFICATE_FROZEN',
  'OPERATOR_FROZEN',
  'METHOD_FROZEN',
];

/** What one directive, read by itself, says to a call. */
function frozenBy(target: DirectiveTarget['target'], call: PolicyRequest): Reason | undefined {
  switch (target?.$case) {
    case 'opd':
      return target.value === call.opd ? 'FROZEN' : undefined;
    case 'unit':
      return target.value.opd === call.opd && target.value.unit === call.unit ? 'UNIT_FROZEN' : undefined;
    case 'system': {
      const { opd, unit, system } = target.value;
      return opd === call.opd && unit === call.unit && system === call.system ? 'SYSTEM_FROZEN' : undefined;
    }
    case 'certificateSerial':
      return target.value === call.serial ? 'CERTIFICATE_FROZEN' : undefined;
    case 'operator':
      return target.value === call.operatorPseudonym ? 'OPERATOR_FROZEN' : undefined;
    case 'method':
      return target.value === call.method ? 'METHOD_FROZEN' : undefined;
    default:
      return undefined;
  }
}

/** Decides a call by reading every document. */
export function decideNaively(snapshot: Snapshot, request: PolicyRequest, time: PolicyTime): Verdict {
  if (!time.live) return { reason: 'POLICY_STALE' };
  const method = snapshot.methods.get(request.method);
  if (!method) return { reason: 'METHOD_UNKNOWN' };
  const purpose = purposeByName.get(request.purpose);
  if (purpose === undefined) return { reason: request.purpose === '' ? 'PURPOSE_MISSING' : 'PURPOSE_UNKNOWN' };
  if (!snapshot.opds.has(request.opd)) return { reason: 'OPD_UNKNOWN' };
  const targets = snapshot.directives.inForce.map(({ target }) => target?.target);
  const frozen = targets.map((target) => frozenBy(target, request));
  const loudest = frozenOrder.find((reason) => frozen.includes(reason));
  if (loudest) return { reason: loudest };
  const left = (element: Element) => !targets.some((target) => target?.$case === 'element' && target.value === element);
  if (request.operator && !assertsNaively(snapshot, request.opd, request.operator))
    return { reason: 'OPERATOR_INVALID' };
  const byStatute = method.policy.statutePurpose !== Purpose.UNSPECIFIED;

  /** The activation in force of this very version of a permit. */
  const activationOf = (izin: Izin) =>
    [...snapshot.emergencies].find(([id, { version }]) => id === izin.permitId && version === izin.version)?.[1];
  const fails = ({ izin, digest, activation }: Permit): Reason[] => {
    const aktivasi = activation?.aktivasi;
    const unit = izin.units.find((candidate) => candidate.unit === request.unit);
    const service = `/${method.service}/*`;
    const granted = izin.methods.some((name) => name === method.path || (name === service && !byStatute));
    const disclosing = method.policy.auditClass === 'DISCLOSURE';
    const activated = activationOf(izin);
    const steps: [unknown, Reason][] = [
      [!unit, 'UNIT_NOT_GRANTED'],
      [snapshot.revoked.has(izin.permitId), 'PERMIT_REVOKED'],
      [snapshot.suspended.get(izin.permitId) !== undefined, 'PERMIT_SUSPENDED'],
      [[...snapshot.inDoubt].includes(izin.permitId), 'PERMIT_IN_DOUBT'],
      [aktivasi?.izinDigest.toString('hex') !== digest, 'NOT_ACTIVATED'],
      [time.earliestMs < Number(izin.validFrom), 'PERMIT_NOT_YET_VALID'],
      [time.latestMs >= Number(izin.validUntil), 'PERMIT_EXPIRED'],
      [izin.emergency && !(activated && time.earliestMs >= activated.fromMs), 'EMERGENCY_NOT_ACTIVE'],
      [izin.emergency && (activated?.isReviewed || time.latestMs >= Number(activated?.untilMs)), 'EMERGENCY_ENDED'],
      [!granted, 'METHOD_NOT_GRANTED'],
      [izin.purpose !== purpose, 'PURPOSE_NOT_GRANTED'],
      [disclosing && izin.elements.length === 0, 'ELEMENT_NOT_GRANTED'],
      [disclosing && !izin.elements.some(left), 'ELEMENT_FROZEN'],
      [disclosing && unit?.regions.length === 0, 'REGION_NOT_GRANTED'],
      [!namesSystem(aktivasi?.systems ?? [], request.system), 'SYSTEM_NOT_ACTIVATED'],
      [!namesAddress(aktivasi?.networks ?? [], request.address), 'NETWORK_NOT_ALLOWED'],
      [!namesHour(izin.hours, time), 'OUTSIDE_HOURS'],
      [izin.operatorRequired && !request.hasOperator, 'OPERATOR_REQUIRED'],
      [izin.caseNumberRequired && !request.hasCaseNumber, 'CASE_NUMBER_REQUIRED'],
    ];
    const first = steps.findIndex(([failed]) => failed);
    return first < 0 ? [] : steps.slice(0, first + 1).map(([, reason]) => reason);
  };

  const base = { opd: request.opd, unit: request.unit, purpose };
  const named = request.permit;
  if (named === 'STATUTE' || (named === '' && byStatute)) {
    const rule = statuteGrants(request.opd, snapshot.registeredOpds).find((grant) => grant.method === method.path);
    if (!rule) return { reason: 'NO_PERMIT' };
    if (purposeByName.get(rule.purpose) !== purpose) return { reason: 'PURPOSE_NOT_GRANTED' };
    if (rule.units !== '*' && !rule.units.includes(request.unit)) return { reason: 'UNIT_NOT_GRANTED' };
    return { grant: Grant.fromPartial({ ...base, permit: 'STATUTE', scope: Scope[rule.scope] }) };
  }
  const own = snapshot.permits.flatMap((permit) => {
    const { izin } = permit;
    return izin?.opd === request.opd ? [{ ...permit, izin }] : [];
  });
  const candidates = own.filter(({ id }) => named === '' || id === named);
  if (candidates.length === 0) return { reason: named === '' ? 'NO_PERMIT' : 'PERMIT_UNKNOWN' };
  const fitting = candidates.filter((permit) => fails(permit).length === 0).map(({ izin }) => izin);
  const fits = fitting.find(({ emergency }) => !emergency) ?? fitting[0];
  if (!fits) {
    const furthest = candidates.map(fails).reduce((best, path) => (path.length > best.length ? path : best));
    return { reason: furthest.at(-1) as Reason };
  }
  const { permitId: permit, rowCap, minimumCell, children, legalBasis } = fits;
  const elements = fits.elements.filter(left);
  const disability = fits.disability && left(Element.CACAT);
  const regions = fits.units.find((unit) => unit.unit === request.unit)?.regions;
  return {
    grant: Grant.fromPartial({
      ...{ ...base, permit, elements, regions, rowCap, minimumCell, children, disability, legalBasis },
      emergency: fits.emergency ? activationOf(fits)?.activationId : '',
    }),
  };
}

function namesSystem(systems: readonly string[], system: string | undefined): boolean {
  return system === ANY_SYSTEM ? systems.length > 0 : systems.some((name) => name === system);
}

/** Asks Node's own list of addresses. */
function namesAddress(networks: readonly string[], address: Address | undefined): boolean {
  if (address === ANY_ADDRESS) return networks.length > 0;
  if (address === undefined) return false;
  const family = isIPv4(address.text) ? 'ipv4' : 'ipv6';
  return networks.some((network) => {
    const [base = '', length] = network.split('/');
    if ((isIPv4(base) ? 'ipv4' : 'ipv6') !== family) return false;
    const list = new BlockList();
    list.addSubnet(base, Number(length), family);
    return list.check(address.text, family);
  });
}

/** Reads the clock on the wall at both ends and at each minute that begins between them. */
function namesHour(hours: readonly Hours[], { earliestMs, latestMs }: PolicyTime): boolean {
  if (hours.length === 0) return true;
  if (!namesMinute(hours, earliestMs) || !namesMinute(hours, latestMs)) return false;
  for (let ms = Math.ceil(earliestMs / 60_000) * 60_000; ms < latestMs; ms += 60_000) {
    if (!namesMinute(hours, ms)) return false;
  }
  return true;
}

const wall = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Jakarta',
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function namesMinute(hours: readonly Hours[], ms: number): boolean {
  if (!Number.isFinite(ms)) return false;
  const [weekday = '', clock = ''] = wall.format(ms).split(/,? /);
  const today = weekdays.lastIndexOf(weekday);
  const on = (days: readonly number[], day: number) => days.length === 0 || days.includes(day);
  return hours.some(({ days, from, until }) =>
    from < until
      ? on(days, today) && from <= clock && clock < until
      : (on(days, today) && from <= clock) || (on(days, today === 1 ? 7 : today - 1) && clock < until),
  );
}

/** Looks for the operator's key among all keys of the city, and for what was withdrawn among all withdrawals. */
function assertsNaively(
  snapshot: Snapshot,
  opd: string,
  { issuer, kid, thumbprint, digest }: AssertedOperator,
): boolean {
  const own = [...snapshot.operators].filter(([code]) => code === opd).map(([, operators]) => operators);
  if (own.some(({ withdrawn }) => withdrawn.has(digest))) return false;
  const slots = own.flatMap(({ issuers }) =>
    [...issuers].flatMap(([name, keys]) => (name === issuer ? [...keys] : [])),
  );
  return slots.some(
    ([name, key]) =>
      name === kid && key !== 'WITHDRAWN' && key.thumbprint === thumbprint && (key.only === '' || key.only === digest),
  );
}

/** Whether a decision is what the oracle says, to the last element and region. */
export function agrees(decision: Decision, verdict: Verdict): boolean {
  if (!decision.allowed) return 'reason' in verdict && verdict.reason === decision.reason;
  return 'grant' in verdict && decision.terms.equals(Grant.encode(verdict.grant).finish());
}
