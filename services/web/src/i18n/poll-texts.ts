/** Texts of polls. */
export interface PollTexts {
  readonly newPoll: string;
  readonly question: string;
  readonly option: (number: number) => string;
  readonly severalVotes: string;
  readonly anonymousVotes: string;
  readonly voters: (count: number) => string;
  readonly closesAt: (date: string) => string;
  readonly pollClosed: string;
  readonly closePoll: string;
  readonly closePollAsk: string;
  readonly whoVoted: string;
}

export const en: PollTexts = {
  newPoll: 'New poll',
  question: 'Question',
  option: (number) => `Option ${number}`,
  severalVotes: 'Several votes each',
  anonymousVotes: 'Anonymous',
  voters: (count) => (count === 1 ? '1 voter' : `${count} voters`),
  closesAt: (date) => `closes ${date}`,
  pollClosed: 'closed',
  closePoll: 'Close the poll',
  closePollAsk: 'Close this poll? Nobody can vote any more.',
  whoVoted: 'Who voted',
};

export const zh: PollTexts = {
  newPoll: '发起投票',
  question: '问题',
  option: (number) => `选项 ${number}`,
  severalVotes: '可多选',
  anonymousVotes: '匿名',
  voters: (count) => `${count} 人已投票`,
  closesAt: (date) => `${date} 截止`,
  pollClosed: '已结束',
  closePoll: '结束投票',
  closePollAsk: '要结束此投票吗？之后将无法再投票。',
  whoVoted: '谁投了票',
};
