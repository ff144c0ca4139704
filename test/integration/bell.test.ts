import { after, before, describe, it } from 'mocha';
import { Bell } from '#mesh/bell.ts';
import { createLogger } from '#mesh/log.ts';
import { testRedis } from '../support/redis.ts';

describe('the bell', () => {
  let ringer: Bell;
  let listener: Bell;

  before(async () => {
    const url = await testRedis();
    ringer = new Bell(url, createLogger('test', 'fatal'));
    listener = new Bell(url, createLogger('test', 'fatal'));
  });

  after(() => {
    ringer.close();
    listener.close();
  });

  it('is heard by another process', async () => {
    let heard = false;
    await new Promise<void>((resolve) => {
      listener.on('rangkiang:policy', () => {
        heard = true;
        resolve();
      });
      const again = () => {
        ringer.ring('rangkiang:policy');
        if (!heard) setImmediate(again);
      };
      again();
    });
  });
});
