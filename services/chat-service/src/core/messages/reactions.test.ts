import { describe, expect, test } from 'vitest';
import { canonicalReaction, requireReaction } from './reactions.ts';

describe('[REV-10] a reaction', () => {
  test.each([
    ['an ordinary one', '👍'],
    ['with a skin tone', '👍🏽'],
    ['a text character made an emoji', '❤️'],
    ['a family', '👨‍👩‍👧‍👦'],
    ['with a selector in the middle', '👩‍❤️‍💋‍👨'],
    ['a flag of two letters', '🇩🇪'],
    ['a flag of tags', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
    ['a flag with a rainbow', '🏳️‍🌈'],
    ['a keycap', '#️⃣'],
    ['an eye in a bubble', '👁️‍🗨️'],
    ['a person with a ball and a tone', '⛹🏻‍♀️'],
    ['a name of the tenant’s own', ':party_parrot:'],
    ['a name that is a number', ':+1:'],
  ])('is %s, and comes back as it is', (_, emoji) => {
    expect(canonicalReaction(emoji)).toBe(emoji);
  });

  test.each([
    ['without its selector', '❤', '❤️'],
    ['with the selector for text', '❤︎', '❤️'],
    ['with a selector that it does not need', '👍️', '👍'],
    ['half qualified', '👁‍🗨️', '👁️‍🗨️'],
    ['not qualified at all', '🏳‍🌈', '🏳️‍🌈'],
    ['a keycap without its selector', '1⃣', '1️⃣'],
    ['a person with a tone, a selector too few', '⛹🏻‍♀', '⛹🏻‍♀️'],
    ['a name in capitals', ':Party_Parrot:', ':party_parrot:'],
  ])('%s is the same one', (_, asked, emoji) => {
    expect(canonicalReaction(asked)).toBe(emoji);
  });

  test.each([
    ['a word that means something to an object', '__proto__'],
    ['another', 'constructor'],
    ['a word', 'thumbsup'],
    ['what a path cannot name', '.'],
    ['nor this', '..'],
    ['a digit', '1'],
    ['a digit with a selector', '1️'],
    ['two', '👍👍'],
    ['a letter beside it', '👍a'],
    ['a space beside it', ' 👍'],
    ['half a flag', '🇩'],
    ['a letter with a mark', 'é'],
    ['a joiner alone', '\u200d'],
    ['a selector alone', '\ufe0f'],
    ['a tone that nobody has', '🚀🏽'],
    ['an empty name', '::'],
    ['a name with a space', ':a b:'],
    ['a name too long', `:${'a'.repeat(31)}:`],
    ['nothing', ''],
  ])('is not %s', (_, asked) => {
    expect(canonicalReaction(asked)).toBeUndefined();
    expect(() => requireReaction(asked)).toThrowError(expect.objectContaining({ code: 'bad_request' }));
  });
});
