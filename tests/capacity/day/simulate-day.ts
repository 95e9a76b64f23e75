/**
 * One day of gateways and of the chat-services that take sends, with the autoscalers as they are deployed. `api` and `jobs` are
 * left out, and so are `workers`: nobody measured what one request, job or event costs them.
 */
import type { KubeObject } from '../../../deploy/k8s/render.ts';
import { SPREAD } from '../../../services/gateway/src/drain.ts';
import { SYNC_SECONDS } from './autoscaler.ts';
import { deployedOf, type Deployed, drainSecondsOf } from './deployed.ts';
import { DAY, HOUR, loadAt, LOSS_AT, noise } from './load.ts';
import { type Choice, Pods } from './pods.ts';
import { type Change, Scaled } from './scaled.ts';
import { chatServiceCores, gatewayBytes, gatewayCores } from './usage.ts';

const STEP = 5;
/** The evening before, so that the day begins with what it left. */
const BEFORE = 3 * HOUR;
/** A connection lasts so long, as in tests/capacity/plan/plan.ts. */
const STAY_SECONDS = HOUR;
/**
 * A new pod is ready after: 0.4 s of the gateway itself (from the start of its process to 200 of /ready: 397 to 453 ms in six
 * starts on two quiet cores), up to 2 s until the startup probe and 3 s until the readiness probe ask, and some 10 s for placing
 * it and making its container, which is assumed. Its image is on the machine.
 */
export const START_SECONDS = 15;
/** Clients of a lost machine notice within this: HB-3. */
const NOTICE_SECONDS = 45;
/**
 * Pods of a lost machine are replaced when it has been silent for 50 s (--node-monitor-grace-period) and was not reached for 300 s
 * more (the toleration that each pod gets: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/).
 */
const REPLACE_SECONDS = 350;

export interface DayOptions {
  readonly choice: Choice;
  readonly startSeconds: number;
  readonly seed: number;
}

export interface Moment {
  /** Seconds since midnight. */
  readonly at: number;
  readonly connections: number;
  /** Messages a second. */
  readonly rate: number;
  readonly gateways: {
    readonly replicas: number;
    readonly ready: number;
    /** Connections of the fullest one, and cores of the busiest one. */
    readonly fullest: number;
    readonly cores: number;
    /** Connections that had to move since midnight, because their gateway was not wanted any more. */
    readonly moved: number;
  };
  readonly chatServices: { readonly replicas: number; readonly ready: number; readonly cores: number };
}

export interface Day {
  readonly gateway: Deployed;
  readonly chatService: Deployed;
  readonly stepSeconds: number;
  readonly moments: readonly Moment[];
  readonly changes: { readonly gateways: readonly Change[]; readonly chatServices: readonly Change[] };
}

/** The same day for the same options. `objects` are rendered ones of deploy/k8s. */
export function simulateDay(objects: readonly KubeObject[], { choice, startSeconds, seed }: DayOptions): Day {
  const gateway = deployedOf(objects, 'gateway');
  const chatService = deployedOf(objects, 'chat-service-rpc');
  const common = { choice, startSeconds, noticeSeconds: NOTICE_SECONDS, replaceSeconds: REPLACE_SECONDS };
  const { preStopSeconds } = gateway.pod;
  const drainSeconds = drainSecondsOf(objects) * SPREAD;
  const largest = gateway.autoscaler.maxReplicas;
  const gateways = new Scaled(gateway, new Pods({ ...common, replicas: largest, preStopSeconds, drainSeconds }));
  const chatServices = new Scaled(
    chatService,
    new Pods({ ...common, replicas: chatService.autoscaler.minReplicas, preStopSeconds, drainSeconds: 0 }),
  );
  const moving = { connections: noise(seed, STEP), rate: noise(seed + 1, STEP) };
  const moments: Moment[] = [];
  for (let at = -BEFORE; at < DAY; at += STEP) {
    if (at === 0) gateways.pods.moved = 0;
    if (at === LOSS_AT) gateways.pods.loseFullest(at);
    const { connections, rate } = loadAt((at + DAY) % DAY);
    // People come and go less unevenly than they write.
    const wanted = connections * (0.9 + 0.1 * moving.connections());
    const moment = stepOf({ gateways, chatServices }, { at, wanted, rate: rate * moving.rate() });
    if (at >= 0) moments.push(moment);
  }
  const ofDay = ({ changes }: Scaled) => changes.filter(({ at }) => at >= 0);
  const changes = { gateways: ofDay(gateways), chatServices: ofDay(chatServices) };
  return { gateway, chatService, stepSeconds: STEP, moments, changes };
}

interface Parts {
  readonly gateways: Scaled;
  readonly chatServices: Scaled;
}

function stepOf({ gateways, chatServices }: Parts, now: { at: number; wanted: number; rate: number }): Moment {
  const { at, wanted, rate } = now;
  gateways.pods.step(at, STEP, wanted, STAY_SECONDS);
  chatServices.pods.step(at, STEP, 0, STAY_SECONDS);
  const { connections } = gateways.pods;
  let [fullest, busiest] = [0, 0];
  for (const pod of gateways.pods.running) {
    const cores = gatewayCores(pod.connections / connections, rate, pod.taken / STEP);
    gateways.worked(pod, cores, STEP);
    fullest = Math.max(fullest, pod.connections);
    busiest = Math.max(busiest, cores);
  }
  const serving = chatServices.pods.ready;
  const cores = chatServiceCores(rate, serving.length);
  for (const pod of serving) chatServices.worked(pod, cores, STEP);
  if (at % SYNC_SECONDS === 0) {
    gateways.evaluate(at, SYNC_SECONDS, (pod) => gatewayBytes(pod.connections));
    chatServices.evaluate(at, SYNC_SECONDS, () => 0);
  }
  const sizeOf = ({ pods }: Scaled) => ({ replicas: pods.replicas.length, ready: pods.ready.length });
  return {
    ...{ at, connections, rate },
    gateways: { ...sizeOf(gateways), fullest, cores: busiest, moved: gateways.pods.moved },
    chatServices: { ...sizeOf(chatServices), cores },
  };
}
