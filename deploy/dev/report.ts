import { styleText } from 'node:util';
import { DEMO_USERS } from './demo.ts';
import type { ProductState } from './state.ts';

/** A label and the lines beside it. */
type Row = readonly [label: string, ...values: string[]];

export interface ReportOptions {
  /** As people may type it. */
  readonly dataDir: string;
  /** Whether to use colours. */
  readonly colours: boolean;
}

/** What a person wants to see once everything runs: addresses, sign-ins, keys and where things are. */
export function renderReport(state: ProductState, { dataDir, colours }: ReportOptions): string {
  const { postgres, nats, redis } = state.servers;
  const signIns = DEMO_USERS.map(({ externalId, displayName }): Row => [
    `  as ${displayName}`,
    signInUrl(state.web, externalId),
  ]);
  const sections: readonly (readonly Row[])[] = [
    [['Web client', state.web], ...signIns, ['  its mails', `${state.web}/mails`]],
    [
      ['API', state.api],
      ['Gateways', ...state.gateways],
    ],
    [
      ['Demo tenant', state.tenantId],
      ['API key', state.apiKey],
      ['Admin key', state.adminKey],
    ],
    [postgres, nats, redis].map(({ title, version, url }): Row => [`${title} ${version}`, url]),
    [['Data and logs', dataDir]],
  ];
  const paint: Paint = (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text);
  return [
    '',
    paint('bold', '  MessageCore is running'),
    '',
    ...box(sections, paint),
    '',
    '  Open the two sign-ins in two tabs and talk. Ctrl-C stops everything, data stays; npm run reset removes it.',
    '',
  ].join('\n');
}

function signInUrl(web: string, user: string): string {
  return `${web}/?user=${user}`;
}

type Paint = (style: 'bold' | 'dim' | 'cyan', text: string) => string;

function box(sections: readonly (readonly Row[])[], paint: Paint): string[] {
  const rows = sections.flat();
  const left = Math.max(...rows.map(([label]) => label.length));
  const right = Math.max(...rows.flatMap(([, ...values]) => values.map((value) => value.length)));
  const rule = (start: string, middle: string, end: string) =>
    paint('dim', `  ${start}${'─'.repeat(left + 2)}${middle}${'─'.repeat(right + 2)}${end}`);
  const bar = paint('dim', '│');
  const lines = (row: Row) => {
    const [label, ...values] = row;
    return values.map((value, index) => {
      const shown = paint('bold', (index === 0 ? label : '').padEnd(left));
      const padding = ' '.repeat(right - value.length);
      return `  ${bar} ${shown} ${bar} ${value.includes('://') ? paint('cyan', value) : value}${padding} ${bar}`;
    });
  };
  const bodies = sections.map((section) => section.flatMap(lines));
  const between = rule('├', '┼', '┤');
  return [
    rule('┌', '┬', '┐'),
    ...bodies.flatMap((body, index) => (index === 0 ? body : [between, ...body])),
    rule('└', '┴', '┘'),
  ];
}
