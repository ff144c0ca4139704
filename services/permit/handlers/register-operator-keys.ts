import { randomUUID } from 'node:crypto';
import {
  type OperatorKey,
  RegisterOperatorKeysRequest,
  type RegisterOperatorKeysResponse,
} from '#gen/rangkiang/permit/v1/operator.ts';
import { MeshError } from '#mesh/errors.ts';
import { operatorDigest } from '#mesh/operator.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction, type PoolClient } from '#mesh/sql.ts';
import { policyRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { changeBytes } from '../domain/change-bytes.ts';
import { readJwks } from '../domain/operator-jwks.ts';
import { countKeys, insertKeys, keysOfIssuer, lockOperators, type StoredOperatorKey } from '../store/operators.ts';
import { claimRequest } from '../store/requests.ts';

/** Keys of one OPD that are not withdrawn, at most. */
const MOST_KEYS = 500;

/**
 * Registers an OPD's keys for its operators. They widen what is believed, so they count only when their record is
 * committed (see `completeRegistration`). Registered again, the same keys wait for the same and change nothing.
 */
export function registerOperatorKeys({ pool, relay, ringPolicy }: PermitContext) {
  return async (request: RegisterOperatorKeysRequest, call: CallContext): Promise<RegisterOperatorKeysResponse> => {
    const { issuer, operator, requestId } = request;
    const { opd } = call.grant;
    const keys = readJwks(request.jwks);
    if ('field' in keys) throw new MeshError('REQUEST_INVALID', { violations: [keys] });

    const named = await inTransaction(pool, async (client) => {
      await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: RegisterOperatorKeysRequest.encode(request).finish(),
        subjectId: randomUUID(),
      });
      if (!(await lockOperators(client, opd))) throw new MeshError('OPD_UNKNOWN');
      const fresh = newKeys(keys, operator, await keysOfIssuer(client, opd, issuer));
      if (fresh.length > 0) await register(client, { opd, issuer, operator, keys: fresh }, call);
      return (await keysOfIssuer(client, opd, issuer)).filter(({ entry }) => keys.some(({ kid }) => kid === entry.kid));
    });

    const events = new Map(named.map(({ registerEvent }) => [registerEvent.toString('hex'), registerEvent]));
    const indexes = await Promise.all([...events.values()].map((event) => relay.wait(event, RECORD_WAIT_MS)));
    call.auditIndex = indexes.at(-1);
    ringPolicy();
    const kids = new Set(named.map(({ entry }) => entry.kid));
    const stored = await keysOfIssuer(pool, opd, issuer);
    return { keys: stored.map(({ entry }) => entry).filter(({ kid }) => kids.has(kid)) };
  };

  async function register(
    client: PoolClient,
    registration: { opd: string; issuer: string; operator: string; keys: readonly OperatorKey[] },
    call: CallContext,
  ): Promise<void> {
    const { opd, issuer, operator, keys } = registration;
    if ((await countKeys(client, opd)) + keys.length > MOST_KEYS) {
      throw new MeshError('OPERATOR_KEYS_TOO_MANY', { values: { most: String(MOST_KEYS) } });
    }
    const digest = operator === '' ? Buffer.alloc(0) : operatorDigest(opd, operator);
    const change = changeBytes({
      $case: 'operatorKeysRegistered',
      value: { opd, issuer, keys: [...keys], operatorDigest: digest },
    });
    // Who it is about lies sealed beside the record.
    call.record.searchTerms = operator;
    await insertKeys(client, { ...registration, event: call.grant.callId, change });
    await relay.enqueue(client, policyRecord(call, change));
  }
}

/** The keys that the issuer does not have; throws OPERATOR_KEY_CONFLICT for one whose kid stands or stood for another. */
function newKeys(keys: readonly OperatorKey[], operator: string, stored: readonly StoredOperatorKey[]): OperatorKey[] {
  return keys.filter((key, index) => {
    const known = stored.find(({ entry }) => entry.kid === key.kid);
    if (!known) return true;
    const isSame =
      known.publicKey.equals(key.publicKey) &&
      known.entry.algorithm === key.algorithm &&
      known.entry.operator === operator &&
      known.withdrawal === undefined;
    if (isSame) return false;
    const violation = { field: `jwks.keys[${index}].kid`, description: 'stands or stood for another key' };
    throw new MeshError('OPERATOR_KEY_CONFLICT', { violations: [violation] });
  });
}
