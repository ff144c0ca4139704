import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Metadata } from '@grpc/grpc-js';
import { Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Pemulihan, ReviewOutcome } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import type { Application, ApplicationContent, Permit } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { type Channel, connect, type MethodDefinition } from '#mesh/client.ts';
import { printJson } from '#mesh/contract.ts';
import { izinDigest, signAktivasi, signIzin, signPemulihan } from '#mesh/izin.ts';
import { createLogger } from '#mesh/log.ts';
import { OutboxRelay } from '#mesh/outbox.ts';
import { startServer } from '#mesh/server.ts';
import { pinnedKeys, type SigningKeys } from '#mesh/signing-keys.ts';
import { migrate, openPool, type Pool } from '#mesh/sql.ts';
import type { Credential } from '../../cli/ca/certificate.ts';
import { allow } from '../../services/permit/allow.ts';
import type { Clock } from '../../services/permit/domain/confirmation.ts';
import type { RegimeName } from '../../services/permit/domain/life-cycle.ts';
import { parseOpdList } from '../../services/permit/domain/opd-list.ts';
import { enforceAllDuties } from '../../services/permit/enforce-duties.ts';
import { completeRecorded } from '../../services/permit/recorded.ts';
import { permitServices } from '../../services/permit/service.ts';
import { registerOpd } from '../../services/permit/store/opd.ts';
import { type TestCertificates, testCertificates } from './certificates.ts';
import { MemoryLog } from './memory-log.ts';
import { testDatabase } from './postgres.ts';

/** A clock that goes on only by what was slept, so that seconds pass in no time; or not at all while `stopped`. */
export class VirtualClock implements Clock {
  stopped = false;
  sleeps = 0;
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.sleeps += 1;
    if (!this.stopped) this.#nowMs += ms;
    await setImmediate();
  }
}

/** What a broker grants to an OPD's system under statute. */
export function ownGrant(opd: string): Partial<Grant> {
  return { opd, unit: 'PUSAT', system: 'simpus', permit: 'STATUTE', purpose: Purpose.PERIZINAN, scope: Scope.OWN };
}

/** What a broker grants to the Walikota's office. */
export const walikotaGrant: Partial<Grant> = { ...ownGrant('WALIKOTA'), system: 'kantor', scope: Scope.ALL };

/** What a broker grants to Disdukcapil. */
export const disdukcapilGrant: Partial<Grant> = { ...ownGrant('DISDUKCAPIL'), system: 'kantor', scope: Scope.ALL };

/** What the health office applies for. */
export const healthContent: ApplicationContent = {
  units: [
    { unit: 'PKM-LUBUK-BUAYA', regions: ['13.71.11'] },
    { unit: 'PKM-PAUH', regions: ['13.71.08', '13.71.09'] },
  ],
  purpose: Purpose.PELAYANAN_PUBLIK,
  purposeText: 'Pelayanan pasien di Puskesmas',
  elements: [Element.NIK, Element.NAMA_LENGKAP, Element.TANGGAL_LAHIR],
  methods: [
    '/rangkiang.resident.v1.ResidentService/GetResident',
    '/rangkiang.resident.v1.ResidentService/VerifyResident',
  ],
  dataBalikan: 'Golongan darah pasien',
  termMonths: 12,
  quotaPerDay: 1_000,
  hours: [],
  legalBasis: '',
  subPurpose: '',
};

const DAY_MS = 86_400_000;
const startOfTests = Date.now();

/** An Izin that grants all that an application asks for, or what `changes` say. */
export function izinFor(application: Application, changes: Partial<Izin> = {}): Izin {
  const content = application.content ?? healthContent;
  return Izin.create({
    permitId: application.applicationId,
    number: '470/012/IZIN-DATA/2026',
    opd: application.opd,
    units: content.units,
    purpose: content.purpose,
    methods: content.methods,
    elements: content.elements,
    quotaPerDay: content.quotaPerDay,
    quotaPerMinute: 60,
    rowCap: 10,
    minimumCell: 5,
    dirjenLetter: application.dirjenLetter,
    validFrom: new Date(startOfTests - DAY_MS),
    validUntil: new Date(startOfTests + 300 * DAY_MS),
    ...changes,
  });
}

/** What lies outside the process and survives it. */
interface Surroundings {
  readonly databaseUrl: string;
  readonly certificates: TestCertificates;
  readonly log: MemoryLog;
  readonly regime: RegimeName;
  readonly signers: Signers;
  readonly calendar: Calendar;
}

/** The calendar of a service and its replicas: so many days ahead of the machine's, moved by whoever tests. */
interface Calendar {
  daysAhead: number;
}

