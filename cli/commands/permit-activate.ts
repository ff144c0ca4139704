import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { aktivasiOptions, aktivasiTerms } from '../permits/aktivasi-options.ts';
import { activatePermit, readPermit } from '../permits/flow.ts';
import { printTold } from '../permits/print-told.ts';
import { tellPermit } from '../permits/words.ts';

/** Signs what activates a permit. */
export const permitActivateCommand = defineCommand({
  name: ['permit', 'activate'],
  operands: ['<permit>'],
  summary: {
    id: 'Tanda tangani aktivasi izin sebagai Walikota; panggilan dijawab sesudahnya',
    en: 'Sign the activation of a permit as the Walikota; calls are answered from then on',
  },
  options: { ...aktivasiOptions, ...jsonOption },
  async run({ operands: [permitId = ''], options, ...invocation }) {
    const terms = aktivasiTerms(options);
    return withCaller('WALIKOTA', invocation, async (caller, layout) => {
      const answered = await activatePermit(caller, layout, await readPermit(caller, permitId), terms);
      printTold(answered, tellPermit(answered.message), options.json, invocation.locale);
    });
  },
});
