import { readConfig } from '#mesh/config.ts';
import { openPool } from '#mesh/sql.ts';
import { permitSpec } from './config.ts';
import { confirmRestored } from './store/restored.ts';

// Run once after the permit service's database was restored from a copy, while no permit service runs: see docs/security-guide.md.
const { databaseUrl } = readConfig({ databaseUrl: permitSpec.databaseUrl });
const pool = openPool(databaseUrl, { max: 1 });
await confirmRestored(pool);
await pool.end();
console.log('The restored database is a new incarnation. The quota of today counts as used up for every permit.');
