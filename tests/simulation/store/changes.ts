/** Statements of the commands that change messages and participants. */
import type { Role } from '@messagecore/protocol/features';
import type { Transaction } from './database.ts';
import { type ConversationRow, GENERATION, type StoredRow } from './model.ts';
import { booleans, frameRow, type Row, type Statement } from './rows.ts';

function held(transaction: Transaction, cid: unknown): ConversationRow {
  const conversation = transaction.get(cid as string);
  if (conversation === undefined) throw new Error(`no conversation ${String(cid)}`);
  return conversation;
}

/** Rows of what `unnest` makes of columns, each given as an array or in the text form of one. */
function zip(...columns: readonly unknown[]): unknown[][] {
  const arrays = columns.map((column) => (typeof column === 'string' ? booleans(column) : (column as unknown[])));
  return (arrays[0] ?? []).map((_, n) => arrays.map((array) => array[n]));
}

function keepVotes(transaction: Transaction, cid: unknown, isKept: (seq: string, uid: string) => boolean): Row[] {
  const conversation = held(transaction, cid);
  const votes = [...conversation.votes].filter((vote) => {
    const [seq = '', uid = ''] = vote.split(' ');
    return isKept(seq, uid);
  });
  transaction.put({ ...conversation, votes: new Set(votes) });
  return [];
}

/** Of everybody here. */
const ORDINARY = { tenantRole: 'member', muted: false };

const MESSAGES: readonly Statement[] = [
  {
    words: ['select last_rev as rev, kind, archived_at is not null as archived, posting', 'for no key update'],
    locks: ([cid]) => [cid as string],
    run(transaction, [cid, tid]) {
      const conversation = transaction.get(cid as string);
      if (conversation === undefined || conversation.tid !== tid) return [];
      const { rev, kind } = conversation;
      const rules = {
        kind,
        archived: false,
        posting: 'all',
        sinceJoining: false,
        editWindow: null,
        recallWindow: null,
      };
      return [{ rev, ...rules, now: transaction.database.now }];
    },
  },
  {
    words: [
      'select p.user_id as uid, p.role, u.role as "tenantRole", coalesce(p.muted_until > now(), false) as muted,',
      'p.history_from as "historyFrom", asked.device, coalesce(d.generation, -1 - u.tokens_generation) as generation',
      'join participants p on p.conversation_id = ? and p.user_id = asked.user_id join users u on u.id = p.user_id',
    ],
    run: (transaction, [uids, devices, cid]) =>
      zip(uids, devices).flatMap(([uid, device]) => {
        const participant = held(transaction, cid).participants.get(uid as string);
        const token = { device, generation: GENERATION, tenantStatus: 'active' };
        return participant === undefined
          ? []
          : [{ uid, role: participant.role, ...ORDINARY, historyFrom: 1, ...token }];
      }),
  },
  {
    words: ['from messages m where m.conversation_id = ? and m.seq = any(?::bigint[])'],
    run(transaction, [cid, seqs]) {
      const conversation = held(transaction, cid);
      const rows = (seqs as number[]).flatMap((seq) => conversation.messages.get(seq) ?? []);
      return rows.map((row) => frameRow(conversation, row));
    },
  },
  {
    words: ['select seq, user_id as uid, emoji from reactions join unnest('],
    run(transaction, [seqs, uids, emojis, cid]) {
      const { reactions } = held(transaction, cid);
      return zip(seqs, uids, emojis)
        .filter(([seq, uid, emoji]) => reactions.has(`${String(seq)} ${String(uid)} ${String(emoji)}`))
        .map(([seq, uid, emoji]) => ({ seq, uid, emoji }));
    },
  },
  {
    words: ['select seq, user_id as uid, array_agg(option) as options from poll_votes join ('],
    run(transaction, [seqs, uids, cid]) {
      const votes = [...held(transaction, cid).votes].map((vote) => vote.split(' '));
      const asked = new Map(zip(seqs, uids).map(([seq, uid]) => [`${String(seq)} ${String(uid)}`, { seq, uid }]));
      return [...asked].flatMap(([voter, place]) => {
        const options = votes.filter(([seq, uid]) => `${seq} ${uid}` === voter).map(([, , option]) => option);
        return options.length === 0 ? [] : [{ ...place, options }];
      });
    },
  },
  {
    words: ['delete from poll_votes where conversation_id = ? and seq = any(?::bigint[])'],
    run(transaction, [cid, seqs]) {
      const gone = new Set((seqs as number[]).map(String));
      return keepVotes(transaction, cid, (seq) => !gone.has(seq));
    },
  },
  {
    words: ['delete from poll_votes v'],
    run(transaction, [seqs, uids, cid]) {
      const gone = new Set(zip(seqs, uids).map((voter) => voter.join(' ')));
      return keepVotes(transaction, cid, (seq, uid) => !gone.has(`${seq} ${uid}`));
    },
  },
  {
    words: ['insert into poll_votes (conversation_id'],
    run(transaction, [cid, seqs, uids, options]) {
      const conversation = held(transaction, cid);
      const cast = zip(seqs, uids, options).map((vote) => vote.join(' '));
      transaction.put({ ...conversation, votes: new Set([...conversation.votes, ...cast]) });
      return [];
    },
  },
  {
    words: ['update messages m set body = new.body::json'],
    run(transaction, [seqs, bodies, reactions, revs, edited, recalled, pinned, polls, previews, , , cid]) {
      const conversation = held(transaction, cid);
      const messages = new Map(conversation.messages);
      for (const [seq, body, counts, rev, isEdited, isRecalled, isPinned, poll, found] of zip(
        seqs,
        bodies,
        reactions,
        revs,
        edited,
        recalled,
        pinned,
        polls,
        previews,
      )) {
        const old = messages.get(seq as number);
        if (old === undefined) continue;
        messages.set(old.seq, {
          ...old,
          body: body as string,
          firstBody: old.firstBody ?? old.body,
          reactions: counts as string | null,
          rev: rev as number,
          changedAt: transaction.startedAt,
          edited: old.edited || (isEdited as boolean),
          recalled: old.recalled || (isRecalled as boolean),
          pinned: isPinned as boolean,
          poll: poll as string | null,
          previews: found as string | null,
        } satisfies StoredRow);
      }
      transaction.put({ ...conversation, messages });
      return (seqs as number[]).map((seq) => ({ seq, mentions: null }));
    },
  },
  // What was replaced is kept with the message itself here.
  { words: ['insert into message_edits'], run: () => [] },
  { words: ['delete from message_edits e'], run: () => [] },
  {
    words: ['delete from reactions where conversation_id = ? and seq = any(?::bigint[])'],
    run(transaction, [cid, seqs]) {
      const conversation = held(transaction, cid);
      const gone = new Set((seqs as number[]).map(String));
      const reactions = new Set([...conversation.reactions].filter((of) => !gone.has(of.split(' ')[0] ?? '')));
      transaction.put({ ...conversation, reactions });
      return [];
    },
  },
  {
    words: ['insert into reactions (conversation_id'],
    run(transaction, [cid, seqs, uids, emojis]) {
      const conversation = held(transaction, cid);
      const added = zip(seqs, uids, emojis).map((reaction) => reaction.join(' '));
      transaction.put({ ...conversation, reactions: new Set([...conversation.reactions, ...added]) });
      return [];
    },
  },
  {
    words: ['delete from reactions r'],
    run(transaction, [seqs, uids, emojis, cid]) {
      const conversation = held(transaction, cid);
      const gone = new Set(zip(seqs, uids, emojis).map((reaction) => reaction.join(' ')));
      const reactions = new Set([...conversation.reactions].filter((reaction) => !gone.has(reaction)));
      transaction.put({ ...conversation, reactions });
      return [];
    },
  },
  {
    words: ['update conversations set last_rev = ?', 'insert into outbox', "'upd'"],
    run(transaction, [rev, cid, , first, last]) {
      transaction.put({ ...held(transaction, cid), rev: rev as number });
      const range = { cid: cid as string, first: first as number, last: last as number };
      return [{ id: transaction.addOutbox('upd', [range]) }];
    },
  },
];

