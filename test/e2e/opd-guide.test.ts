import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');
const guide = readFileSync(join(repository, 'docs/opd-guide.md'), 'utf8');

/** The block of code that follows a heading of the guide. */
function blockUnder(heading: string, language: string): string {
  const [, section = ''] = guide.split(`## ${heading}\n`);
  const block = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section)?.[1];
  assert.ok(block, `no block of ${language} under "${heading}"`);
  return block;
}

describe('the first call, as the OPD guide shows it', function () {
  this.timeout(180_000);
  const caller = 'PKM-LUBUK-BUAYA';
  let mesh: TestMesh;
  let directory: string;
  let nik: string;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    mesh = await startMesh();
    nik = mesh.demo[caller]?.nikInside ?? '';
    // The guide's commands stand in the repository beside a running mesh; so does this directory.
    directory = mkdtempSync(join(tmpdir(), 'rangkiang-guide-'));
    symlinkSync(mesh.stateDir, join(directory, '.rangkiang'));
    for (const name of ['proto', 'node_modules']) symlinkSync(join(repository, name), join(directory, name));
    const path = `${join(repository, 'node_modules/.bin')}${delimiter}${process.env.PATH}`;
    env = { ...process.env, PATH: path, BROKER: mesh.endpoints().broker, NIK: nik };
  });
  after(async () => {
    rmSync(directory, { recursive: true, force: true });
    await mesh.stop();
  });

  // buf is no program of Node: its answer is the only one of which nobody hears whether it was recorded.
  it('answers buf curl, which knows the contract by reflection alone', async () => {
    const script = blockUnder('First call, from a shell', 'sh').replace(/(?<="nik": ")\d{16}/, nik);
    const { stdout } = await run('bash', ['-ec', script], { cwd: directory, env });
    const { resident } = JSON.parse(stdout);
    const { message } = await mesh.call(caller, 'GetResident', { nik }, { purpose: 'PELAYANAN_PUBLIK' });
    assert.equal(resident.nik, nik);
    assert.deepEqual(resident, message.resident);
  });

  it('answers the program in TypeScript, and tells it the record', async () => {
    writeFileSync(join(directory, 'first.ts'), blockUnder('First call, from TypeScript', 'ts'));
    const heard = { ...mesh.clientEnv(), ...{ PATH: env.PATH, BROKER: env.BROKER, NIK: nik } };
    const { stdout, stderr } = await run('node', ['first.ts'], { cwd: directory, env: heard });
    assert.match(stdout, new RegExp(`nik: '${nik}'`), stderr);
    assert.match(stdout, /^audit index \d+$/m);
  });

  it('answers an operator whom the OPD asserts, and no longer one whom it withdraws', async () => {
    writeFileSync(join(directory, 'assert.ts'), blockUnder("Who asks: the operator's assertion", 'ts'));
    await run('node', ['assert.ts'], { cwd: directory, env });
    const told = async (...words: string[]) => {
      const { code, stdout, stderr } = await mesh.cli(...words);
      return { code, text: stdout + stderr };
    };
    const issuer = 'sso.dkk.padang.go.id';
    const registered = await told('operator', 'register', 'DKK', join(directory, 'operators.jwks'), '--issuer', issuer);
    assert.match(registered.text, /^ACTIVE {5}sso\.dkk\.padang\.go\.id {2}2026-11 {2}EDDSA$/m);
    const ask = () =>
      told(
        ...['call', caller, 'GetResident', JSON.stringify({ nik }), '--purpose', 'PELAYANAN_PUBLIK'],
        ...['--operator', join(directory, 'operator.jwt')],
      );
    const answered = await ask();
    assert.match(answered.text, new RegExp(nik), answered.text);
    const withdrawn = await told('operator', 'withdraw', 'DKK', '--operator', '198001012005012003');
    assert.match(withdrawn.text, /2 broker memastikan/);
    const refused = await ask();
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /sudah dicabut.*\nalasan +OPERATOR_INVALID/s);
  });
});
