import { ChatError, LIMITS } from '@messagecore/protocol';
import { describe, expect, test } from 'vitest';
import { changed, type ChangeContext, type MessageState } from './message-changes.ts';

type Change = Parameters<typeof changed>[1];

const message: MessageState = {
  from: 'ann',
  kind: 'text',
  at: 1_000,
  body: '{"text":"old"}',
  edited: false,
  recalled: false,
  reactions: null,
  pinned: false,
  poll: null,
  previews: null,
};
const ann: ChangeContext = {
  uid: 'ann',
  ...{ kind: 'group', archived: false, posting: 'all' },
  ...{ role: 'member', tenantRole: 'member', muted: false },
  now: 2_000,
  editWindowMs: undefined,
  recallWindowMs: undefined,
  reacted: false,
  pins: 0,
  vote: [],
};
const bob: ChangeContext = { ...ann, uid: 'bob' };
const edit = (text: string): Change => ({ t: 'edit', body: { text } });
const react = (emoji: string, on = true): Change => ({ t: 'react', emoji, on });
const recall: Change = { t: 'recall' };
const pin = (on = true): Change => ({ t: 'pin', on });

function refusal(change: Change, who: ChangeContext, of: MessageState = message): string {
  try {
    changed(of, change, who);
  } catch (error) {
    if (error instanceof ChatError) return error.code;
    throw error;
  }
  return 'none';
}

describe('[REV-7] edit', () => {
  test('replaces the body of an own message', () => {
    expect(changed(message, edit('new'), ann)).toEqual({ ...message, body: '{"text":"new"}', edited: true });
  });

  test('with the same text changes nothing', () => {
    expect(changed(message, edit('old'), ann)).toBeUndefined();
  });

  test('is refused to everybody else, whatever their role', () => {
    expect(refusal(edit('new'), { ...bob, role: 'owner' })).toBe('forbidden');
    expect(refusal(edit('new'), ann, { ...message, kind: 'sys' })).toBe('forbidden');
  });

  test('must fit the kind of the message', () => {
    expect(refusal({ t: 'edit', body: { text: 7 } }, ann)).toBe('bad_request');
    expect(refusal(edit('x'.repeat(16_001)), ann)).toBe('too_large');
  });

  test('[MSG-3] is refused after the window', () => {
    expect(refusal(edit('new'), { ...ann, editWindowMs: 1_000 })).toBe('none');
    expect(refusal(edit('new'), { ...ann, editWindowMs: 999 })).toBe('edit_window_over');
  });

  test('is refused to the muted, in an archive and on what was recalled', () => {
    expect(refusal(edit('new'), { ...ann, muted: true })).toBe('muted');
    expect(refusal(edit('new'), { ...ann, archived: true })).toBe('forbidden');
    expect(refusal(edit('new'), { ...ann, posting: 'admins' })).toBe('forbidden');
    expect(refusal(edit('new'), ann, { ...message, recalled: true })).toBe('conflict');
  });
});

describe('[REV-7] recall', () => {
  test('takes the text away', () => {
    expect(changed(message, recall, ann)).toEqual({ ...message, body: '{}', recalled: true });
  });

  test('[REV-11] takes the reactions away, and lets no new ones come', () => {
    const recalled = changed({ ...message, reactions: '{"👍":2}' }, recall, ann);
    expect(recalled).toEqual({ ...message, body: '{}', recalled: true });
    expect(refusal(react('👍'), bob, recalled)).toBe('conflict');
    expect(refusal(react('👍', false), { ...bob, reacted: true }, recalled)).toBe('conflict');
  });

  test('is for the sender, the owner and admins', () => {
    expect(refusal(recall, bob)).toBe('forbidden');
    expect(refusal(recall, { ...bob, role: 'admin' })).toBe('none');
    expect(refusal(recall, { ...bob, tenantRole: 'moderator' })).toBe('none');
    expect(refusal(recall, { ...bob, role: 'owner' })).toBe('none');
    expect(refusal(recall, { ...bob, role: 'owner' }, { ...message, kind: 'sys' })).toBe('forbidden');
  });

  test('works for the muted and in an archive, and twice is once', () => {
    expect(refusal(recall, { ...ann, muted: true, archived: true })).toBe('none');
    expect(changed({ ...message, recalled: true }, recall, ann)).toBeUndefined();
  });
});

