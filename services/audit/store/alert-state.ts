import type { PoolClient } from '#mesh/sql.ts';
import type { Remembered } from '../domain/alert-fold.ts';

// "alert" in ASCII; the lock is of this database alone.
const LOCK = 0x616c657274;

/** Takes the right to look, for as long as the connection lives; false when somebody else has it. */
export async function lockAlerts(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [LOCK]);
  return rows[0]?.taken === true;
}

/** How far the rules have looked, and what they remember. */
export async function loadAlertState(client: PoolClient): Promise<{ next: bigint; remembered: Remembered }> {
  const { rows } = await client.query<{ next: bigint; remembered: Remembered }>(
    'select next_index as next, remembered from alert_state',
  );
  return rows[0] ?? { next: 0n, remembered: {} };
}

/** Keeps it. */
export async function saveAlertState(client: PoolClient, next: bigint, remembered: Remembered): Promise<void> {
  await client.query('update alert_state set next_index = $1, remembered = $2', [next, JSON.stringify(remembered)]);
}
