import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { commandLine } from '../../support/command-line.ts';

describe('rangkiang', function () {
  this.timeout(240_000); // a process for each command line, on machines that may be busy
  let state: string;
  before(async () => {
    state = await mkdtemp(join(tmpdir(), 'rangkiang-main-'));
  });
  after(() => rm(state, { recursive: true }));

  it('gives help with exit code 0, and the same with 2 when it was not asked for', async () => {
    const [asked, bare] = await Promise.all([commandLine('--help'), commandLine()]);
    assert.equal(asked.code, 0);
    assert.equal(bare.code, 2);
    assert.equal(asked.stdout, bare.stdout);
    assert.match(asked.stdout, /rangkiang <perintah> --help/);
  });

  it('gives help on a group and on a command, in English when asked', async () => {
    const [group, command] = await Promise.all([
      commandLine('permit', '--help'),
      commandLine('call', '--help', '--lang', 'en'),
    ]);
    assert.equal(group.code, 0);
    assert.match(group.stdout, /permit revoke <permit>/);
    assert.match(command.stdout, /^Call a method through the broker.*--purpose P/s);
  });

  it('says what is wrong with a command line, on standard error, with exit code 2', async () => {
    const wrong: [words: string[], expected: RegExp][] = [
      [['foo'], /"foo"/],
      [['permit', 'foo'], /"permit foo"/],
      [['call', 'DKK'], /<Method>/],
      [['call', 'DKK', 'GetNobody'], /GetResident/],
      [['call', 'DKK', 'GetResident', '{"nik":1}'], /GetResidentRequest/],
      [['call', 'DKK', 'ImportResidents'], /population import/],
      [['up', '--port', '80'], /--port/],
      [['up', '--residents', 'many'], /--residents/],
    ];
    for (const [words, expected] of wrong) {
      const { code, stdout, stderr } = await commandLine(...words, '--state', state);
      assert.equal(code, 2, words.join(' '));
      assert.match(stderr, expected);
      assert.equal(stdout, '');
    }
  });

  it('says how to start a mesh when none runs, with exit code 1', async () => {
    for (const words of [
      ['stop', 'audit'],
      ['audit', 'find'],
      ['call', 'DKK', 'GetResident', '{}'],
    ]) {
      const { code, stderr } = await commandLine(...words, '--state', state);
      assert.equal(code, 1);
      assert.match(stderr, /npm start/);
      assert.doesNotMatch(stderr, /\bat \w/);
    }
  });
});
