/** The page of all settings, made of the shapes by which the programs check their environment. */
import { ChatServiceSettings, MigrationSettings } from '@messagecore/chat-service';
import { GatewaySettings } from '@messagecore/gateway';
import { describeSettings, type Setting } from '@messagecore/runtime';

/** Every program that reads settings, by the name of its pod. */
export const PROGRAMS = {
  'chat-service': { title: 'Chat-service', shape: ChatServiceSettings },
  gateway: { title: 'Gateway', shape: GatewaySettings },
  migrate: { title: 'Migration job', shape: MigrationSettings },
} as const;

export function documentOf(): string {
  const tables = Object.values(PROGRAMS).flatMap(({ title, shape }) => [
    `## ${title}`,
    '',
    '| variable | default | |',
    '|---|---|---|',
    ...describeSettings(shape).map(row),
    '',
  ]);
  return [...INTRODUCTION, ...tables].join('\n');
}

const INTRODUCTION = [
  '# Configuration',
  '',
  '*Made of the `config.ts` files of the services by `node deploy/dev/write-configuration.ts`; change it there.*',
  '',
  'Settings are read from the environment at start; an empty variable counts as not set. All invalid settings are listed in one',
  'error, which shows no value, and the program does not start. What they are for is said in [operate.md](operate.md).',
  '',
];

function row({ name, isRequired, fallback, description }: Setting): string {
  const value = isRequired ? 'required' : fallback === undefined ? 'none' : `\`${fallback}\``;
  return `| \`${name}\` | ${value} | ${description.replaceAll('|', '\\|')} |`;
}
