import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'mocha';
import { checkPortsFree, type Ports, portCount, portsFrom, randomPorts } from '../../../../cli/supervisor/ports.ts';

function numbers(ports: Ports): number[] {
  return [...Object.values(ports.processes).flatMap(({ main, health }) => [main, health]), ports.postgres, ports.redis];
}

describe('ports', () => {
  it('stand in a row from the first one', () => {
    const ports = portsFrom(9400);
    assert.equal(ports.processes['broker-1'].main, 9400);
    assert.deepEqual(
      numbers(ports).toSorted(),
      Array.from({ length: portCount }, (_, i) => 9400 + i),
    );
  });

  it('are named when taken, with the way to choose others', async () => {
    const ports = await randomPorts();
    assert.equal(new Set(numbers(ports)).size, portCount);
    await checkPortsFree(ports);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(ports.processes.audit.health, '127.0.0.1', resolve));
    try {
      await assert.rejects(checkPortsFree(ports), new RegExp(`${ports.processes.audit.health}.*audit.*--port`));
    } finally {
      squatter.close();
    }
  });
});
