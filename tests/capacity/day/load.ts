/** The load of one day: how many connections are wanted, and how many messages they send, at each second. */
import type { Random } from '@messagecore/kernel';
import { seededRandom } from '@messagecore/testkit';

export const HOUR = 3_600;
export const DAY = 24 * HOUR;

/** Connections by the hour, with straight lines between. An assumption: a night, a ramp at nine, a dip at noon, an evening. */
const CURVE: readonly (readonly [hour: number, connections: number])[] = [
  [0, 16_000],
  [2, 7_000],
  [5, 5_000],
  [7, 9_000],
  [8.75, 18_000],
  [9.5, 42_000],
  [11.5, 46_000],
  [12.5, 36_000],
  [13.5, 42_000],
  [17.5, 40_000],
  [20.5, 60_000],
  [22, 48_000],
  [24, 16_000],
];

/** Something happens: within two minutes there are twice as many, who write twice as much; they stay, and leave slowly. */
export const EVENT = { from: 15 * HOUR, rise: 120, stay: 1_200, fall: 1_800, factor: 2 };

/** The machine of one gateway is lost while nearly all are there. */
export const LOSS_AT = 20.25 * HOUR;

/** Each connection sends a message in so many seconds. An assumption. */
const MESSAGE_EACH_S = 60;
/** A message goes to so many others, as in the larger of the two tables of docs/capacity.md. */
export const RECEIVERS = 10;

export interface Load {
  readonly connections: number;
  /** Messages a second. */
  readonly rate: number;
}

/** The load at a second of the day. */
export function loadAt(second: number): Load {
  const share = eventShare(second);
  const connections = onCurve(second / HOUR) * (1 + (EVENT.factor - 1) * share);
  return { connections, rate: (connections / MESSAGE_EACH_S) * (1 + (EVENT.factor - 1) * share) };
}

function onCurve(hour: number): number {
  const after = Math.max(
    1,
    CURVE.findIndex(([at]) => at > hour),
  );
  const [[from, low], [to, high]] = [CURVE[after - 1]!, CURVE[after] ?? CURVE.at(-1)!];
  return from === to ? high : low + ((high - low) * (hour - from)) / (to - from);
}

/** From 0, nothing happens, to 1, all are there. */
function eventShare(second: number): number {
  const since = second - EVENT.from;
  if (since < 0) return 0;
  const left = EVENT.rise + EVENT.stay + EVENT.fall - since;
  return Math.max(0, Math.min(1, since / EVENT.rise, left / EVENT.fall));
}

/** How much one figure moves around its mean, and how long it takes until it is another one. */
const NOISE = { share: 0.1, seconds: 60 };

/** Factors around 1 that follow one another slowly, the same ones for the same seed: what people do is not even. */
export function noise(seed: number, stepSeconds: number): () => number {
  const random = seededRandom(seed);
  const kept = Math.exp(-stepSeconds / NOISE.seconds);
  const fresh = Math.sqrt(1 - kept ** 2);
  let state = normal(random);
  return () => {
    state = state * kept + normal(random) * fresh;
    return Math.max(0, 1 + state * NOISE.share);
  };
}

/** Mean 0, deviation 1: Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
