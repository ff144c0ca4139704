import { findPostgres } from '../cli/embedded/postgres-files.ts';
import { ensureRedis } from '../cli/embedded/redis-program.ts';
import { ensureGo } from './go-checker.ts';

// Runs before the tests: brings what npm cannot, and says nothing where all is there.
try {
  findPostgres();
  ensureRedis(console.log);
  ensureGo(console.log);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
