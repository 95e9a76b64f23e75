/** The table of permissions as Markdown, for docs/permissions.md. */
import { ConversationKind } from '@messagecore/protocol/features';
import { type Permission, PERMISSIONS } from './table.ts';

const KINDS = ConversationKind.options;

/** What is closed beside the table: by the tenant's settings (core/conversations/creation-settings.ts) and by blocks. */
export const NARROWED =
  'Two things narrow this further. The **settings of the tenant** may leave creating to its owners and admins, and to its back end: `groupsBy` for groups, `privateChannelsBy` for private and `publicChannelsBy` for public channels. A **block** between the two of a dm closes it to both: none begins, and in one that is there neither sends, edits, reacts, types or changes it, nor a back end on their behalf.';

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
