import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Mocha's usual output, and its counts as JSON in the file that the reporter option `counts` names. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures } = this.stats;
      writeFileSync(options.reporterOptions.counts, JSON.stringify({ passes, failures }));
    });
  }
}
