import type { Command } from '../command.ts';
import { populationGenerateCommand } from '../population/generate-command.ts';
import { populationImportCommand } from '../population/import-command.ts';
import { auditListCommand } from './audit-list.ts';
import { auditWatchCommand } from './audit-watch.ts';
import { callCommand } from './call.ts';
import { opdEnrolCommand } from './opd-enrol.ts';
import { permitListCommand, permitShowCommand } from './permit-read.ts';
import { permitApplyCommand, permitIssueCommand, permitRejectCommand, permitRevokeCommand } from './permit-write.ts';
import { startCommand, stopCommand } from './process.ts';
import { upCommand } from './up.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  upCommand,
  stopCommand,
  startCommand,
  callCommand,
  opdEnrolCommand,
  permitApplyCommand,
  permitIssueCommand,
  permitRejectCommand,
  permitRevokeCommand,
  permitListCommand,
  permitShowCommand,
  auditWatchCommand,
  auditListCommand,
  populationGenerateCommand,
  populationImportCommand,
];
