/** What a simulated day shows, in figures. */
import { CONNECTION_BYTES, CONNECTIONS_A_GATEWAY, GATEWAY_BYTES } from '../plan/costs.ts';
import type { Change } from './scaled.ts';
import type { Day } from './simulate-day.ts';

export interface Findings {
  /** Connections of the fullest gateway of the day. */
  readonly fullest: number;
  /** For how many minutes some gateway had more connections than that. */
  readonly minutesAbove: { readonly signal: number; readonly request: number; readonly held: number };
  /** Cores of the busiest gateway, and of a chat-service, at the busiest moment. */
  readonly cores: { readonly gateway: number; readonly chatService: number };
  readonly gateways: { readonly least: number; readonly most: number; readonly hours: number };
  readonly changes: { readonly up: number; readonly down: number; readonly turned: number };
  /** Connections that moved, because their gateway was not wanted any more. */
  readonly moved: number;
}

/** Who goes the other way within this time changes its mind: it flaps. */
const TURN_SECONDS = 1_800;

/** `signal`: how many connections a gateway is meant to have. */
export function findingsOf({ gateway, moments, changes, stepSeconds }: Day, signal: number): Findings {
  const minutes = (count: number) =>
    (moments.filter(({ gateways }) => gateways.fullest > count).length * stepSeconds) / 60;
  const sizes = moments.map(({ gateways }) => gateways.replicas);
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);
  return {
    fullest: most(moments.map(({ gateways }) => gateways.fullest)),
    minutesAbove: {
      signal: minutes(signal),
      request: minutes(connectionsIn(gateway.pod.memory)),
      held: minutes(CONNECTIONS_A_GATEWAY),
    },
    cores: {
      gateway: most(moments.map(({ gateways }) => gateways.cores)),
      chatService: most(moments.map(({ chatServices }) => chatServices.cores)),
    },
    gateways: {
      least: Math.min(...sizes.slice(0, 1), ...sizes.filter((size, n) => size !== sizes[n - 1])),
      most: most(sizes),
      hours: (sizes.reduce((sum, size) => sum + size, 0) * stepSeconds) / 3_600,
    },
    changes: countsOf(changes.gateways),
    moved: moments.at(-1)?.gateways.moved ?? 0,
  };
}

/** How many connections fit into so many bytes, beside windows that are full. */
export function connectionsIn(bytes: number): number {
  return (bytes - GATEWAY_BYTES) / CONNECTION_BYTES;
}

function countsOf(changes: readonly Change[]): Findings['changes'] {
  const isUp = ({ from, to }: Change) => to > from;
  const turned = changes.filter((change, n) => {
    const before = changes[n - 1];
    return before !== undefined && isUp(before) !== isUp(change) && change.at - before.at < TURN_SECONDS;
  });
  const up = changes.filter(isUp).length;
  return { up, down: changes.length - up, turned: turned.length };
}
