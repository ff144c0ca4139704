import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { after, before, describe, it } from 'mocha';
import { Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { type Channel, connect, meshErrorOf } from '#mesh/client.ts';
import { type Method, methods } from '#mesh/contract.ts';
import { type MeshError, reasonOf } from '#mesh/errors.ts';
import { meshId, opdId } from '#mesh/spiffe.ts';
import { clientCredentials } from '#mesh/tls.ts';
import { Trunk } from '#mesh/trunk/trunk.ts';
import {
  type Credential,
  createCaCredential,
  createLeafCredential,
  type LeafContent,
  validForDays,
} from '../../cli/ca/certificate.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

// Who calls. "opd+" has a permit (verify, get), "opd-" has none, "unit" is a Puskesmas (verify, get, family).
const CALLERS = [
  'none',
  'opd+',
  'opd-',
  'unit',
  'disdukcapil',
  'walikota',
  'security',
  'broker',
  'permit',
  'audit',
  'resident',
];
const CREDENTIALS: Record<string, string> = {
  'opd+': 'BAPENDA',
  'opd-': 'DINSOS',
  unit: 'PKM-LUBUK-BUAYA',
  disdukcapil: 'DISDUKCAPIL',
  walikota: 'WALIKOTA',
  security: 'SECURITY',
};

// What must happen. `in`: let in, whatever the (empty) request then comes to. Every cell was written by hand.
const OUTCOMES: Record<string, string> = {
  tls: 'NO_CONNECTION',
  in: 'IN',
  C: 'CALLER_NOT_ALLOWED',
  P: 'NO_PERMIT',
  M: 'METHOD_NOT_GRANTED',
  U: 'METHOD_UNKNOWN',
  N: 'UNIT_NOT_GRANTED',
};

// At the broker's door; purpose in brackets.
const AT_BROKER = `
                                                                       none opd+ opd- unit dukc wali secu brok perm audi resi
resident.v1.ResidentService/VerifyResident (PELAYANAN_PUBLIK)           tls  in   P    in   P    P    P    C    C    C    C
resident.v1.ResidentService/GetResident (PELAYANAN_PUBLIK)              tls  in   P    in   P    P    P    C    C    C    C
resident.v1.ResidentService/GetFamily (PELAYANAN_PUBLIK)                tls  M    P    in   P    P    P    C    C    C    C
resident.v1.ResidentService/AggregateResidents (PELAYANAN_PUBLIK)       tls  M    P    M    P    P    P    C    C    C    C
resident.v1.RegistryService/ImportResidents (ADMINISTRASI_KEPENDUDUKAN) tls  P    P    P    in   P    P    C    C    C    C
resident.v1.RegistryService/GetRegistryStatistics (ADMINISTRASI_KEPENDUDUKAN) tls P P  P    in   P    P    C    C    C    C
permit.v1.PermitService/SubmitApplication (PERIZINAN)                   tls  in   in   in   in   P    P    C    C    C    C
permit.v1.PermitService/GetApplication (PERIZINAN)                      tls  in   in   in   in   in   P    C    C    C    C
permit.v1.PermitService/ListApplications (PERIZINAN)                    tls  in   in   in   in   in   P    C    C    C    C
permit.v1.PermitService/IssuePermit (PERIZINAN)                         tls  P    P    P    P    in   P    C    C    C    C
permit.v1.PermitService/RejectApplication (PERIZINAN)                   tls  P    P    P    P    in   P    C    C    C    C
permit.v1.PermitService/RevokePermit (PERIZINAN)                        tls  P    P    P    P    in   P    C    C    C    C
permit.v1.PermitService/ReviewApplication (PERIZINAN)                   tls  P    P    P    in   P    P    C    C    C    C
permit.v1.PermitService/ResubmitApplication (PERIZINAN)                 tls  in   in   in   in   P    P    C    C    C    C
permit.v1.PermitService/RecordApproval (PERIZINAN)                      tls  P    P    P    in   P    P    C    C    C    C
permit.v1.PermitService/SuspendPermit (PERIZINAN)                       tls  P    P    P    P    in   P    C    C    C    C
permit.v1.PermitService/ActivatePermit (PERIZINAN)                      tls  P    P    P    P    in   P    C    C    C    C
permit.v1.PermitService/ReinstatePermit (PERIZINAN)                     tls  P    P    P    P    in   P    C    C    C    C
permit.v1.PermitService/RenewPermit (PERIZINAN)                         tls  P    P    P    P    in   P    C    C    C    C
permit.v1.PermitService/GetPermit (PERIZINAN)                           tls  in   in   in   in   in   in   C    C    C    C
permit.v1.PermitService/ListPermits (PERIZINAN)                         tls  in   in   in   in   in   in   C    C    C    C
permit.v1.DutyService/HandIn (PERIZINAN)                                tls  in   in   in   in   P    P    C    C    C    C
permit.v1.DutyService/ReviewHandIn (PERIZINAN)                          tls  P    P    P    in   P    P    C    C    C    C
permit.v1.DutyService/ListDuties (PERIZINAN)                            tls  in   in   in   in   in   in   C    C    C    C
permit.v1.DirectiveService/Freeze (PENGAWASAN)                          tls  P    P    P    P    in   in   C    C    C    C
permit.v1.DirectiveService/Lift (PENGAWASAN)                            tls  P    P    P    P    in   P    C    C    C    C
permit.v1.DirectiveService/ListDirectives (PENGAWASAN)                  tls  P    P    P    P    in   in   C    C    C    C
permit.v1.OperatorService/RegisterOperatorKeys (PERIZINAN)              tls  in   in   N    in   P    P    C    C    C    C
permit.v1.OperatorService/WithdrawOperatorKeys (PERIZINAN)              tls  in   in   N    in   P    P    C    C    C    C
permit.v1.OperatorService/WithdrawOperator (PERIZINAN)                  tls  in   in   N    in   P    P    C    C    C    C
permit.v1.OperatorService/ListOperators (PERIZINAN)                     tls  in   in   N    in   P    P    C    C    C    C
permit.v1.SigningKeyService/OrderSigningKey (PERIZINAN)                 tls  P    P    P    P    in   P    C    C    C    C
permit.v1.SigningKeyService/ListSigningKeys (PERIZINAN)                 tls  P    P    P    P    in   in   C    C    C    C
permit.v1.EmergencyService/ActivateEmergency (PENGAWASAN)               tls  P    P    P    P    in   in   C    C    C    C
permit.v1.EmergencyService/ReviewEmergency (PENGAWASAN)                 tls  P    P    P    P    in   in   C    C    C    C
permit.v1.EmergencyService/ListEmergencies (PENGAWASAN)                 tls  P    P    P    P    in   in   C    C    C    C
audit.v1.EmergencyUseService/ListEmergencyOperators (PENGAWASAN)        tls  U    U    U    U    U    U    C    C    C    C
permit.v1.PolicyService/Renew (PERIZINAN)                               tls  U    U    U    U    U    U    C    C    C    C
permit.v1.PolicyService/ReadChanges (PERIZINAN)                         tls  U    U    U    U    U    U    C    C    C    C
permit.v1.PolicyService/ReserveQuota (PERIZINAN)                        tls  U    U    U    U    U    U    C    C    C    C
permit.v1.PolicyService/ReturnQuota (PERIZINAN)                         tls  U    U    U    U    U    U    C    C    C    C
audit.v1.AuditService/Append (PENGAWASAN)                               tls  U    U    U    U    U    U    C    C    C    C
audit.v1.AuditService/ListRecords (PENGAWASAN)                          tls  P    P    P    P    P    in   C    C    C    C
audit.v1.AuditService/GetRecord (PENGAWASAN)                            tls  P    P    P    P    P    in   C    C    C    C
audit.v1.AuditService/WatchRecords (PENGAWASAN)                         tls  P    P    P    P    P    in   C    C    C    C
audit.v1.AuditService/ReadRecord (PENGAWASAN)                           tls  U    U    U    U    U    U    C    C    C    C
audit.v1.AuditService/CountUse (PENGAWASAN)                             tls  U    U    U    U    U    U    C    C    C    C
audit.v1.AuditService/PruneRecords (ADMINISTRASI_KEPENDUDUKAN)          tls  P    P    P    in   P    P    C    C    C    C
audit.v1.PolicyFeedService/FollowPolicy (PENGAWASAN)                    tls  U    U    U    U    U    U    C    C    C    C
audit.v1.ProofService/GetInclusionProof (PENGAWASAN)                    tls  P    P    P    P    P    in   C    C    C    C
audit.v1.ProofService/GetConsistencyProof (PENGAWASAN)                  tls  P    P    P    P    P    in   C    C    C    C
audit.v1.ProofService/CheckStored (PENGAWASAN)                          tls  P    P    P    P    P    in   C    C    C    C
audit.v1.ProofService/FollowHead (PENGAWASAN)                           tls  U    U    U    U    U    U    C    C    C    C
audit.v1.SignerService/GetSignedHead (PENGAWASAN)                       tls  U    U    U    U    U    U    C    C    C    C
audit.v1.SignerService/SignHead (PENGAWASAN)                            tls  U    U    U    U    U    U    C    C    C    C
audit.v1.SubjectService/ListAccesses (PELAYANAN_PUBLIK)                 tls  M    P    M    P    P    P    C    C    C    C
audit.v1.SubjectService/ListAccessesAtCounter (ADMINISTRASI_KEPENDUDUKAN) tls P P    P    in   P    P    C    C    C    C
audit.v1.SubjectService/EraseSubject (ADMINISTRASI_KEPENDUDUKAN)        tls  P    P    P    in   P    P    C    C    C    C
audit.v1.SubjectService/OpenObjection (ADMINISTRASI_KEPENDUDUKAN)       tls  P    P    P    in   P    P    C    C    C    C
audit.v1.SubjectService/ListObjections (ADMINISTRASI_KEPENDUDUKAN)      tls  P    P    P    in   P    P    C    C    C    C
audit.v1.SubjectService/CloseObjection (ADMINISTRASI_KEPENDUDUKAN)      tls  P    P    P    in   P    P    C    C    C    C
audit.v1.SubjectService/ListBreached (PENGAWASAN)                       tls  P    P    P    P    P    in   C    C    C    C
audit.v1.AlertService/ListAlerts (PENGAWASAN)                           tls  P    P    P    P    P    in   C    C    C    C
audit.v1.AlertService/AcknowledgeAlert (PENGAWASAN)                     tls  P    P    P    P    P    in   C    C    C    C
broker.v1.DecisionService/Explain (PERIZINAN)                           tls  in   in   in   in   in   in   C    C    C    C
broker.v1.DecisionService/CheckAccess (PERIZINAN)                       tls  in   in   in   in   P    P    C    C    C    C
broker.v1.DecisionService/ListEffective (PERIZINAN)                     tls  in   in   in   in   in   in   C    C    C    C
broker.v1.DecisionService/Simulate (PERIZINAN)                          tls  P    P    P    in   in   P    C    C    C    C
broker.v1.DecisionService/Replay (PENGAWASAN)                           tls  P    P    P    P    P    in   C    C    C    C
mesh.v1.TrunkService/Carry (PERIZINAN)                                  tls  U    U    U    U    U    U    C    C    C    C
`;

// At the port of the service that owns the method, as an ordinary call and (unary methods) over the trunk, with a grant
// that claims everything. DecisionService has no port but the door.
const AT_SERVICE = `
                                               none opd+ opd- unit dukc wali secu brok perm audi resi
resident.v1.ResidentService/VerifyResident      tls  C    C    C    C    C    C    in   C    C    C
resident.v1.ResidentService/GetResident         tls  C    C    C    C    C    C    in   C    C    C
resident.v1.ResidentService/GetFamily           tls  C    C    C    C    C    C    in   C    C    C
resident.v1.ResidentService/AggregateResidents  tls  C    C    C    C    C    C    in   C    C    C
resident.v1.RegistryService/ImportResidents     tls  C    C    C    C    C    C    in   C    C    C
resident.v1.RegistryService/GetRegistryStatistics tls C   C    C    C    C    C    in   C    C    C
permit.v1.PermitService/SubmitApplication       tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/GetApplication          tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/ListApplications        tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/IssuePermit             tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/RejectApplication       tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/RevokePermit            tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/ReviewApplication       tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/ResubmitApplication     tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/RecordApproval          tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/SuspendPermit           tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/ActivatePermit          tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/ReinstatePermit         tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/RenewPermit             tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/GetPermit               tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PermitService/ListPermits             tls  C    C    C    C    C    C    in   C    C    C
permit.v1.DutyService/HandIn                    tls  C    C    C    C    C    C    in   C    C    C
permit.v1.DutyService/ReviewHandIn              tls  C    C    C    C    C    C    in   C    C    C
permit.v1.DutyService/ListDuties                tls  C    C    C    C    C    C    in   C    C    C
permit.v1.DirectiveService/Freeze               tls  C    C    C    C    C    C    in   C    C    C
permit.v1.DirectiveService/Lift                 tls  C    C    C    C    C    C    in   C    C    C
permit.v1.DirectiveService/ListDirectives       tls  C    C    C    C    C    C    in   C    C    C
permit.v1.OperatorService/RegisterOperatorKeys  tls  C    C    C    C    C    C    in   C    C    C
permit.v1.OperatorService/WithdrawOperatorKeys  tls  C    C    C    C    C    C    in   C    C    C
permit.v1.OperatorService/WithdrawOperator      tls  C    C    C    C    C    C    in   C    C    C
permit.v1.OperatorService/ListOperators         tls  C    C    C    C    C    C    in   C    C    C
permit.v1.SigningKeyService/OrderSigningKey     tls  C    C    C    C    C    C    in   C    C    C
permit.v1.SigningKeyService/ListSigningKeys     tls  C    C    C    C    C    C    in   C    C    C
permit.v1.EmergencyService/ActivateEmergency    tls  C    C    C    C    C    C    in   C    C    C
permit.v1.EmergencyService/ReviewEmergency      tls  C    C    C    C    C    C    in   C    C    C
permit.v1.EmergencyService/ListEmergencies      tls  C    C    C    C    C    C    in   C    C    C
audit.v1.EmergencyUseService/ListEmergencyOperators tls C C    C    C    C    C    C    in   C    C
permit.v1.PolicyService/Renew                   tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PolicyService/ReadChanges             tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PolicyService/ReserveQuota            tls  C    C    C    C    C    C    in   C    C    C
permit.v1.PolicyService/ReturnQuota             tls  C    C    C    C    C    C    in   C    C    C
audit.v1.AuditService/Append                    tls  C    C    C    C    C    C    in   in   C    in
audit.v1.AuditService/ListRecords               tls  C    C    C    C    C    C    in   C    C    C
audit.v1.AuditService/GetRecord                 tls  C    C    C    C    C    C    in   C    C    C
audit.v1.AuditService/WatchRecords              tls  C    C    C    C    C    C    in   C    C    C
audit.v1.AuditService/ReadRecord                tls  C    C    C    C    C    C    in   C    C    C
audit.v1.AuditService/CountUse                  tls  C    C    C    C    C    C    in   C    C    C
audit.v1.AuditService/PruneRecords              tls  C    C    C    C    C    C    in   C    C    C
audit.v1.PolicyFeedService/FollowPolicy         tls  C    C    C    C    C    C    in   C    C    C
audit.v1.ProofService/GetInclusionProof         tls  C    C    C    C    C    C    in   C    C    C
audit.v1.ProofService/GetConsistencyProof       tls  C    C    C    C    C    C    in   C    C    C
audit.v1.ProofService/CheckStored               tls  C    C    C    C    C    C    in   C    C    C
audit.v1.ProofService/FollowHead                tls  C    C    C    C    C    C    in   C    C    C
audit.v1.SignerService/GetSignedHead            tls  C    C    C    C    C    C    C    C    in   C
audit.v1.SignerService/SignHead                 tls  C    C    C    C    C    C    C    C    in   C
audit.v1.SubjectService/ListAccesses            tls  C    C    C    C    C    C    in   C    C    C
audit.v1.SubjectService/ListAccessesAtCounter   tls  C    C    C    C    C    C    in   C    C    C
audit.v1.SubjectService/EraseSubject            tls  C    C    C    C    C    C    in   C    C    C
audit.v1.SubjectService/OpenObjection           tls  C    C    C    C    C    C    in   C    C    C
audit.v1.SubjectService/ListObjections          tls  C    C    C    C    C    C    in   C    C    C
audit.v1.SubjectService/CloseObjection          tls  C    C    C    C    C    C    in   C    C    C
audit.v1.SubjectService/ListBreached            tls  C    C    C    C    C    C    in   C    C    C
audit.v1.AlertService/ListAlerts                tls  C    C    C    C    C    C    in   C    C    C
audit.v1.AlertService/AcknowledgeAlert          tls  C    C    C    C    C    C    in   C    C    C
mesh.v1.TrunkService/Carry                      tls  C    C    C    C    C    C    in   in   in   in
`;

interface Row {
  method: string;
  purpose: string;
  expected: Map<string, string>;
}

function readTable(table: string): Row[] {
  return table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, method, purpose = '', cells] = /^(\S+)(?: \((\w+)\))?\s+(.*)$/.exec(line) ?? [];
      const outcomes = (cells ?? '').trim().split(/\s+/);
      assert.equal(outcomes.length, CALLERS.length, line);
      const expected = new Map(CALLERS.map((caller, at) => [caller, OUTCOMES[outcomes[at] ?? ''] ?? 'NOT WRITTEN']));
      return { method: `/rangkiang.${method}`, purpose, expected };
    });
}

