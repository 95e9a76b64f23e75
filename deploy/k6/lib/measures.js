/** What every script measures. Times are milliseconds. */
import { Counter, Trend } from 'k6/metrics';

/** From a send to its receipt by another participant, on one clock. */
export const delivery = new Trend('delivery', true);
/** From a send to the answer that it is stored. */
export const acked = new Trend('acked', true);
export const sent = new Counter('sent');
export const delivered = new Counter('delivered');
/** Messages that some receiver should have got and did not: holes in `seq`, and what is missing at the end. */
export const lost = new Counter('lost');
/** Messages that one receiver got twice. */
export const repeated = new Counter('repeated');
/** Refusals, failed calls, connections that ended by themselves, sends without an answer. */
export const errors = new Counter('errors');

/** Counts something that must not happen, and says what it was. */
export function note(counter, count, what) {
  if (count === 0) return;
  counter.add(count);
  // oxlint-disable-next-line no-console -- k6 has no other way to say something
  console.warn(what);
}
