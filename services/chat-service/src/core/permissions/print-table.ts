/** The table of permissions as Markdown, for docs/permissions.md. */
import { ConversationKind } from '@messagecore/protocol/features';
import { type Permission, PERMISSIONS } from './table.ts';

const KINDS = ConversationKind.options;

export function printTable(): string {
  const header = ['Who may', ...KINDS, 'closed by', 'towards'];
  const rows = Object.values<Permission>(PERMISSIONS).map((permission) => [
    `${permission.does}${permission.moderation === true ? ' ¹' : ''}${permission.takesPart === true ? ' ²' : ''}`,
    ...KINDS.map((kind) => permission[kind]),
    closedBy(permission),
    permission.towardsLower === true ? 'those below' : '',
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function closedBy({ closedByArchive, closedByPosting, closedByMute }: Permission): string {
  const states = { archive: closedByArchive, posting: closedByPosting, mute: closedByMute };
  return Object.entries(states)
    .filter(([, closes]) => closes === true)
    .map(([state]) => state)
    .join(', ');
}
