import { ChatError } from '@messagecore/protocol';
import { describe, expect, test } from 'vitest';
import type { Situation } from '../permissions/permissions.ts';
import { type PreviewedMessage, previewed, previewsAfterEdit, withoutPreviews } from './preview-changes.ts';

const bodyOf = (text: string) => JSON.stringify({ text });
const [link, other] = ['https://example.org/', 'https://example.com/'];
const message: PreviewedMessage = {
  ...{ from: 'ann', kind: 'text', recalled: false, previews: null },
  body: bodyOf(`see ${link}`),
};
const previews = [{ url: link, title: 'Example' }];
const found = { t: 'previews', body: message.body, previews } as const;
const shown: PreviewedMessage = { ...message, previews: JSON.stringify(previews) };
const situation: Situation = {
  ...{ kind: 'group', archived: false, posting: 'all', role: 'member', tenantRole: 'member', muted: false },
};
const ann = { ...situation, uid: 'ann' };
const bob = { ...situation, uid: 'bob' };

function refusal(change: () => unknown): string {
  try {
    change();
  } catch (error) {
    if (error instanceof ChatError) return error.code;
    throw error;
  }
  return 'none';
}

describe('previews', () => {
  test('[PREV-1] are added to the message that they were found for, once', () => {
    expect(previewed(message, found)).toEqual(shown);
    expect(previewed(shown, found)).toBeUndefined();
    expect(previewed(message, { ...found, previews: [] })).toBeUndefined();
    expect(previewed({ ...message, recalled: true }, found)).toBeUndefined();
  });

  test('[PREV-3] are of the links that the message has by now', () => {
    expect(previewed({ ...message, body: bodyOf(other) }, found)).toBeUndefined();
    expect(previewed({ ...message, body: bodyOf(`look: ${link}`) }, found)).toBeDefined();
    expect(previewsAfterEdit(shown, bodyOf(`look: ${link}`))).toBe(shown.previews);
    expect(previewsAfterEdit(shown, bodyOf(other))).toBeNull();
  });

  test('[PREV-4] are taken away by whoever may recall the message, until its links change', () => {
    const hidden = withoutPreviews(shown, ann)!;
    expect(hidden.previews).toBe('[]');
    expect(withoutPreviews(hidden, ann)).toBeUndefined();
    expect(previewed(hidden, found)).toBeUndefined();
    expect(previewsAfterEdit(hidden, bodyOf(`look: ${link}`))).toBe('[]');
    expect(previewsAfterEdit(hidden, bodyOf(other))).toBeNull();
    expect(refusal(() => withoutPreviews(shown, bob))).toBe('forbidden');
    expect(refusal(() => withoutPreviews(shown, { ...bob, role: 'admin' }))).toBe('none');
    expect(refusal(() => withoutPreviews({ ...shown, recalled: true }, ann))).toBe('conflict');
    expect(withoutPreviews({ ...message, body: bodyOf('no links') }, ann)).toBeUndefined();
  });
});
