import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import {
  type CloseObjectionRequest,
  type CloseObjectionResponse,
  type ListObjectionsRequest,
  type ListObjectionsResponse,
  type Objection,
  ObjectionContent,
  type OpenObjectionRequest,
  type OpenObjectionResponse,
} from '#gen/rangkiang/audit/v1/subject.ts';
import { MeshError } from '#mesh/errors.ts';
import { type Appender, makeEntry, newDraft, type RecordDraft } from '#mesh/record.ts';
import type { CallContext } from '#mesh/server.ts';
import { open, seal } from './domain/aes-gcm.ts';
import { type AccessParts, findAccess } from './domain/list-accesses.ts';
import { requireWholeLog } from './domain/require-whole-log.ts';
import type { ObjectionRow, ObjectionStore } from './store/objections.ts';
import type { KeyStore } from './store/seal-keys.ts';

/** What objections work with. */
export interface ObjectionParts {
  readonly store: ObjectionStore;
  readonly access: AccessParts;
  readonly keys: Pick<KeyStore, 'open'>;
  readonly audit: Appender;
}

/** Moves an objection to no other row. */
const placeOf = (objectionId: string) => Buffer.from(objectionId.replaceAll('-', ''), 'hex');

/** The handlers of objections: a resident objects to a look that they may see; Disdukcapil looks into it and answers. */
export function objections({ store, access, keys, audit }: ObjectionParts) {
  async function record(call: CallContext, draft: Partial<RecordDraft>, refersTo?: Buffer): Promise<void> {
    const { method, traceId } = call;
    const facts = { kind: Kind.OBJECTION, method: method.path, writer: 'audit', traceId, refersTo };
    call.auditIndex = (await audit.append(makeEntry(call.grant, { ...newDraft(), ...draft }, facts))).index;
  }

  async function contentOf({ objectionId, keyId, sealed }: ObjectionRow): Promise<ObjectionContent> {
    const key = (await keys.open([keyId])).get(keyId);
    if (!key) return { nik: '', statement: '' };
    return ObjectionContent.decode(open(key, placeOf(objectionId), sealed));
  }

  return {
    // The record comes first: the log may say more than happened, never less.
    openObjection: async (request: OpenObjectionRequest, call: CallContext): Promise<OpenObjectionResponse> => {
      requireWholeLog(call.grant);
      const { nik, index, statement, requestId: objectionId } = request;
      const row = await findAccess(access, nik, index, Date.now());
      const key = row && (await keys.open([row.keyId])).get(row.keyId);
      if (!row || !key) throw new MeshError('RECORD_NOT_FOUND');
      await record(call, { subjects: [nik] }, Leaf.decode(row.leaf).eventId);
      const sealed = seal(key, placeOf(objectionId), ObjectionContent.encode({ nik, statement }).finish());
      await store.open({ objectionId, index, keyId: row.keyId, sealed });
      return { objectionId };
    },

    listObjections: async (
      { withClosed }: ListObjectionsRequest,
      call: CallContext,
    ): Promise<ListObjectionsResponse> => {
      requireWholeLog(call.grant);
      const rows = await store.list(withClosed);
      const listed = await Promise.all(rows.map(async (row) => ({ row, content: await contentOf(row) })));
      const subjects = [...new Set(listed.map(({ content }) => content.nik).filter((nik) => nik !== ''))];
      Object.assign(call.record, { rows: rows.length, subjects });
      return {
        objections: listed.map(({ row, content }): Objection => {
          const { objectionId, index, openTime, closeTime, remark } = row;
          return { objectionId, index, openTime, ...content, closeTime: closeTime ?? undefined, remark: remark ?? '' };
        }),
      };
    },

    closeObjection: async (
      { objectionId, remark }: CloseObjectionRequest,
      call: CallContext,
    ): Promise<CloseObjectionResponse> => {
      requireWholeLog(call.grant);
      const row = await store.find(objectionId);
      if (!row) throw new MeshError('OBJECTION_NOT_FOUND');
      const { nik } = await contentOf(row);
      await record(call, { subjects: nik ? [nik] : [], count: 1 });
      await store.close(objectionId, remark);
      return {};
    },
  };
}
