import type { Command } from '../command.ts';

/**
 * Every command by its name, in the order of the help. Each is loaded when it is asked for: together they cost a second,
 * and `stop` alone a tenth of it.
 */
export const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['up', async () => (await import('./up.ts')).upCommand],
  ['stop', async () => (await import('./process.ts')).stopCommand],
  ['start', async () => (await import('./process.ts')).startCommand],
  ['call', async () => (await import('./call.ts')).callCommand],
  ['opd enrol', async () => (await import('./opd-enrol.ts')).opdEnrolCommand],
  ['permit apply', async () => (await import('./permit-write.ts')).permitApplyCommand],
  ['permit issue', async () => (await import('./permit-write.ts')).permitIssueCommand],
  ['permit reject', async () => (await import('./permit-write.ts')).permitRejectCommand],
  ['permit revoke', async () => (await import('./permit-write.ts')).permitRevokeCommand],
  ['permit review', async () => (await import('./permit-life-cycle.ts')).permitReviewCommand],
  ['permit resubmit', async () => (await import('./permit-life-cycle.ts')).permitResubmitCommand],
  ['permit approve', async () => (await import('./permit-life-cycle.ts')).permitApproveCommand],
  ['permit suspend', async () => (await import('./permit-life-cycle.ts')).permitSuspendCommand],
  ['permit reinstate', async () => (await import('./permit-life-cycle.ts')).permitReinstateCommand],
  ['permit renew', async () => (await import('./permit-life-cycle.ts')).permitRenewCommand],
  ['permit keys', async () => (await import('./signing-key.ts')).permitKeysCommand],
  ['permit rotate-key', async () => (await import('./signing-key.ts')).permitRotateKeyCommand],
  ['permit withdraw-key', async () => (await import('./signing-key.ts')).permitWithdrawKeyCommand],
  ['permit list', async () => (await import('./permit-read.ts')).permitListCommand],
  ['permit show', async () => (await import('./permit-read.ts')).permitShowCommand],
  ['directive freeze', async () => (await import('./directive.ts')).directiveFreezeCommand],
  ['directive lift', async () => (await import('./directive.ts')).directiveLiftCommand],
  ['directive list', async () => (await import('./directive.ts')).directiveListCommand],
  ['emergency prepare', async () => (await import('./emergency.ts')).emergencyPrepareCommand],
  ['emergency confirm', async () => (await import('./emergency.ts')).emergencyConfirmCommand],
  ['emergency activate', async () => (await import('./emergency.ts')).emergencyActivateCommand],
  ['emergency status', async () => (await import('./emergency.ts')).emergencyStatusCommand],
  ['emergency review', async () => (await import('./emergency.ts')).emergencyReviewCommand],
  ['operator register', async () => (await import('./operator.ts')).operatorRegisterCommand],
  ['operator withdraw', async () => (await import('./operator.ts')).operatorWithdrawCommand],
  ['operator list', async () => (await import('./operator.ts')).operatorListCommand],
  ['operator token', async () => (await import('./operator.ts')).operatorTokenCommand],
  ['permit simulate', async () => (await import('./permit-simulate.ts')).permitSimulateCommand],
  ['permit effective', async () => (await import('./permit-effective.ts')).permitEffectiveCommand],
  ['permit explain', async () => (await import('./permit-explain.ts')).permitExplainCommand],
  ['audit watch', async () => (await import('./audit-watch.ts')).auditWatchCommand],
  ['audit find', async () => (await import('./audit-find.ts')).auditFindCommand],
  ['audit export', async () => (await import('./audit-export.ts')).auditExportCommand],
  ['audit alerts', async () => (await import('./audit-alerts.ts')).auditAlertsCommand],
  ['audit acknowledge', async () => (await import('./audit-alerts.ts')).auditAcknowledgeCommand],
  ['population generate', async () => (await import('../population/generate-command.ts')).populationGenerateCommand],
  ['population import', async () => (await import('../population/import-command.ts')).populationImportCommand],
]);

/** Loads the commands whose names begin with these words, all for none. */
export function loadCommands(words: readonly string[]): Promise<Command[]> {
  const prefix = words.map((word) => `${word} `).join('');
  return Promise.all([...commands].filter(([name]) => `${name} `.startsWith(prefix)).map(([, load]) => load()));
}
