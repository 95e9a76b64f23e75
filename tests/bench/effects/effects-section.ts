import { setTimeout as sleep } from 'node:timers/promises';
import { RawClient, TestTenant } from '@messagecore/testkit';
import postgres from 'postgres';
import { type Effect, EFFECTS, learned, newStage, type Stage } from '../../support/effects.ts';
import { type LatencySummary, LatencyRecorder } from '../measure/latency.ts';
import { figure } from '../report/svg.ts';
import type { Row, Section, SectionResult } from '../section.ts';
import { socketUrl, startProduct } from '../stack/product.ts';

const ROUNDS = { full: 100, quick: 2 };
const WARM_UP = 3;
/** At most, from the command to the session. */
const MOST_MS = 1_000;
/** Between rounds, so that none pays for the one before. */
const PAUSE_MS = 20;

interface Felt {
  readonly name: string;
  /** From the start of the command until a session learned of it. */
  readonly sessions: LatencySummary;
  /** Until the command was answered. */
  readonly answer: LatencySummary;
}

export const effectsSection: Section = {
  id: 'effects',
  title: 'What ends or narrows rights: how soon open sessions at two gateways learn of it',
  run: async (context) => {
    const product = await startProduct(context);
    const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
    context.cleanup.defer(() => sql.end());
    const api = product.chatService.url;
    const stage = await newStage({ api, sql }, await TestTenant.create(api, product.adminKey));
    const gateways = product.gateways.map(socketUrl);
    const rounds = ROUNDS[context.quick ? 'quick' : 'full'];
    const felt: Felt[] = [];
    for (const effect of EFFECTS) {
      felt.push(await measure(effect, stage, gateways, rounds));
      context.say(describe(felt.at(-1)));
    }
    return { ...present(felt, rounds), versions: product.versions };
  },
};

async function measure(effect: Effect, stage: Stage, gateways: readonly string[], rounds: number): Promise<Felt> {
  const [sessions, answer] = [new LatencyRecorder(), new LatencyRecorder()];
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const target = await effect.arrange(stage);
    const open = await Promise.all(gateways.map((url) => RawClient.open({ url, token: target.token })));
    for (const session of open) await session.join(target.cid);
    await sleep(PAUSE_MS);
    const startedAt = performance.now();
    const note = (recorder: LatencyRecorder) => round >= 0 && recorder.record(performance.now() - startedAt);
    await Promise.all([
      ...open.map((session) => learned(effect, session).then(() => note(sessions))),
      effect.command(stage, target).then(() => note(answer)),
    ]);
    for (const session of open) session.cut();
    await effect.undo?.(stage);
  }
  return { name: effect.name, sessions: sessions.summary(), answer: answer.summary() };
}

function describe(felt: Felt | undefined): string {
  return felt === undefined ? '' : `${felt.name}: ${latency(felt.sessions)}, the answer ${latency(felt.answer)}`;
}

const latency = ({ p50, p99 }: LatencySummary) => `p50 ${figure(p50)} ms, p99 ${figure(p99)} ms`;

function present(felt: readonly Felt[], rounds: number): SectionResult {
  const rows = felt.map(({ name, sessions, answer }): Row => ({
    what: name,
    ours: latency(sessions),
    theirs: `the answer ${latency(answer)}`,
    ratio: `${figure(sessions.p99 / Math.max(answer.p99, 0.01))} x`,
    goal: { text: `p99 <= ${MOST_MS / 1_000} s`, met: sessions.p99 <= MOST_MS },
  }));
  return {
    rows,
    charts: [],
    notes: [
      `From the start of the command over REST until a session of the user has the frame that tells of it, beside the time until the command is answered. The user has a session at each of two gateways, both have joined; ${rounds} users one after the other for each row, on a system with nothing else to do.`,
    ],
  };
}
