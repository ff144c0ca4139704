import { join } from 'node:path';
import { Child } from '../../cli/supervisor/child.ts';

// A supervisor of one child, to be killed; tells the child's process id.
const health = process.env.HEALTH ?? '';
const child = new Child(
  {
    name: 'audit',
    entry: join(import.meta.dirname, 'serving-process.ts'),
    env: { RANGKIANG_HEALTH_LISTEN: health },
    address: health,
    health,
  },
  process.env.LOG ?? '',
  () => {},
);
await child.start();
process.send?.(child.pid);
