import { printJson } from '../../mesh/contract.ts';
import { DecisionServiceService } from '../../proto/gen/rangkiang/broker/v1/decision_service.ts';
import { ListEffectiveResponse } from '../../proto/gen/rangkiang/broker/v1/effective.ts';
import { oneLine } from '../client/print.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { effectiveReport } from '../permits/effective-words.ts';
import { permitPurpose } from '../permits/flow.ts';

const pageSize = 500;

/** Tells what an OPD may call now, for its programmers. */
export const permitEffectiveCommand = defineCommand({
  name: ['permit', 'effective'],
  operands: ['<caller>'],
  summary: {
    id: 'Apa yang boleh dipanggil OPD: unit, metode, tujuan, izin, elemen, wilayah, syarat',
    en: 'What an OPD may call: unit, method, purpose, permit, elements, regions, conditions',
  },
  options: {
    unit: { type: 'string', value: 'UNIT', help: { id: 'Hanya unit ini', en: 'Only this unit' } },
    opd: {
      type: 'string',
      value: 'OPD',
      help: { id: 'OPD lain; hanya untuk kantor (WALIKOTA, ...)', en: 'Another OPD; for offices only (WALIKOTA, ...)' },
    },
    ...jsonOption,
  },
  async run({ operands: [name = ''], options, ...invocation }) {
    return withCaller(name, invocation, async (caller) => {
      const all: ListEffectiveResponse = ListEffectiveResponse.create();
      let pageToken = '';
      do {
        const request = { opd: options.opd ?? '', unit: options.unit ?? '', pageSize, pageToken };
        const { message } = await caller.call(DecisionServiceService.listEffective, request, permitPurpose);
        all.rows.push(...message.rows);
        all.permits.push(...message.permits);
        all.policyVersion = message.policyVersion;
        pageToken = message.nextPageToken;
      } while (pageToken !== '');
      const permits = [...new Map(all.permits.map((terms) => [terms.permit, terms])).values()];
      const bytes = ListEffectiveResponse.encode({ ...all, permits }).finish();
      console.log(
        options.json
          ? oneLine(printJson('rangkiang.broker.v1.ListEffectiveResponse', bytes))
          : effectiveReport(all.rows, permits, invocation.locale),
      );
    });
  },
});
