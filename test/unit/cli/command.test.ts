import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { defineCommand, oneOf, parseInvocation, wholeNumber } from '../../../cli/command.ts';
import { CliFailure } from '../../../cli/failure.ts';
import { chooseLocale } from '../../../cli/language.ts';

const command = defineCommand({
  name: ['opd', 'enrol'],
  operands: ['<code>', '[file]'],
  summary: { id: 'x', en: 'x' },
  options: {
    unit: { type: 'string', value: 'UNIT', help: { id: 'x', en: 'x' } },
    json: { type: 'boolean', help: { id: 'x', en: 'x' } },
  },
  run: async () => 0,
});

function refusal(...words: string[]): CliFailure {
  try {
    parseInvocation(command, words, 'en');
  } catch (error) {
    assert.ok(error instanceof CliFailure);
    return error;
  }
  throw new assert.AssertionError({ message: `accepted: ${words.join(' ')}` });
}

describe('command line', () => {
  it('reads operands and options in any order', () => {
    const { operands, options, stateDir } = parseInvocation(command, ['--json', 'DKK', '--unit=PUSAT', 'x.csr'], 'id');
    assert.deepEqual(operands, ['DKK', 'x.csr']);
    assert.deepEqual({ ...options }, { json: true, unit: 'PUSAT' });
    assert.equal(stateDir, '.rangkiang');
  });

  it('names what is wrong, with exit code 2', () => {
    assert.match(refusal('DKK', '--unti', 'PUSAT').message, /--unti/);
    assert.match(refusal('--json').message, /<code>/);
    assert.match(refusal('DKK', 'a', 'b').message, /\bb\b/);
    assert.match(refusal('DKK', '--lang', 'fr').message, /--lang/);
    assert.equal(refusal().code, 2);
  });

  it('gives help without operands', () => {
    assert.equal(parseInvocation(command, ['--help'], 'id').options.help, true);
  });

  it('takes numbers within their range only', () => {
    assert.equal(wholeNumber('port', '9400', { min: 1, max: 65_535 }), 9400);
    for (const text of ['', '-1', '0', '1.5', '1e3', '65536', 'x']) {
      assert.throws(() => wholeNumber('port', text, { min: 1, max: 65_535 }), /--port/, text);
    }
  });

  it('takes words of a closed list only', () => {
    assert.equal(oneOf('only', 'ACTIVE', ['ACTIVE', 'REVOKED']), 'ACTIVE');
    assert.throws(() => oneOf('only', 'active', ['ACTIVE', 'REVOKED']), /ACTIVE, REVOKED/);
  });

  it('speaks Indonesian unless told otherwise', () => {
    assert.equal(chooseLocale([], { LANG: 'en_US.UTF-8' }), 'id');
    assert.equal(chooseLocale([], { RANGKIANG_LANG: 'en' }), 'en');
    assert.equal(chooseLocale(['call', '--lang', 'en'], {}), 'en');
    assert.equal(chooseLocale(['--lang=id'], { RANGKIANG_LANG: 'en' }), 'id');
  });
});
