/** What the city has decided about emergencies, beside what each Izin and the contract (72 hours) say. */
export const emergencyTerms = {
  /** After the end; then the operators who used the permit are frozen until the Walikota lifts it. */
  reviewWithinDays: 14,
} as const;
