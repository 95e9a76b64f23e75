/** What an installation does all day: sends, changes, reads, joins, pages of history, lists of conversations. */
import { must, newMid, type RawClient, type TestUser } from '@messagecore/testkit';
import type { System } from '../support/system.ts';

/** Three users, who all take part in some conversations. */
export interface Place {
  readonly system: System;
  readonly users: { readonly ann: TestUser; readonly bob: TestUser; readonly cat: TestUser };
  readonly cids: readonly string[];
  /** Only its owner, ann, sends. */
  readonly quiet: string;
  /** Slow mode. */
  readonly slow: string;
}

export async function preparePlace(system: System): Promise<Place> {
  const tenant = await system.tenant();
  const [ann, bob, cat] = await tenant.users('ann', 'bob', 'cat', 'dan');
  const users = { ann: ann!, bob: bob!, cat: cat! };
  const channel = () => tenant.channel(users.ann, users.bob, users.cat);
  const [cids, quiet, slow] = [await Promise.all([1, 2, 3, 4, 5].map(channel)), await channel(), await channel()];
  const update = (cid: string, body: object) =>
    must('PATCH', `${system.api}/v1/conversations/${cid}`, { headers: users.ann.auth, body });
  await update(quiet, { posting: 'admins' });
  await update(slow, { slowSeconds: 60 });
  return { system, users, cids, quiet, slow };
}

/** Settles when all of it was answered. */
export async function driveHotPath(place: Place): Promise<void> {
  const { system, users, cids } = place;
  const open = (user: TestUser) => system.connect(user, { inbox: true });
  const [ann, bob, cat] = [await open(users.ann), await open(users.bob), await open(users.cat)];
  const [cid = ''] = cids;
  for (const each of cids) await Promise.all([ann.join(each), bob.join(each)]);
  await sendInBatches(ann, cids);
  const seq = await sendOfAllKinds(ann, bob, cid);
  await sendWhatIsJudged(bob, place);
  const poll = await change(bob, cid, seq);
  await moveAndReplay(place, { bob, cat }, seq);
  await writeByRest(place, poll);
  await readPages(place, seq);
}

/** Of several conversations at once: they meet in batches. */
async function sendInBatches(client: RawClient, cids: readonly string[]): Promise<void> {
  const from = client.frames.length;
  const mids = [1, 2, 3, 4].flatMap((n) => cids.map((cid) => client.say(cid, `${n}`)));
  for (const mid of mids) await client.record.next('ack', { mid }, { from });
}

/** Returns the `seq` of a message that others may change. */
async function sendOfAllKinds(ann: RawClient, bob: RawClient, cid: string): Promise<number> {
  const root = await ann.sayAndWait(cid, 'root');
  await bob.sayAndWait(cid, 'a reply', { replyTo: root });
  await bob.sayAndWait(cid, 'in a thread', { threadRoot: root });
  await ann.sayAndWait(cid, 'shown too', { threadRoot: root, showInChannel: true });
  await ann.sayAndWait(cid, 'hello @bob and @cat');
  await ann.sayAndWait(cid, 'hello @all');
  await ann.sayAndWait(cid, 'hello @here');
  await ann.sayAndWait(cid, 'for an hour', { expiresIn: 3_600 });
  await ann.sayAndWait(cid, 'until it is read', { expiresAfterRead: 60 });
  return bob.sayAndWait(cid, 'to be changed');
}

/** Repeats, refusals and slow mode, which are judged one by one. */
async function sendWhatIsJudged(bob: RawClient, { cids, quiet, slow }: Place): Promise<void> {
  const [cid = '', other = ''] = cids;
  const mid = newMid();
  await bob.sayAndWait(cid, 'once', { mid });
  await bob.sayAndWait(cid, 'once', { mid });
  await bob.sayAndWait(slow, 'slowly');
  const from = bob.frames.length;
  const refused = [bob.say(slow, 'too soon'), bob.say(quiet, 'not my place'), bob.say(other, 'x', { replyTo: 999 })];
  const stored = bob.say(other, 'beside those that are refused');
  for (const ref of refused) await bob.record.next('error', { ref }, { from });
  await bob.record.next('ack', { mid: stored }, { from });
}

