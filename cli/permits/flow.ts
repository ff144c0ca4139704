import { randomUUID } from 'node:crypto';
import type { Izin } from '../../proto/gen/rangkiang/permit/v1/izin.ts';
import type { RenewPermitResponse, ReviewOutcome } from '../../proto/gen/rangkiang/permit/v1/life_cycle.ts';
import type { Application, ApplicationContent, Permit } from '../../proto/gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService } from '../../proto/gen/rangkiang/permit/v1/permit_service.ts';
import type { Answered, Caller } from '../client/caller.ts';
import type { Layout } from '../state/layout.ts';
import { type AktivasiTerms, draftAktivasi } from './aktivasi-draft.ts';
import { draftIzin, type IzinTerms } from './izin-draft.ts';
import { signAktivasiAsWalikota, signAsWalikota, signPemulihanAsWalikota } from './sign.ts';

/** The statute purpose of everything about permits. */
export const permitPurpose = { purpose: 'PERIZINAN' } as const;

/** Applies as an OPD. The same request id with the same content answers the same application. */
export async function submitApplication(
  opd: Caller,
  content: ApplicationContent,
  requestId: string = randomUUID(),
): Promise<Answered<Application>> {
  const answered = await opd.call(PermitServiceService.submitApplication, { requestId, content }, permitPurpose);
  return { ...answered, message: present(answered.message.application) };
}

/** Reviews an application as Disdukcapil. */
export async function reviewApplication(
  disdukcapil: Caller,
  { applicationId, etag }: Application,
  outcome: ReviewOutcome,
  remarks: string,
): Promise<Answered<Application>> {
  const request = { requestId: randomUUID(), applicationId, etag, outcome, remarks };
  const answered = await disdukcapil.call(PermitServiceService.reviewApplication, request, permitPurpose);
  return { ...answered, message: present(answered.message.application) };
}

/** Enters the Dirjen's approval as Disdukcapil (Permendagri 102/2019). */
export async function recordApproval(
  disdukcapil: Caller,
  { applicationId, etag }: Application,
  dirjenLetter: string,
): Promise<Answered<Application>> {
  const request = { requestId: randomUUID(), applicationId, etag, dirjenLetter };
  const answered = await disdukcapil.call(PermitServiceService.recordApproval, request, permitPurpose);
  return { ...answered, message: present(answered.message.application) };
}

/** Reads an application; decisions about it carry its etag. */
export async function readApplication(caller: Caller, applicationId: string): Promise<Application> {
  const { message } = await caller.call(PermitServiceService.getApplication, { applicationId }, permitPurpose);
  return present(message.application);
}

/** Reads a permit; decisions about it carry its etag. */
export async function readPermit(caller: Caller, permitId: string): Promise<Permit> {
  const { message } = await caller.call(PermitServiceService.getPermit, { permitId }, permitPurpose);
  return present(message.permit);
}

/** Signs an application as the Walikota and hands in the signed permit. */
export async function issuePermit(
  walikota: Caller,
  layout: Layout,
  application: Application,
  terms: IzinTerms,
): Promise<Answered<Permit>> {
  const jws = await signAsWalikota(layout, draftIzin(application, terms, new Date()));
  const { applicationId, etag } = application;
  const request = { requestId: randomUUID(), applicationId, etag, jws };
  const answered = await walikota.call(PermitServiceService.issuePermit, request, permitPurpose);
  return { ...answered, message: present(answered.message.permit) };
}

/** Signs the activation of an issued permit as the Walikota and hands it in. */
export async function activatePermit(
  walikota: Caller,
  layout: Layout,
  permit: Permit,
  terms: AktivasiTerms,
): Promise<Answered<Permit>> {
  const { permitId, etag } = permit;
  const aktivasi = draftAktivasi(permitId, present(permit.izin).version, permit.jws, terms);
  const request = { requestId: randomUUID(), permitId, etag, jws: await signAktivasiAsWalikota(layout, aktivasi) };
  const answered = await walikota.call(PermitServiceService.activatePermit, request, permitPurpose);
  return { ...answered, message: present(answered.message.permit) };
}

/** Signs a new version of a permit's Izin and its Aktivasi as the Walikota and hands both in. */
export async function renewPermit(
  walikota: Caller,
  layout: Layout,
  { permitId, etag }: Permit,
  izin: Izin,
  terms: AktivasiTerms,
): Promise<Answered<RenewPermitResponse>> {
  const jws = await signAsWalikota(layout, izin);
  const aktivasiJws = await signAktivasiAsWalikota(layout, draftAktivasi(permitId, izin.version, jws, terms));
  const request = { requestId: randomUUID(), permitId, etag, jws, aktivasiJws };
  return walikota.call(PermitServiceService.renewPermit, request, permitPurpose);
}

/** Signs as the Walikota what lifts the suspension of a permit, and hands it in. */
export async function reinstatePermit(
  walikota: Caller,
  layout: Layout,
  { permitId, etag, suspensionId }: Permit,
  document: { number: string; reason: string },
): Promise<Answered<Permit>> {
  const jws = await signPemulihanAsWalikota(layout, { permitId, suspensionId, ...document });
  const request = { requestId: randomUUID(), permitId, etag, jws };
  const answered = await walikota.call(PermitServiceService.reinstatePermit, request, permitPurpose);
  return { ...answered, message: present(answered.message.permit) };
}

/** A part of an answer that the contract promises. */
export function present<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the answer lacks a part that the contract promises');
  return part;
}
