import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { commands, loadCommands } from '../../../cli/commands/table.ts';
import { commandHelp, overviewHelp, usageOf } from '../../../cli/help.ts';

describe('help', () => {
  it('lists every command, and those of a group', async () => {
    const all = await loadCommands([]);
    const overview = overviewHelp(all, [], 'id');
    for (const command of all) assert.ok(overview.includes(usageOf(command).slice('rangkiang '.length)));
    const permits = overviewHelp(await loadCommands(['permit']), ['permit'], 'en');
    assert.match(permits, /permit issue/);
    assert.doesNotMatch(permits, /audit watch/);
    assert.deepEqual(await loadCommands(['per']), []);
  });

  it('tells of every command its usage, options and exit codes in both languages', async () => {
    for (const command of await loadCommands([])) {
      for (const locale of ['id', 'en'] as const) {
        const help = commandHelp(command, locale);
        assert.ok(help.includes(usageOf(command)));
        for (const option of Object.keys(command.options)) assert.ok(help.includes(`--${option}`), option);
      }
      assert.notEqual(commandHelp(command, 'id'), commandHelp(command, 'en'));
    }
  });

  it('finds every command under its own name', async () => {
    for (const [name, load] of commands) assert.equal((await load()).name.join(' '), name);
  });
});
