/** The hostile member, in a process of its own that yields to everybody else for a core. */
import { getPriority, setPriority } from 'node:os';
import { type Behaviour, BEHAVIOURS, type BehaviourName, type Member } from '../../hostile/member/behaviours.ts';
import { misbehave } from '../../hostile/member/misbehave.ts';
import { nothingSeen, type Seen } from '../../hostile/member/seen.ts';
import { writeHistory } from '../../hostile/member/write-history.ts';
import { answerParent } from '../processes/answer.ts';

/** Below the product, so that a core goes to that first; 19 is the lowest. */
const BELOW = 10;
const LOWEST = 19;

let member: Member | undefined;
let over = new AbortController();
let underWay: Promise<void> = Promise.resolve();
let seen: Seen = nothingSeen();

setPriority(Math.min(LOWEST, getPriority() + BELOW));

answerParent({
  come: async (who: Member) => {
    member = who;
    await writeHistory(who);
  },
  begin: (names: readonly BehaviourName[]) => {
    if (member === undefined) throw new Error('come first');
    over = new AbortController();
    seen = nothingSeen();
    const behaviours: readonly Behaviour[] = names.map((name) => BEHAVIOURS[name]);
    underWay = misbehave(member, behaviours, over.signal, seen);
  },
  end: async (): Promise<Seen> => {
    over.abort();
    await underWay;
    return seen;
  },
});
