/** Rules of the kinds of conversations (CONV-1). Pure: data in, a refusal or nothing out. */
import { ChatError, type FieldError } from '@messagecore/protocol';
import { type ConversationKind, type HistoryVisibility, type Role } from '@messagecore/protocol/features';

/** What of a new conversation depends on its kind. */
export interface Composition {
  readonly kind: ConversationKind;
  readonly name?: string | undefined;
  readonly history?: HistoryVisibility | undefined;
}

/** `participants` includes the creator and names nobody twice. Throws `bad_request` naming what does not fit. */
export function checkComposition({ kind, name, history }: Composition, participants: readonly string[]): void {
  const errors: FieldError[] = [];
  if (kind === 'dm' && participants.length !== 2) {
    errors.push({ path: 'participants', message: 'a dm has exactly two different users' });
  }
  if (kind === 'group' && participants.length < 3) {
    errors.push({ path: 'participants', message: 'a group has at least three users with its creator' });
  }
  if (kind === 'dm' && name !== undefined) errors.push({ path: 'name', message: 'a dm has no name' });
  if (kind === 'dm' && history === 'since_joining') {
    errors.push({ path: 'history', message: 'the two of a dm see all of it' });
  }
  if (errors.length > 0) throw new ChatError('bad_request', describe(errors), { errors });
}

/** The creator owns what they create; the two of a dm are equals. */
export function creatorRole(kind: ConversationKind): Role {
  return kind === 'dm' ? 'member' : 'owner';
}

function describe(errors: readonly FieldError[]): string {
  return errors.map((error) => `${error.path}: ${error.message}`).join('; ');
}
