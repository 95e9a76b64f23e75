/** Commands over messages as features use them, who are made before them: sends ask the guards of features. */
import { ChatError } from '@messagecore/protocol';
import type { Answer } from '../platform/rpc/batch.ts';
import type { Writing } from './maintenance.ts';

export interface LateCommands {
  /** `unavailable` in a process that has no commands. */
  readonly change: Answer<'change'>;
  /** `unavailable` in a process that has no commands. */
  readonly send: Answer<'send'>;
  begin(commands: Pick<Writing, 'change' | 'send'> | undefined): void;
}

export function createLateCommands(): LateCommands {
  let made: Pick<Writing, 'change' | 'send'> | undefined;
  return {
    async change(items, until) {
      return made === undefined ? items.map(() => new ChatError('unavailable')) : made.change(items, until);
    },
    async send(items, until) {
      return made === undefined ? items.map(() => new ChatError('unavailable')) : made.send(items, until);
    },
    begin(commands) {
      made = commands;
    },
  };
}