/** Who signs as the Walikota, and whose certificate is pinned beside; by default one of the service's own, alone. */
interface Signers {
  readonly walikota?: Credential;
  readonly alsoPinned?: Credential;
}

/** An answer with what came beside it. */
interface Answered<Res> {
  readonly answer: Res;
  readonly auditIndex: bigint | undefined;
  /** The call's id as the broker chose it. */
  readonly callId: Buffer;
}

/** One process of the permit service, and the hands of a broker, an OPD and the Walikota around it. */
export interface PermitService {
  readonly pool: Pool;
  /** The keys that it counts from the start. */
  readonly pinned: SigningKeys;
  /** The Walikota's signing credential, PEM. */
  readonly walikota: Credential;
  /** The audit service. */
  readonly log: MemoryLog;
  /** By which RevokePermit waits. */
  readonly clock: VirtualClock;
  /** Carries its records. */
  readonly relay: OutboxRelay;
  /** By which it knows what day it is. */
  readonly calendar: Calendar;
  /** How often the brokers' bell was rung. */
  readonly rings: () => number;
  /** Calls as a broker, with a grant where the method wants one. Rejects with MeshError. */
  call<Req, Res>(definition: MethodDefinition<Req, Res>, request: Req, grant?: Partial<Grant>): Promise<Answered<Res>>;
  /** Submits an application of the health office. */
  submit(changes?: Partial<ApplicationContent>): Promise<Application>;
  /** Reviews an application as Disdukcapil. */
  review(application: Application, outcome?: ReviewOutcome): Promise<Application>;
  /** An application of the health office that Disdukcapil recommends. */
  apply(changes?: Partial<ApplicationContent>): Promise<Application>;
  /** Signs an Izin as the Walikota does. */
  sign(izin: Izin): Promise<string>;
  /** Signs the Aktivasi of a signed Izin, for one system from everywhere or what `changes` say. */
  signAktivasi(izin: Izin, jws: string, changes?: Partial<Aktivasi>): Promise<string>;
  /** Activates an issued permit. */
  activate(permit: Permit, changes?: Partial<Aktivasi>): Promise<Permit>;
  /** Signs what lifts the suspension of a permit. */
  signPemulihan(permit: Permit): Promise<string>;
  /** An application, granted in full and activated. */
  permit(changes?: Partial<ApplicationContent>): Promise<Permit>;
  /** What the service does every minute: looks at the duties that it has not looked at today. */
  enforceDuties(): Promise<void>;
  /** Resolves when every record is committed and what waited for it is done. */
  recorded(): Promise<void>;
  /** Starts another process on the same database: a second replica, or the next one after a stop. */
  another(): Promise<PermitService>;
  stop(): Promise<void>;
}

/** Starts the service on a fresh database. */
export async function startPermitService(
  regime: RegimeName = 'PERMENDAGRI_61_2015',
  signers: Signers = {},
): Promise<PermitService> {
  const { url } = await testDatabase();
  return start({
    databaseUrl: url,
    certificates: await testCertificates(),
    log: new MemoryLog(),
    regime,
    signers,
    calendar: { daysAhead: 0 },
  });
}

