import type { Answer } from '../../platform/rpc/batch.ts';

/** Sends as a user would: by the same way, judged by the same guards and limits. */
export type Send = Answer<'send'>;