/** Returns the `seq` of a poll. */
async function change(bob: RawClient, cid: string, seq: number): Promise<number> {
  const from = bob.frames.length;
  const poll = await bob.sayAndWait(cid, '', {
    kind: 'poll',
    body: {
      question: 'When?',
      options: [
        { id: 'a', text: 'now' },
        { id: 'b', text: 'later' },
      ],
    },
  });
  const refs = ['edit', 'on', 'off', 'cheer', 'recall'];
  bob.sendFrame({ t: 'edit', cid, seq, body: { text: 'changed, @ann' }, ref: 'edit' });
  bob.sendFrame({ t: 'react', cid, seq, emoji: '👍', on: true, ref: 'on' });
  bob.sendFrame({ t: 'react', cid, seq, emoji: '👍', on: false, ref: 'off' });
  bob.sendFrame({ t: 'react', cid, seq: poll, emoji: '🎉', on: true, ref: 'cheer' });
  bob.sendFrame({ t: 'recall', cid, seq: seq - 1, ref: 'recall' });
  for (const ref of refs) {
    await bob.record.until(ref, () => bob.frames.slice(from).some((frame) => 'ref' in frame && frame.ref === ref));
  }
  return poll;
}

/** Positions, and sessions that catch up with what they missed. */
async function moveAndReplay(
  { system, users, cids }: Place,
  { bob, cat }: { readonly bob: RawClient; readonly cat: RawClient },
  changed: number,
): Promise<void> {
  const [cid = '', other = ''] = cids;
  for (const each of cids) {
    bob.sendFrame({ t: 'read', cid: each, pos: 3 });
    bob.sendFrame({ t: 'ack', cid: each, pos: 4 });
    bob.sendFrame({ t: 'typing', cid: each, on: true });
    await cat.join(each, { since: 0, rev: 0 });
    cat.sendFrame({ t: 'read', cid: each, pos: 100 });
  }
  await Promise.all([bob.settle(), cat.settle()]);
  // A gateway that has seen none of it asks for it: a message that the session has was changed meanwhile, others are new.
  await system.addGateway();
  const later = await system.connect(users.cat, { gateway: 1 });
  later.sendFrame({ t: 'resume', pos: { [cid]: [changed, 0], [other]: [0, 0] } });
  await later.record.next('update', { cid });
  await later.record.next('message', { cid: other, seq: 1 });
}

const PAGES = [
  'messages?limit=5',
  'messages?before=9&limit=5',
  'messages?after=2&limit=5',
  'messages?around=5&limit=5',
  'changes?since=0',
  'participants',
  'pins',
  'threads',
  '',
];

/** Of a user, over all conversations. */
const LISTS = ['conversations', 'conversations?favourite=true', 'mentions', 'mentions/unread', 'threads'];

/** As REST asks for them. */
async function readPages({ system, users, cids }: Place, seq: number): Promise<void> {
  const conversation = `conversations/${cids[0]}`;
  const ask = asked(system, users.ann);
  for (const page of PAGES) await ask('GET', `${conversation}/${page}`);
  for (const list of LISTS) await ask('GET', list);
  for (const of of ['receipts', 'reactions', 'edits']) await ask('GET', `${conversation}/messages/${seq}/${of}`);
}

/** What clients write by REST. */
async function writeByRest({ system, users, cids }: Place, poll: number): Promise<void> {
  const conversation = `conversations/${cids[0]}`;
  const ask = asked(system, users.ann);
  await ask('POST', `${conversation}/messages`, { mid: newMid(), kind: 'text', body: { text: 'by REST' } });
  await ask('PUT', `${conversation}/messages/2/pin`);
  await ask('PUT', `${conversation}/messages/${poll}/vote`, { options: ['a'] });
  await ask('PUT', `${conversation}/read`, { pos: 5 });
  await ask('POST', `${conversation}/participants`, { users: ['ext:dan'] });
  await ask('DELETE', `${conversation}/participants/ext:dan`);
  await ask('POST', 'conversations', { kind: 'dm', participants: ['ext:bob'] });
}

function asked({ api }: System, { auth: headers }: TestUser) {
  return (method: string, path: string, body?: object) =>
    must(method, `${api}/v1/${path.replace(/\/$/, '')}`, {
      headers,
      ...(body !== undefined && { body }),
    });
}
