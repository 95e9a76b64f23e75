/**
 * Commands over messages as features use them, who are made before them: sends ask the guards of features. And the kinds of
 * messages, which are those of another feature.
 */
import { ChatError } from '@messagecore/protocol';
import type { KindsOfTenants } from '../core/messages/extensions.ts';
import type { Answer } from '../platform/rpc/batch.ts';
import type { Writing } from './maintenance.ts';

export interface LateCommands {
  /** `unavailable` in a process that has no commands. */
  readonly change: Answer<'change'>;
  /** `unavailable` in a process that has no commands. */
  readonly send: Answer<'send'>;
  readonly kinds: KindsOfTenants;
  begin(commands: Pick<Writing, 'change' | 'send'> | undefined, kinds: KindsOfTenants | undefined): void;
}

export function createLateCommands(): LateCommands {
  let made: Pick<Writing, 'change' | 'send'> | undefined;
  let known: KindsOfTenants | undefined;
  return {
    async change(items, until) {
      return made === undefined ? items.map(() => new ChatError('unavailable')) : made.change(items, until);
    },
    async send(items, until) {
      return made === undefined ? items.map(() => new ChatError('unavailable')) : made.send(items, until);
    },
    kinds: { of: async (tid, tx) => (known === undefined ? new Map() : known.of(tid, tx)) },
    begin(commands, kinds) {
      made = commands;
      known = kinds;
    },
  };
}
