import { secretMode, writeFileAtomic } from '../ca/files.ts';
import type { Layout } from './layout.ts';

/** What a demonstration caller may do, and residents to try it with. All residents are synthetic. */
export interface DemoCaller {
  /** Name of the purpose for `--purpose`. */
  purpose: string;
  /** UUID; null for the caller that has none. */
  permit: string | null;
  /** Full paths. */
  methods: string[];
  /** Names of the granted elements. */
  elements: string[];
  /** Region codes of its unit. */
  regions: string[];
  /** NIK of an adult who lives here, inside the caller's regions. */
  nikInside: string | null;
  /** NIK of one who is on record, but not inside. */
  nikOutside: string | null;
}

/** `demo.json`: demonstration callers by their names in clients/. */
export type Demo = Record<string, DemoCaller>;

/** Writes `demo.json`, for its owner only: it holds NIK, though synthetic ones. */
export async function writeDemo(layout: Layout, demo: Demo): Promise<void> {
  await writeFileAtomic(layout.demo, `${JSON.stringify(demo, null, 2)}\n`, secretMode);
}