const PARTICIPANTS: readonly Statement[] = [
  {
    words: ['select coalesce(survivor.id, named.id) as id, named.ref', "= 'active'"],
    run: (_, [, ids]) => (ids as string[]).map((id) => ({ id, ref: id })),
  },
  {
    words: ['select kind, last_seq as head, access_rev as access, history_since_joining', 'for update'],
    locks: ([cid]) => [cid as string],
    run(transaction, [cid, tid]) {
      const conversation = transaction.get(cid as string);
      if (conversation === undefined || conversation.tid !== tid) return [];
      const { kind, head, access } = conversation;
      return [{ kind, head, access, sinceJoining: false, archived: false, posting: 'all' }];
    },
  },
  {
    words: ['select p.role, u.role as "tenantRole"', 'from users u left join participants p on p.conversation_id = ?'],
    run(transaction, [cid, uid]) {
      const participant = held(transaction, cid).participants.get(uid as string);
      return [{ role: participant?.role ?? null, ...ORDINARY }];
    },
  },
  {
    words: ['update conversations set access_rev = access_rev + ?'],
    run(transaction, [by, cid]) {
      const conversation = held(transaction, cid);
      const access = conversation.access + (by as number);
      transaction.put({ ...conversation, access });
      return [{ access }];
    },
  },
  {
    words: ['delete from participants where conversation_id = ? and user_id = ?'],
    run(transaction, [cid, uid]) {
      const conversation = held(transaction, cid);
      const participants = new Map(conversation.participants);
      participants.delete(uid as string);
      transaction.put({ ...conversation, participants });
      return [];
    },
  },
  { words: ['select from conversation_bans where'], run: () => [] },
  {
    words: ['select user_id as uid from participants where conversation_id = ? order by user_id limit ?'],
    run: (transaction, [cid, limit]) =>
      [...held(transaction, cid).participants.keys()]
        .toSorted()
        .slice(0, limit as number)
        .map((uid) => ({ uid })),
  },
  {
    words: [
      'insert into participants ( conversation_id, user_id, tenant_id, role, last_read_seq, muted_until, mute_reason, history_from )',
    ],
    run(transaction, [cid, users, , , role, head]) {
      const conversation = held(transaction, cid);
      const added = (users as string[]).filter((uid) => !conversation.participants.has(uid));
      const participants = new Map(conversation.participants);
      for (const uid of added) {
        const joinedAt = transaction.startedAt;
        participants.set(uid, { role: role as Role, lastRead: head as number, joinedAt });
      }
      transaction.put({ ...conversation, participants });
      return added.map((uid) => ({ uid }));
    },
  },
];

export const CHANGES: readonly Statement[] = [...MESSAGES, ...PARTICIPANTS];
