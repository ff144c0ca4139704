import type { Method } from '#mesh/contract.ts';
import { EVERY_UNIT } from './casbin.ts';
import { type PurposeName, purposeByName } from './purposes.ts';

/** Every registered OPD, or one office by its OPD code. */
type Role = 'OPD' | 'DISDUKCAPIL' | 'WALIKOTA' | 'SECURITY';

/** What the law lets a role do without a permit. */
interface StatuteRule {
  readonly role: Role;
  /** OWN reaches what belongs to the caller's OPD. */
  readonly scope: 'OWN' | 'ALL';
  readonly purpose: PurposeName;
  /** Full paths. */
  readonly methods: readonly string[];
  /** An OPD may do it through its head unit only: it binds all of its units. Offices always act through theirs. */
  readonly headUnitOnly?: true;
}

/** One authorisation by statute of one OPD or office. */
export interface StatuteGrant {
  readonly method: string;
  readonly purpose: PurposeName;
  readonly scope: 'OWN' | 'ALL';
  readonly units: readonly string[] | typeof EVERY_UNIT;
}

function of(service: string, ...names: string[]): string[] {
  return names.map((name) => `/rangkiang.${service}/${name}`);
}

const readPermits = of('permit.v1.PermitService', 'GetPermit', 'ListPermits');
const readApplications = of('permit.v1.PermitService', 'GetApplication', 'ListApplications');
const submit = of('permit.v1.PermitService', 'SubmitApplication');
const resubmit = of('permit.v1.PermitService', 'ResubmitApplication');
const review = of('permit.v1.PermitService', 'ReviewApplication', 'RecordApproval');
const sign = of('permit.v1.PermitService', 'IssuePermit', 'RejectApplication', 'RevokePermit');
const keepOperators = of(
  'permit.v1.OperatorService',
  'RegisterOperatorKeys',
  'WithdrawOperatorKeys',
  'WithdrawOperator',
  'ListOperators',
);
const keepPermits = of('permit.v1.PermitService', 'ActivatePermit', 'SuspendPermit', 'ReinstatePermit', 'RenewPermit');
const orderKeys = of('permit.v1.SigningKeyService', 'OrderSigningKey', 'ListSigningKeys');
const listKeys = of('permit.v1.SigningKeyService', 'ListSigningKeys');
const handIn = of('permit.v1.DutyService', 'HandIn');
const reviewHandIn = of('permit.v1.DutyService', 'ReviewHandIn');
const readDuties = of('permit.v1.DutyService', 'ListDuties');
const explain = of('broker.v1.DecisionService', 'Explain');
const checkAccess = of('broker.v1.DecisionService', 'CheckAccess');
const listEffective = of('broker.v1.DecisionService', 'ListEffective');
const simulate = of('broker.v1.DecisionService', 'Simulate');
const replay = of('broker.v1.DecisionService', 'Replay');
const keepRegister = of('resident.v1.RegistryService', 'ImportResidents', 'GetRegistryStatistics');
const freeze = of('permit.v1.DirectiveService', 'Freeze', 'ListDirectives');
const keepEmergencies = of('permit.v1.EmergencyService', 'ActivateEmergency', 'ReviewEmergency', 'ListEmergencies');
const lift = of('permit.v1.DirectiveService', 'Lift');
const oversee = of('audit.v1.AuditService', 'ListRecords', 'GetRecord', 'WatchRecords');
const serveResidents = of(
  'audit.v1.SubjectService',
  'ListAccessesAtCounter',
  'EraseSubject',
  'OpenObjection',
  'ListObjections',
  'CloseObjection',
);
const prune = of('audit.v1.AuditService', 'PruneRecords');
const assessBreach = of('audit.v1.SubjectService', 'ListBreached');
const heed = of('audit.v1.AlertService', 'ListAlerts', 'AcknowledgeAlert');
const prove = of('audit.v1.ProofService', 'GetInclusionProof', 'GetConsistencyProof', 'CheckStored');

