import { execFileSync } from 'node:child_process';
import { closeSync, fchownSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of its own that a test can fill to the last byte. */
export interface SmallDisk {
  /** The folder, empty, that belongs to the owner of another folder. */
  readonly path: string;
  /** Takes all the space that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
  unmount(): void;
}

const PIECE_BYTES = 4_096;

/** Why this process cannot mount a file system here; undefined when it can. */
export function whyNoDisk(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has tmpfs';
  if (process.getuid?.() !== 0) return 'only root may mount a file system';
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'this machine does not allow to mount a file system';
  }
}

/** Mounts a file system of so many MiB at `path`, for the owner of `like`. It is unmounted at the latest when this process ends. */
export function mountSmallDisk(path: string, sizeMb: number, like: string): SmallDisk {
  mkdirSync(path);
  const { uid, gid } = statSync(like);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m,uid=${uid},gid=${gid},mode=0700`, 'tmpfs', path]);
  const filler = join(path, 'filler');
  // Lazily: who still holds a file of it must not keep it in the tree.
  const unmount = () => {
    process.off('exit', unmount);
    execFileSync('umount', ['--lazy', path]);
  };
  process.on('exit', unmount);
  return {
    path,
    fill() {
      const file = openSync(filler, 'a');
      try {
        fchownSync(file, uid, gid);
        for (;;) writeSync(file, Buffer.alloc(PIECE_BYTES));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler),
    unmount,
  };
}
