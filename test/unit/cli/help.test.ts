import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { commands } from '../../../cli/commands/table.ts';
import { commandHelp, overviewHelp, usageOf } from '../../../cli/help.ts';

describe('help', () => {
  it('lists every command, and those of a group', () => {
    const overview = overviewHelp(commands, [], 'id');
    for (const command of commands) assert.ok(overview.includes(usageOf(command).slice('rangkiang '.length)));
    const permits = overviewHelp(commands, ['permit'], 'en');
    assert.match(permits, /permit issue/);
    assert.doesNotMatch(permits, /audit watch/);
  });

  it('tells of every command its usage, options and exit codes in both languages', () => {
    for (const command of commands) {
      for (const locale of ['id', 'en'] as const) {
        const help = commandHelp(command, locale);
        assert.ok(help.includes(usageOf(command)));
        for (const option of Object.keys(command.options)) assert.ok(help.includes(`--${option}`), option);
      }
      assert.notEqual(commandHelp(command, 'id'), commandHelp(command, 'en'));
    }
  });

  it('has no two commands of one name', () => {
    assert.equal(new Set(commands.map((command) => command.name.join(' '))).size, commands.length);
  });
});
