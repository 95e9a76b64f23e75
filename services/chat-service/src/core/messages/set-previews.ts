import { ChatError, type PagePreview } from '@messagecore/protocol';
import { type ChangeDeps, changeMessages } from './change-message.ts';

/** Previews of the links of a message, as it was when they were looked for. */
export interface FoundPreviews {
  readonly tid: string;
  readonly cid: string;
  readonly seq: number;
  readonly body: string;
  readonly previews: readonly PagePreview[];
}

/** Adds them as a change of the service's own; nothing where the message has changed since, or is gone. Doing it again changes nothing. */
export async function setPreviews(deps: ChangeDeps, { tid, cid, seq, ...found }: FoundPreviews): Promise<void> {
  const [outcome] = await changeMessages(deps, [{ tid, uid: tid, cid, seq, change: { t: 'previews', ...found } }]);
  if (outcome instanceof ChatError && outcome.code !== 'not_found') throw outcome;
}