async function start(surroundings: Surroundings): Promise<PermitService> {
  const { databaseUrl, certificates, log, regime, signers, calendar } = surroundings;
  const pool = openPool(databaseUrl, { max: 16 });
  await migrate(pool, new URL('../../services/permit/migrations/', import.meta.url));
  const opdList = new URL('../../data/opd_kota_padang.csv', import.meta.url);
  await registerOpd(pool, parseOpdList(readFileSync(opdList, 'utf8')));

  const relay = new OutboxRelay(pool, log, createLogger('permit', 'fatal'), completeRecorded);
  const clock = new VirtualClock();
  let rings = 0;
  const ringPolicy = () => {
    rings += 1;
  };
  const { walikota = certificates.walikota } = signers;
  // A signature holds its second, so that a document signed again later is another one. Who repeats a request sends the same.
  const signed = new Map<string, Promise<string>>();
  const signOnce = (text: string, sign: typeof signIzin): Promise<string> => {
    const jws = signed.get(text) ?? sign(Buffer.from(text), walikota.keyPem, walikota.certPem);
    signed.set(text, jws);
    return jws;
  };
  const pinned = pinnedKeys(walikota.certPem + (signers.alsoPinned?.certPem ?? ''));
  const now = async () => new Date(Date.now() + calendar.daysAhead * DAY_MS);
  const context = { pool, relay, ringPolicy, pinned, clock, regime, reportGraceDays: 30, now };
  const server = await startServer({
    name: 'permit',
    listen: '127.0.0.1:0',
    tls: await certificates.issue('spiffe://padang.go.id/mesh/permit'),
    allow,
    implementations: permitServices(context),
    audit: log,
    onFault: (error, path) => console.error(path, error),
  });
  const brokerTls = await certificates.issue('spiffe://padang.go.id/mesh/broker');
  const channel = connect({ address: server.address, peer: 'permit', tls: brokerTls });

  const service: PermitService = {
    pool,
    pinned,
    walikota,
    log,
    clock,
    relay,
    calendar,
    rings: () => rings,
    enforceDuties: () => enforceAllDuties(context, (error) => assert.fail(error as Error)),
    call: (definition, request, grant) => call(channel, definition, request, grant),
    async submit(changes = {}) {
      const request = { requestId: randomUUID(), content: { ...healthContent, ...changes } };
      const { answer } = await service.call(permits.submitApplication, request, ownGrant('DKK'));
      assert.ok(answer.application);
      return answer.application;
    },
    async review({ applicationId, etag }, outcome = ReviewOutcome.RECOMMENDED) {
      const request = { requestId: randomUUID(), applicationId, etag, outcome, remarks: 'Sudah ditelaah.' };
      const { answer } = await service.call(permits.reviewApplication, request, disdukcapilGrant);
      assert.ok(answer.application);
      return answer.application;
    },
    apply: async (changes) => service.review(await service.submit(changes)),
    sign: (izin) => {
      const text = printJson('rangkiang.permit.v1.Izin', Izin.encode(izin).finish());
      return signOnce(text, signIzin);
    },
    signAktivasi: ({ permitId, version, dirjenLetter }, jws, changes = {}) => {
      const aktivasi = Aktivasi.fromPartial({
        permitId,
        version,
        izinDigest: izinDigest(jws),
        pksNumber: '470/012/PKS/2026',
        juknisNumber: '470/012/JUKNIS/2026',
        conformityNumber: dirjenLetter === '' ? '' : '470/012/BA-UJI/2026',
        systems: ['simpus'],
        networks: ['0.0.0.0/0', '::/0'],
        ...changes,
      });
      const text = printJson('rangkiang.permit.v1.Aktivasi', Aktivasi.encode(aktivasi).finish());
      return signOnce(text, signAktivasi);
    },
    async activate({ permitId, izin, jws: izinJws, etag }, changes) {
      assert.ok(izin);
      const jws = await service.signAktivasi(izin, izinJws, changes);
      const request = { requestId: randomUUID(), permitId, etag, jws };
      const { answer } = await service.call(permits.activatePermit, request, walikotaGrant);
      assert.ok(answer.permit);
      return answer.permit;
    },
    signPemulihan: ({ permitId, suspensionId }) => {
      const pemulihan = { permitId, suspensionId, number: '470/013/PEMULIHAN/2026', reason: 'Kewajiban dipenuhi.' };
      const text = printJson('rangkiang.permit.v1.Pemulihan', Pemulihan.encode(pemulihan).finish());
      return signOnce(text, signPemulihan);
    },
    async permit(changes) {
      const application = await service.apply(changes);
      const jws = await service.sign(izinFor(application));
      const request = { requestId: randomUUID(), applicationId: application.applicationId, jws };
      const { answer } = await service.call(permits.issuePermit, request, walikotaGrant);
      assert.ok(answer.permit);
      return service.activate(answer.permit);
    },
    async recorded() {
      const { rows } = await pool.query<{ event_id: Buffer }>('select event_id from outbox');
      await Promise.all(rows.map(({ event_id }) => relay.wait(event_id, 30_000)));
    },
    another: () => start(surroundings),
    async stop() {
      channel.close();
      await server.drain(1_000);
      await relay.close();
      await pool.end();
    },
  };
  return service;
}

async function call<Req, Res>(
  channel: Channel,
  definition: MethodDefinition<Req, Res>,
  request: Req,
  grant: Partial<Grant> | undefined,
): Promise<Answered<Res>> {
  const callId = randomBytes(16);
  const metadata = new Metadata();
  if (grant)
    metadata.set('rangkiang-grant-bin', Buffer.from(Grant.encode(Grant.create({ ...grant, callId })).finish()));
  let auditIndex: bigint | undefined;
  const onTrailers = (trailers: Metadata) => {
    const [index] = trailers.get('rangkiang-audit-index');
    if (index !== undefined) auditIndex = BigInt(index.toString());
  };
  const answer = await channel.unary(definition, request, { metadata, onTrailers, timeoutMs: 30_000 });
  return { answer, auditIndex, callId };
}
