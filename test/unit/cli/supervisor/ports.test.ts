import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'mocha';
import { checkPortsFree, type Ports, portCount, portsFrom, randomPorts } from '../../../../cli/supervisor/ports.ts';

function numbers(ports: Ports): number[] {
  return [
    ...[...ports.processes.values()].flatMap(({ main, health }) => [main, health]),
    ports.tiles,
    ports.postgres,
    ports.redis,
  ];
}

describe('ports', () => {
  it('stand in a row from the first one', () => {
    const ports = portsFrom(9400);
    assert.equal(ports.processes.get('broker-1')?.main, 9400);
    assert.deepEqual(
      numbers(ports).toSorted(),
      Array.from({ length: portCount(2) }, (_, i) => 9400 + i),
    );
  });

  it('are two more for each further broker', () => {
    const { processes } = portsFrom(9400, 4);
    assert.deepEqual(
      [...processes.keys()],
      ['broker-1', 'broker-2', 'broker-3', 'broker-4', 'permit', 'audit', 'resident', 'signer', 'witness'],
    );
    assert.equal(processes.get('permit')?.main, 9408);
    assert.equal(new Set(numbers(portsFrom(9400, 4))).size, portCount(2) + 4);
  });

  it('are named when taken, with the way to choose others', async () => {
    const ports = await randomPorts();
    assert.equal(new Set(numbers(ports)).size, portCount(2));
    await checkPortsFree(ports);
    const health = ports.processes.get('audit')?.health;
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(health, '127.0.0.1', resolve));
    try {
      await assert.rejects(checkPortsFree(ports), new RegExp(`${health}.*audit.*--port`));
    } finally {
      squatter.close();
    }
  });
});