describe('[REV-8] reactions', () => {
  test('count each user once and keep the order of their first appearance', () => {
    const once = changed(message, react('👍'), ann);
    expect(once?.reactions).toBe('{"👍":1}');
    const twice = changed(once!, react('❤'), bob);
    expect(changed(twice!, react('👍'), bob)?.reactions).toBe('{"👍":2,"❤":1}');
    expect(changed(twice!, react('👍'), { ...ann, reacted: true })).toBeUndefined();
  });

  test('taken back by the last one are gone', () => {
    const one = { ...message, reactions: '{"👍":1}' };
    expect(changed(one, react('👍', false), { ...ann, reacted: true })).toEqual(message);
    expect(changed(one, react('👍', false), bob)).toBeUndefined();
  });

  test('that mean something to an object, set before they were refused, can be taken back', () => {
    const odd = { ...message, reactions: '{"__proto__":2,"👍":1}' };
    const less = changed(odd, react('__proto__', false), { ...ann, reacted: true });
    expect(less?.reactions).toBe('{"__proto__":1,"👍":1}');
    expect(changed(less!, react('__proto__', false), { ...bob, reacted: true })?.reactions).toBe('{"👍":1}');
  });

  test('[REV-8] are of 64 kinds at the most', () => {
    const many = Object.fromEntries(Array.from({ length: LIMITS.emojisPerMessage }, (_, n) => [`e${n}`, 1]));
    const full = { ...message, reactions: JSON.stringify(many) };
    expect(refusal(react('one more'), ann, full)).toBe('too_large');
    expect(refusal(react('e1'), ann, full)).toBe('none');
  });
});

describe('[REV-12] pin', () => {
  test('is set by whoever may, on anybody’s message, and taken back', () => {
    const pinned = { ...message, pinned: true };
    expect(changed(message, pin(), bob)).toEqual(pinned);
    expect(changed(pinned, pin(), ann)).toBeUndefined();
    expect(changed(pinned, pin(false), ann)).toEqual(message);
    expect(changed(message, pin(false), ann)).toBeUndefined();
  });

  test('is for admins in channels, and for nobody who is muted', () => {
    expect(refusal(pin(), { ...bob, kind: 'private' })).toBe('forbidden');
    expect(refusal(pin(), { ...bob, kind: 'public', role: 'admin' })).toBe('none');
    expect(refusal(pin(), { ...bob, muted: true })).toBe('muted');
  });

  test('is bounded, and refused to what was recalled or the service said', () => {
    const pins = LIMITS.pinsPerConversation;
    expect(refusal(pin(), { ...bob, pins })).toBe('too_large');
    expect(refusal(pin(false), { ...bob, pins }, { ...message, pinned: true })).toBe('none');
    expect(refusal(pin(), bob, { ...message, recalled: true })).toBe('conflict');
    expect(refusal(pin(), bob, { ...message, kind: 'sys' })).toBe('forbidden');
  });

  test('goes when the message is recalled', () => {
    expect(changed({ ...message, pinned: true }, recall, ann)).toMatchObject({ recalled: true, pinned: false });
  });
});

describe('[POLL-5] a poll', () => {
  const body = { question: 'When?', options: ['a', 'b'].map((id) => ({ id, text: id })) };
  const poll: MessageState = { ...message, kind: 'poll', body: JSON.stringify(body) };
  const other: Change = { t: 'edit', body: { ...body, question: 'Where?' } };

  test('is edited until somebody has voted', () => {
    expect(changed(poll, other, ann)).toMatchObject({ edited: true });
    const withVote = changed(poll, { t: 'vote', options: ['a'] }, bob)!;
    expect(refusal(other, ann, withVote)).toBe('conflict');
    expect(refusal({ t: 'edit', body }, ann, withVote)).toBe('none');
  });

  test('has no votes once it was recalled, and takes none', () => {
    const recalled = changed(changed(poll, { t: 'vote', options: ['a'] }, bob)!, recall, ann)!;
    expect(recalled.poll).toBeNull();
    expect(refusal({ t: 'vote', options: ['b'] }, bob, recalled)).toBe('conflict');
  });
});

describe('[REV-14] the recall window', () => {
  const late: ChangeContext = { ...ann, recallWindowMs: 999 };

  test('binds the sender', () => {
    expect(refusal(recall, { ...ann, recallWindowMs: 1_000 })).toBe('none');
    expect(refusal(recall, late)).toBe('forbidden');
  });

  test('does not bind who recalls messages of others', () => {
    expect(refusal(recall, { ...late, role: 'admin' })).toBe('none');
    expect(refusal(recall, { ...late, tenantRole: 'moderator' })).toBe('none');
    expect(refusal(recall, { ...bob, role: 'admin', recallWindowMs: 999 })).toBe('none');
  });

  test('does not keep a repeat from being answered', () => {
    expect(refusal(recall, late, { ...message, recalled: true })).toBe('none');
  });
});