const rules: readonly StatuteRule[] = [
  {
    role: 'OPD',
    scope: 'OWN',
    purpose: 'PERIZINAN',
    methods: [
      ...submit,
      ...resubmit,
      ...readApplications,
      ...readPermits,
      ...handIn,
      ...readDuties,
      ...explain,
      ...checkAccess,
      ...listEffective,
    ],
  },
  { role: 'OPD', scope: 'OWN', purpose: 'PERIZINAN', methods: keepOperators, headUnitOnly: true },
  {
    role: 'DISDUKCAPIL',
    scope: 'ALL',
    purpose: 'ADMINISTRASI_KEPENDUDUKAN',
    methods: [...keepRegister, ...serveResidents, ...prune],
  },
  {
    role: 'DISDUKCAPIL',
    scope: 'ALL',
    purpose: 'PERIZINAN',
    methods: [
      ...review,
      ...reviewHandIn,
      ...readApplications,
      ...readPermits,
      ...readDuties,
      ...explain,
      ...listEffective,
      ...simulate,
    ],
  },
  {
    role: 'WALIKOTA',
    scope: 'ALL',
    purpose: 'PERIZINAN',
    methods: [
      ...sign,
      ...keepPermits,
      ...orderKeys,
      ...readApplications,
      ...readPermits,
      ...readDuties,
      ...explain,
      ...listEffective,
      ...simulate,
    ],
  },
  { role: 'WALIKOTA', scope: 'ALL', purpose: 'PENGAWASAN', methods: [...freeze, ...lift, ...keepEmergencies] },
  {
    role: 'SECURITY',
    scope: 'ALL',
    purpose: 'PENGAWASAN',
    methods: [...oversee, ...replay, ...prove, ...heed, ...assessBreach, ...freeze, ...keepEmergencies],
  },
  {
    role: 'SECURITY',
    scope: 'ALL',
    purpose: 'PERIZINAN',
    methods: [...readPermits, ...readDuties, ...explain, ...listEffective, ...listKeys],
  },
];

/** OPD codes of the offices; those that are no OPD have statute rows only. */
export const offices: ReadonlySet<string> = new Set(rules.map((rule) => rule.role).filter((role) => role !== 'OPD'));

/** An office acts through its head unit; an OPD may apply and ask through any of its units. */
const headUnit = ['PUSAT'];

/** What statute grants to an OPD or office, one entry a method: where an office also is an OPD, its own rule stands. */
export function statuteGrants(opd: string, registeredOpds: ReadonlySet<string>): readonly StatuteGrant[] {
  const grants = new Map<string, StatuteGrant>();
  for (const { role, scope, purpose, methods, headUnitOnly } of rules) {
    if (role !== opd && !(role === 'OPD' && registeredOpds.has(opd))) continue;
    const units = role === 'OPD' && !headUnitOnly ? EVERY_UNIT : headUnit;
    for (const method of methods) grants.set(method, { method, purpose, scope, units });
  }
  return [...grants.values()];
}

/**
 * Holds the rules against the contract in both directions. Throws an Error that lists every rule without a method of its
 * purpose, and every statute method without a rule.
 */
export function checkStatute(methods: ReadonlyMap<string, Method>): void {
  const ruled = new Set(rules.flatMap((rule) => rule.methods));
  const faults = [
    ...rules.flatMap((rule) =>
      rule.methods
        .filter((path) => methods.get(path)?.policy.statutePurpose !== purposeByName.get(rule.purpose))
        .map((path) => `${path} is no method of ${rule.purpose}`),
    ),
    ...[...methods.values()]
      .filter((method) => isStatutory(method) && !ruled.has(method.path))
      .map((method) => `${method.path} has no statute rule`),
  ];
  if (faults.length > 0) throw new Error(`statute rules and contract differ: ${faults.join('; ')}`);
}

/** Whether the method comes from statute; then no permit can name it. */
export function isStatutory(method: Method): boolean {
  return method.policy.statutePurpose !== 0;
}
