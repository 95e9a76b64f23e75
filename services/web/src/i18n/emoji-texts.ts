/** Texts of the tenant's own emojis, and of choosing one. */
export interface EmojiTexts {
  readonly moreReactions: string;
  readonly tenantEmojis: string;
  readonly usualEmojis: string;
  readonly findEmoji: string;
  readonly noSuchEmoji: string;
  readonly noEmojis: string;
  readonly emojiName: string;
  readonly emojiNameHint: string;
  readonly emojiImage: string;
  readonly emojiImageHint: string;
  readonly addEmoji: string;
  readonly removeEmoji: (name: string) => string;
  readonly removeEmojiAsk: (name: string) => string;
}

export const en: EmojiTexts = {
  moreReactions: 'More reactions',
  tenantEmojis: 'Custom emojis',
  usualEmojis: 'Often used',
  findEmoji: 'Find by name',
  noSuchEmoji: 'None is called like that.',
  noEmojis: 'There are none yet.',
  emojiName: 'Name',
  emojiNameHint: 'Small letters, digits, _, + and -. A name that is there already gets the new picture.',
  emojiImage: 'Address of the picture',
  emojiImageHint: 'With https. Everybody’s browser loads it from there.',
  addEmoji: 'Add',
  removeEmoji: (name) => `Remove ${name}`,
  removeEmojiAsk: (name) => `Remove ${name} for everybody? Messages and reactions then show its name.`,
};

export const zh: EmojiTexts = {
  moreReactions: '更多回应',
  tenantEmojis: '自定义表情',
  usualEmojis: '常用表情',
  findEmoji: '按名称查找',
  noSuchEmoji: '没有这样的名称。',
  noEmojis: '还没有自定义表情。',
  emojiName: '名称',
  emojiNameHint: '小写字母、数字、_、+ 和 -。已有的名称会换成新图片。',
  emojiImage: '图片地址',
  emojiImageHint: '须为 https 地址，所有人的浏览器都从该处加载。',
  addEmoji: '添加',
  removeEmoji: (name) => `移除 ${name}`,
  removeEmojiAsk: (name) => `要为所有人移除 ${name} 吗？之后消息和回应将显示其名称。`,
};
