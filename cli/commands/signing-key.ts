import { randomUUID } from 'node:crypto';
import type { OrderSigningKeyResponse, SigningKey } from '../../proto/gen/rangkiang/permit/v1/signing_key.ts';
import { SigningKeyServiceService } from '../../proto/gen/rangkiang/permit/v1/signing_key_service.ts';
import { keepSigningCredential } from '../ca/authority.ts';
import type { Answered, Caller } from '../client/caller.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, oneOf } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { permitPurpose } from '../permits/flow.ts';
import { printTold } from '../permits/print-told.ts';
import { readSigner } from '../permits/sign.ts';
import { keyOf, putInPlace, signOrder } from '../signing-keys/order.ts';
import { tellKeys, tellOrder } from '../signing-keys/words.ts';

const orderOptions = {
  number: {
    type: 'string',
    value: 'NO',
    help: { id: 'Nomor dalam register Walikota', en: "Number in the Walikota's register" },
  },
  reason: {
    type: 'string',
    value: 'TEXT',
    help: { id: 'Alasan, paling sedikit 10 huruf', en: 'Why, at least 10 letters' },
  },
  office: {
    type: 'boolean',
    help: {
      id: 'Tanda tangani dengan otoritas kantor, bila kunci Walikota hilang',
      en: "Sign with the office authority, when the Walikota's key is lost",
    },
  },
  ...jsonOption,
} as const;

/** Lists the keys with which the Walikota signs or signed. */
export const permitKeysCommand = defineCommand({
  name: ['permit', 'keys'],
  operands: [],
  summary: { id: 'Daftar kunci tanda tangan Walikota', en: "List the Walikota's signing keys" },
  options: {
    as: {
      type: 'string',
      value: 'CALLER',
      help: { id: 'Sebagai WALIKOTA (bawaan) atau SECURITY', en: 'As WALIKOTA (default) or SECURITY' },
    },
    ...jsonOption,
  },
  async run({ options, ...invocation }) {
    const who = oneOf('as', options.as ?? 'WALIKOTA', ['WALIKOTA', 'SECURITY'] as const);
    return withCaller(who, invocation, async (caller) => {
      const answered = await caller.call(SigningKeyServiceService.listSigningKeys, {}, permitPurpose);
      printTold(answered, tellKeys(answered.message.keys, invocation.locale), options.json, invocation.locale);
    });
  },
});

/** Makes a new signing key and lets the old one, or the office authority, hand over to it. */
export const permitRotateKeyCommand = defineCommand({
  name: ['permit', 'rotate-key'],
  operands: [],
  summary: {
    id: 'Ganti kunci tanda tangan Walikota; yang sudah ditandatangani tetap berlaku',
    en: "Rotate the Walikota's signing key; what was signed before stands",
  },
  options: orderOptions,
  async run({ options, ...invocation }) {
    const document = { number: needed('number', options.number), reason: needed('reason', options.reason) };
    return withCaller('WALIKOTA', invocation, async (caller, layout) => {
      await keepSigningCredential(layout.nextIzin);
      const next = keyOf(await readSigner(layout.nextIzin));
      const { keys } = (await caller.call(SigningKeyServiceService.listSigningKeys, {}, permitPurpose)).message;
      // An earlier attempt may have been answered without our knowing: then it counts, and only the files lag behind.
      if (!keys.some(({ thumbprint }) => thumbprint === next.thumbprint)) {
        const signer = await readSigner(options.office ? layout.office : layout.izin);
        const ends = options.office ? lastInForce(keys) : keyOf(signer).thumbprint;
        const jws = await signOrder({ ...document, ends, begins: next.certificate.raw }, signer);
        await hand(caller, jws);
      }
      await putInPlace(layout.nextIzin, layout.izin);
      const answered = await caller.call(SigningKeyServiceService.listSigningKeys, {}, permitPurpose);
      printTold(answered, tellKeys(answered.message.keys, invocation.locale), options.json, invocation.locale);
    });
  },
});

/** Withdraws a signing key. When it is done, no broker counts a new signature of it. */
export const permitWithdrawKeyCommand = defineCommand({
  name: ['permit', 'withdraw-key'],
  operands: ['<thumbprint>'],
  summary: {
    id: 'Cabut kunci tanda tangan yang hilang atau dicuri; tanda tangan barunya tidak berlaku lagi',
    en: 'Withdraw a signing key that was lost or stolen; nothing that it signs from now on counts',
  },
  options: orderOptions,
  async run({ operands: [ends = ''], options, ...invocation }) {
    const document = { number: needed('number', options.number), reason: needed('reason', options.reason) };
    return withCaller('WALIKOTA', invocation, async (caller, layout) => {
      const signer = await readSigner(options.office ? layout.office : layout.izin);
      const jws = await signOrder({ ...document, ends, begins: Buffer.alloc(0) }, signer);
      const answered = await hand(caller, jws);
      printTold(answered, tellOrder(answered.message, invocation.locale), options.json, invocation.locale);
    });
  },
});

function hand(caller: Caller, jws: string): Promise<Answered<OrderSigningKeyResponse>> {
  return caller.call(SigningKeyServiceService.orderSigningKey, { requestId: randomUUID(), jws }, permitPurpose);
}

/** The newest key that signs documents; empty when every one has ended. */
function lastInForce(keys: readonly SigningKey[]): string {
  return keys.findLast(({ ended, authority }) => !ended && !authority)?.thumbprint ?? '';
}

function needed(name: string, value: string | undefined): string {
  if (value === undefined) throw usageFailure({ id: `Kurang: --${name}`, en: `Missing: --${name}` });
  return value;
}
