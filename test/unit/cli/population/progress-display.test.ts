import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ProgressDisplay } from '../../../../cli/population/progress-display.ts';

function display(options: { isTTY: boolean; locale?: 'id' | 'en'; total?: number }) {
  const written: string[] = [];
  let now = 1_000;
  const screen = { isTTY: options.isTTY, write: (text: string) => written.push(text) };
  const shown = new ProgressDisplay({ screen, locale: options.locale ?? 'id', total: options.total, now: () => now });
  const pass = (ms: number) => {
    now += ms;
  };
  return { shown, written, pass };
}

describe('ProgressDisplay', () => {
  it('writes lines where there is no terminal, one every five seconds at most', () => {
    const { shown, written, pass } = display({ isTTY: false, total: 909_040 });
    for (let i = 1; i <= 120; i += 1) {
      pass(100);
      shown.update(i * 2_000);
    }
    shown.finish(909_040);
    assert.equal(written.length, 4);
    assert.match(written[1] ?? '', /^102\.000 \/ 909\.040 baris {2}20\.000\/s {2}sisa 0:40\n$/);
    assert.match(written.at(-1) ?? '', /^909\.040 \/ 909\.040 baris .* sisa 0:00\n$/);
  });

  it('draws a bar over itself on a terminal', () => {
    const { shown, written, pass } = display({ isTTY: true, locale: 'en', total: 1_000 });
    pass(1_000);
    shown.update(250);
    pass(10);
    shown.update(251);
    pass(990);
    shown.update(500);
    shown.finish(1_000);
    assert.deepEqual(written, [
      '\r\x1b[K[#######---------------------] 250 / 1,000 rows  250/s  left 0:03',
      '\r\x1b[K[##############--------------] 500 / 1,000 rows  250/s  left 0:02',
      '\r\x1b[K[############################] 1,000 / 1,000 rows  500/s  left 0:00',
      '\n',
    ]);
  });

  it('counts speed without what an earlier run had done', () => {
    const { shown, written, pass } = display({ isTTY: false, locale: 'en', total: 10_000_000 });
    pass(2_000);
    shown.update(1_001_000, 1_000_000);
    assert.equal(written[0], '1,001,000 / 10,000,000 rows  500/s  left 4:59:58\n');
  });

  it('tells no end where it does not know one', () => {
    const { shown, written, pass } = display({ isTTY: true, locale: 'en' });
    pass(1_000);
    shown.update(50);
    shown.clear();
    assert.deepEqual(written, ['\r\x1b[K50 rows  50/s', '\r\x1b[K']);
  });
});
