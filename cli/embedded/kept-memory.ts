/**
 * Variables for glibc's malloc. By itself it gives the top of the heap back to the system after each statement or batch and asks
 * for it again with the next. Without them an append took half a page fault and 59 us of CPU in Postgres, with them 42 us; audit
 * and resident took 0.29 and 0.21 faults a call, with them under 0.08. docs/decisions/0005 has what it brought.
 */
export const keptMemory = {
  MALLOC_TOP_PAD_: String(4 << 20),
  MALLOC_TRIM_THRESHOLD_: String(64 << 20),
  MALLOC_MMAP_THRESHOLD_: String(16 << 20),
};