const PROCESS_OF: Record<string, string> = {
  'rangkiang.resident.v1.ResidentService': 'resident',
  'rangkiang.resident.v1.RegistryService': 'resident',
  'rangkiang.permit.v1.PermitService': 'permit',
  'rangkiang.permit.v1.DirectiveService': 'permit',
  'rangkiang.permit.v1.DutyService': 'permit',
  'rangkiang.permit.v1.EmergencyService': 'permit',
  'rangkiang.permit.v1.OperatorService': 'permit',
  'rangkiang.permit.v1.PolicyService': 'permit',
  'rangkiang.permit.v1.SigningKeyService': 'permit',
  'rangkiang.audit.v1.AuditService': 'audit',
  'rangkiang.audit.v1.EmergencyUseService': 'audit',
  'rangkiang.audit.v1.PolicyFeedService': 'audit',
  'rangkiang.audit.v1.ProofService': 'audit',
  'rangkiang.audit.v1.SignerService': 'signer',
  'rangkiang.audit.v1.SubjectService': 'audit',
  'rangkiang.audit.v1.AlertService': 'audit',
  'rangkiang.mesh.v1.TrunkService': 'resident',
};

const REFUSALS = new Set(Object.values(OUTCOMES).filter((outcome) => outcome !== 'IN'));
const bytes = (value: Buffer): Buffer => value;

