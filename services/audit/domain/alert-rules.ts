import { Kind, type Leaf, Sign } from '#gen/rangkiang/audit/v1/leaf.ts';
import { JAKARTA_OFFSET_MS } from '#mesh/jakarta.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A rule that counts. It sees leaves only, so it can know and tell nobody's data. */
export interface AlertRule {
  /** `reason` of its alerts. */
  readonly name: string;
  /** Which records count. */
  readonly when: (leaf: Leaf) => boolean;
  /** Whose counts they go to. */
  readonly whose: (leaf: Leaf) => string;
  /** So many make an alert ... */
  readonly count: number;
  /** ... when they lie within this time. */
  readonly withinMs: number;
  /** After an alert, no other one of the same rule and about the same for so long. */
  readonly quietMs: number;
}

const system = ({ opd, unit, system }: Leaf) => `${opd}/${unit}/${system}`;
const operator = (leaf: Leaf) => `${leaf.opd}/${leaf.operatorPseudonym}`;
/** The operator where one is asserted, else the system. */
const caller = (leaf: Leaf) => (leaf.operatorPseudonym === '' ? system(leaf) : operator(leaf));
const event = (leaf: Leaf) => leaf.eventId.toString('base64');

const has = (sign: Sign) => (leaf: Leaf) => leaf.note?.signs.includes(sign) === true;
const is = (kind: number) => (leaf: Leaf) => leaf.kind === kind;

function isAtNight({ timeUs }: Leaf): boolean {
  const hour = Math.floor(((Number(timeUs / 1_000n) + JAKARTA_OFFSET_MS) % DAY_MS) / HOUR_MS);
  return hour >= 22 || hour < 5;
}

/** An emergency began, or ended and is to be reviewed. That its review was closed is good news. */
const isBreakGlass = ({ kind }: Leaf) => kind === Kind.EMERGENCY_ACTIVATED || kind === Kind.EMERGENCY_ENDED;

/** The rules that count, in no order. docs/security-guide.md says what each means and what to do. */
export const alertRules: readonly AlertRule[] = [
  {
    name: 'NIGHT_WORK',
    when: (leaf) => leaf.kind === Kind.DISCLOSED && isAtNight(leaf),
    whose: caller,
    count: 10,
    withinMs: HOUR_MS,
    quietMs: DAY_MS,
  },
  {
    name: 'SAME_HOUSEHOLD',
    when: has(Sign.SAME_HOUSEHOLD),
    whose: operator,
    count: 5,
    withinMs: 7 * DAY_MS,
    quietMs: DAY_MS,
  },
  {
    name: 'OPERATORS_NAME',
    when: has(Sign.OPERATORS_NAME),
    whose: operator,
    count: 3,
    withinMs: 7 * DAY_MS,
    quietMs: DAY_MS,
  },
  {
    name: 'NIK_SEQUENCE',
    when: has(Sign.NIK_NEIGHBOUR),
    whose: caller,
    count: 10,
    withinMs: 10 * MINUTE_MS,
    quietMs: HOUR_MS,
  },
  {
    name: 'NOT_ON_RECORD',
    when: is(Kind.EMPTY),
    whose: caller,
    count: 20,
    withinMs: 10 * MINUTE_MS,
    quietMs: HOUR_MS,
  },
  {
    name: 'DENIAL_BURST',
    when: is(Kind.DENIED),
    whose: system,
    count: 50,
    withinMs: MINUTE_MS,
    quietMs: HOUR_MS,
  },
  { name: 'FLOOD', when: is(Kind.REFUSALS), whose: system, count: 1, withinMs: 0, quietMs: HOUR_MS },
  { name: 'MANY_OPDS', when: has(Sign.MANY_OPDS), whose: event, count: 1, withinMs: 0, quietMs: 0 },
  { name: 'BREAK_GLASS', when: isBreakGlass, whose: event, count: 1, withinMs: 0, quietMs: 0 },
];