describe('every method for every kind of caller', function () {
  this.timeout(300_000);
  let mesh: TestMesh;
  const channels: Channel[] = [];
  const clients: Client[] = [];
  let atDoor: ReadonlyMap<string, ReadonlyMap<string, string>>;

  before(async () => {
    mesh = await startMesh();
    const ca = {
      certPem: await readFile(mesh.layout.ca, 'utf8'),
      keyPem: await readFile(join(mesh.layout.dir, 'ca.key'), 'utf8'),
    };
    const stranger = await createCaCredential('stranger', validForDays(1));
    const mine = opdId('DKK', 'PUSAT', 'layanan');
    await Promise.all([
      write('nobody', createLeafCredential(stranger, leaf({ uris: [mine] }))),
      write(
        'expired',
        createLeafCredential(ca, leaf({ uris: [mine], validity: validForDays(-1, Date.now() - 1_000) })),
      ),
      write('two names', createLeafCredential(ca, leaf({ uris: [mine, meshId('broker')] }))),
      write('other domain', createLeafCredential(ca, leaf({ uris: ['spiffe://padang.example/mesh/broker'] }))),
      write('no name', createLeafCredential(ca, leaf({ uris: [] }))),
    ]);
    // All at once: each waits for most of its time, and one after the other they took two minutes.
    atDoor = new Map(await Promise.all(CALLERS.map(async (caller) => [caller, await outcomesAtDoor(caller)] as const)));
  });

  function leaf(content: Partial<LeafContent>): LeafContent {
    return { commonName: 'odd', uris: [], hosts: [], validity: validForDays(1), ...content };
  }

  async function write(name: string, credential: Promise<Credential>): Promise<void> {
    const { certPem, keyPem } = await credential;
    await writeFile(join(mesh.layout.dir, `${name}.crt`), certPem);
    await writeFile(join(mesh.layout.dir, `${name}.key`), keyPem);
  }

  after(async () => {
    for (const open of [...channels, ...clients]) open.close();
    await mesh.stop();
  });

  function filesOf(caller: string) {
    const { layout } = mesh;
    const name = CREDENTIALS[caller];
    const path = caller === 'none' ? join(layout.dir, 'nobody') : name ? layout.client(name) : layout.mesh(caller);
    return { ca: layout.ca, cert: `${path}.crt`, key: `${path}.key` };
  }

  function channelOf(caller: string, process: string): Channel {
    const address = mesh.endpoints().processes[process]?.address ?? '';
    const channel = connect({ address, peer: process, tls: filesOf(caller) });
    channels.push(channel);
    return channel;
  }

  function outcomeOf(error: ServiceError, caller: string): string {
    const details = error.metadata?.get('grpc-status-details-bin')[0];
    const reason = Buffer.isBuffer(details) ? reasonOf(details) : undefined;
    if (caller === 'none' && error.code === 14 && !reason) return 'NO_CONNECTION';
    return outcomeOfReason(reason ?? meshErrorOf(error).reason);
  }

  /** Let in is whatever the handler then said of the empty request; a fault or an absence is itself. */
  function outcomeOfReason(reason: string | undefined): string {
    if (reason === undefined) return 'IN';
    return REFUSALS.has(reason) ||
      reason === 'RATE_LIMITED' ||
      reason === 'INTERNAL' ||
      reason === 'SERVICE_UNAVAILABLE'
      ? reason
      : 'IN';
  }

  const clientsByCaller = new Map<string, Client>();
  function clientOf(caller: string, process: string): Client {
    const key = `${caller} ${process}`;
    const client = clientsByCaller.get(key) ?? openClient(caller, process);
    clientsByCaller.set(key, client);
    return client;
  }

  function openClient(caller: string, process: string): Client {
    const { broker, processes } = mesh.endpoints();
    const address = process === 'broker' ? broker : (processes[process]?.address ?? '');
    const ca = readFileSync(mesh.layout.ca);
    const client = new Client(
      address,
      caller === 'none'
        ? credentials.createSsl(ca, null, null, { checkServerIdentity: () => undefined })
        : clientCredentials(filesOf(caller), process),
      { 'grpc.ssl_target_name_override': 'x.padang.go.id' },
    );
    clients.push(client);
    return client;
  }

  async function ordinary(client: Client, method: Method, metadata: Metadata, caller: string): Promise<string> {
    const options = { deadline: Date.now() + 10_000 };
    if (!method.requestStream && !method.responseStream) {
      return new Promise((resolve) => {
        client.makeUnaryRequest(method.path, bytes, bytes, Buffer.alloc(0), metadata, options, (error) =>
          resolve(error ? outcomeOf(error, caller) : 'IN'),
        );
      });
    }
    const stream = client.makeBidiStreamRequest(method.path, bytes, bytes, metadata, options);
    const outcome = await new Promise<string>((resolve) => {
      stream.on('error', (error: ServiceError) => resolve(outcomeOf(error, caller)));
      // A stream that is let in begins with its metadata, one that is refused has nothing before its status.
      stream.on('metadata', () => setImmediate(() => resolve('IN')));
      stream.on('data', () => resolve('IN'));
      stream.end(Buffer.alloc(0));
    });
    stream.cancel();
    return outcome;
  }

  function carried(trunk: Trunk, method: string): Promise<string> {
    const options = { grant: everythingGranted(), traceparent: '', deadlineMs: Date.now() + 10_000, queue: '' };
    return trunk.call(method, Buffer.alloc(0), options).answer.then(
      (answer) => outcomeOfReason(reasonOf(answer.status)),
      (error: MeshError) => outcomeOfReason(error.reason),
    );
  }

  function everythingGranted(): Buffer {
    const grant = Grant.fromPartial({
      callId: randomBytes(16),
      permit: 'STATUTE',
      opd: 'DKK',
      unit: 'PUSAT',
      system: 'layanan',
      purpose: 1,
      elements: [Element.NIK, Element.NAMA_LENGKAP],
      regions: ['13.71'],
      rowCap: 10,
      scope: Scope.ALL,
    });
    return Buffer.from(Grant.encode(grant).finish());
  }

  /** What each method answers a caller at the door. */
  async function outcomesAtDoor(caller: string): Promise<Map<string, string>> {
    const client = clientOf(caller, 'broker');
    const outcomes = new Map<string, string>();
    for (const { method, purpose } of readTable(AT_BROKER)) {
      const metadata = new Metadata();
      metadata.set('rangkiang-purpose', purpose);
      const ask = () => ordinary(client, methods.get(method) as Method, metadata, caller);
      let outcome = await ask();
      // More than 20 denials a second are refused undecided: a caller of whom the table denies more has to wait.
      while (outcome === 'RATE_LIMITED') {
        await delay(1_000);
        outcome = await ask();
      }
      outcomes.set(method, outcome);
    }
    return outcomes;
  }

  it('has an expected result for every pair at the door and at the services', () => {
    const all = [...methods.keys()].sort();
    assert.deepEqual(
      readTable(AT_BROKER)
        .map(({ method }) => method)
        .sort(),
      all,
    );
    assert.deepEqual(
      readTable(AT_SERVICE)
        .map(({ method }) => method)
        .sort(),
      all.filter((path) => !path.includes('DecisionService')),
    );
    for (const { method, expected } of [...readTable(AT_BROKER), ...readTable(AT_SERVICE)]) {
      for (const [caller, outcome] of expected) assert.notEqual(outcome, 'NOT WRITTEN', `${method} ${caller}`);
    }
  });

  for (const caller of CALLERS) {
    it(`at the door: ${caller}`, () => {
      for (const { method, expected } of readTable(AT_BROKER)) {
        assert.equal(atDoor.get(caller)?.get(method), expected.get(caller), `${method} ${caller}`);
      }
    });

    it(`at the services' own ports: ${caller}`, async () => {
      for (const { method, expected } of readTable(AT_SERVICE)) {
        const described = methods.get(method) as Method;
        const client = clientOf(caller, PROCESS_OF[described.service] ?? '');
        const metadata = new Metadata();
        metadata.set('rangkiang-grant-bin', everythingGranted());
        assert.equal(await ordinary(client, described, metadata, caller), expected.get(caller), `${method} ${caller}`);
      }
    });

    it(`over the trunk: ${caller}`, async () => {
      const carries =
        readTable(AT_SERVICE)
          .find(({ method }) => method.endsWith('/Carry'))
          ?.expected.get(caller) === 'IN';
      const trunks = new Map<string, Trunk>();
      const trunkOf = (process: string) => {
        const trunk = trunks.get(process) ?? new Trunk(channelOf(caller, process));
        trunks.set(process, trunk);
        return trunk;
      };
      const unary = readTable(AT_SERVICE).filter(({ method }) => {
        const { requestStream, responseStream } = methods.get(method) as Method;
        return !requestStream && !responseStream;
      });
      const walk = async ({ method, expected }: Row): Promise<void> => {
        const trunk = trunkOf(PROCESS_OF[(methods.get(method) as Method).service] ?? '');
        let outcome = await carried(trunk, method);
        // Who may not open a trunk gets no further: its calls find no line.
        while (carries && outcome === 'SERVICE_UNAVAILABLE') outcome = await carried(trunk, method);
        assert.equal(outcome, carries ? expected.get(caller) : 'SERVICE_UNAVAILABLE', `${method} ${caller}`);
      };
      await Promise.all(unary.map(walk));
      for (const trunk of trunks.values()) trunk.close();
    });
  }

  for (const [name, expected] of [
    ['nobody', 'SERVICE_UNAVAILABLE'],
    ['expired', 'SERVICE_UNAVAILABLE'],
    ['two names', 'IDENTITY_INVALID'],
    ['other domain', 'IDENTITY_INVALID'],
    ['no name', 'IDENTITY_INVALID'],
  ] as const) {
    it(`refuses everywhere a certificate with a fault: ${name}`, async () => {
      const doors = {
        broker: '/rangkiang.resident.v1.ResidentService/GetResident',
        resident: '/rangkiang.resident.v1.ResidentService/GetResident',
        permit: '/rangkiang.permit.v1.PolicyService/Renew',
        audit: '/rangkiang.audit.v1.AuditService/GetRecord',
      };
      const path = join(mesh.layout.dir, name);
      const tls = { ca: mesh.layout.ca, cert: `${path}.crt`, key: `${path}.key` };
      for (const [process, method] of Object.entries(doors)) {
        const { broker, processes } = mesh.endpoints();
        const address = process === 'broker' ? broker : (processes[process]?.address ?? '');
        const channel = connect({ address, peer: process, tls });
        channels.push(channel);
        const definition = { path: method, requestSerialize: bytes, responseDeserialize: bytes };
        await assert.rejects(
          channel.unary(definition, Buffer.alloc(0), { timeoutMs: 10_000 }),
          { reason: expected },
          process,
        );
      }
    });
  }
});
