/** SPEC.md must say what the code does: its tables are compared with the catalogue and the limits, its index with its rules. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOWN_NOTES, UP_NOTES } from './features/frame-notes.ts';
import { type Cost, EVENTS, isCallable, type Operation, OPERATIONS, SYS_EVENTS } from './features.ts';
import { CLOSE, DownFrame, ERRORS, LIMITS, RATE_PROFILES, RECONNECT, UpFrame } from './index.ts';

const spec = readFileSync(join(import.meta.dirname, '../SPEC.md'), 'utf8');

/** Cells of a table's line; back-quotes around the whole of a cell are dropped. */
const cells = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1'));

/** Rows of the table with this header, whose last columns may be left out. */
function table(...header: string[]): string[][] {
  const lines = spec.split('\n');
  const start = lines.findIndex((line) => line.startsWith('|') && header.every((name, i) => cells(line)[i] === name));
  if (start === -1) throw new Error(`SPEC.md has no table ${header.join(' | ')}`);
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end === -1 ? rest.length : end).map(cells);
}

const rules = [...spec.matchAll(/^- \*\*([A-Z]+)-(\d+)\*\* /gm)].map(([, family, number]) => ({
  family: family!,
  number: Number(number),
}));

test('rule ids are unique and counted without holes', () => {
  const next = new Map<string, number>();
  for (const { family, number } of rules) {
    expect(`${family}-${number}`).toBe(`${family}-${(next.get(family) ?? 0) + 1}`);
    next.set(family, number);
  }
  expect(rules.length).toBeGreaterThan(100);
});

/** Frames of the server that a cell names. */
const framesIn = (cell: string) => (cell.match(/\w+/g) ?? []).filter((word) => word in DOWN_NOTES);

test('what the AsyncAPI document says of frames is what their tables say', () => {
  const up = table('t', 'fields', 'meaning', 'answered by');
  expect(up.map(([t, , meaning]) => [t, meaning])).toEqual(
    Object.entries(UP_NOTES).map(([t, { meaning }]) => [t, meaning]),
  );
  for (const [t = '', fields = '', , answered = ''] of up) {
    const { answers } = UP_NOTES[t as keyof typeof UP_NOTES];
    const toAll = t === 'read' || t === 'typing' ? [t] : [];
    const byRef = fields.includes('`ref') && t !== 'send' ? ['result'] : [];
    const said = new Set([...framesIn(answered), ...byRef].filter((name) => ![...toAll, 'update'].includes(name)));
    expect([t, [...said].toSorted()]).toEqual([t, answers.toSorted()]);
  }
  expect(table('t', 'fields', 'what it says').map(([t, , says]) => [t, says])).toEqual(Object.entries(DOWN_NOTES));
});

test('the table of events is the definitions', () => {
  const stated = table('event', 'says').map(([event, says]) => [event, says]);
  expect(stated).toEqual(Object.entries(EVENTS).map(([event, { summary }]) => [event, summary]));
});

test('the index lists every family with its last rule', () => {
  const last = Object.fromEntries(rules.map(({ family, number }) => [family, `1-${number}`]));
  const index = table('family', 'rules').map(([family, range]) => [family, range]);
  expect(Object.fromEntries(index)).toEqual(last);
  expect(index).toHaveLength(Object.keys(last).length);
});

test('rules that are referred to exist', () => {
  const known = new Set(rules.map(({ family, number }) => `${family}-${number}`));
  const referred = [...spec.matchAll(/\(([A-Z]+-\d+)\)/g)].map(([, id]) => id!);
  expect(referred.filter((id) => !known.has(id))).toEqual([]);
  expect(referred).not.toHaveLength(0);
});

test('[ERR-1] the table of errors is the catalogue', () => {
  const stated = table('code', 'HTTP', 'close', 'then').map(([code, http, close, then]) => ({
    code,
    http: Number(http),
    close: close === '' ? null : Number(close),
    retry: then,
  }));
  expect(stated).toEqual(
    Object.entries(ERRORS).map(([code, { http, close, retry }]) => ({ code, http, close, retry })),
  );
});

test('[ERR-2] the table of closes is the catalogue', () => {
  const stated = table('close', 'name', 'reconnect').map(([code, name, reconnect]) => ({
    code: Number(code),
    name,
    reconnect,
  }));
  expect(stated).toEqual(Object.entries(CLOSE).map(([name, code]) => ({ code, name, reconnect: RECONNECT[code] })));
});

test('the table of limits is the code’s', () => {
  const flat = Object.entries(LIMITS).flatMap(([name, value]) =>
    typeof value === 'number'
      ? [[name, value]]
      : Object.entries(value).map(([part, inner]) => [`${name}.${part}`, inner]),
  );
  const stated = table('limit', 'value').map(([name, value]) => [name, Number(value)]);
  expect(stated).toEqual(flat);
});

test('the table of rates is the production profile', () => {
  const stated = table('rate', 'per second', 'burst').map(([name, perSecond, burst]) => [
    name,
    { perSecond: Number(perSecond), burst: Number(burst) },
  ]);
  expect(Object.fromEntries(stated)).toEqual(RATE_PROFILES.production);
});

/** Which fields a cell like "`a` `b?` `c: {…}`" names, and whether they are optional. */
function fieldsOf(cell: string): Record<string, boolean> {
  const names = cell.includes('`') ? [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!) : [cell];
  return Object.fromEntries(names.map((name) => [name.match(/^\w+/)![0], name.includes('?') && !name.includes(':')]));
}

test.each([
  ['client', table('t', 'fields', 'meaning', 'answered by'), UpFrame.options],
  ['server', table('t', 'fields', 'what it says'), DownFrame.options],
])('the table of %s frames is the schemas', (_, rows, options) => {
  const byType = new Map(rows.map(([t, fields]) => [t, fields!]));
  for (const option of options) {
    const { t, ...shape } = option.shape;
    const stated = byType.get(t.value);
    expect(stated, `${t.value} is missing`).toBeDefined();
    if (stated === 'the same fields') continue;
    const optional = Object.entries(shape).map(([name, field]) => [name, field.safeParse(undefined).success]);
    expect(fieldsOf(stated!), t.value).toEqual(Object.fromEntries(optional));
  }
  expect(byType.size).toBe(options.length);
});

/** What an operation counts as, in words. */
function counted(cost: Cost): string {
  if (cost === 'none') return '';
  if (typeof cost === 'string') return cost === 'own' ? 'its own' : `a ${cost}`;
  const { sends, ofConversation, memberships } = cost;
  const of = ofConversation === true ? ', also of the conversation' : '';
  const parts = sends > 0 ? [`${sends} send${sends > 1 ? 's' : ''}${of}`] : [];
  if (typeof memberships === 'number') parts.push(`${memberships} membership`);
  else if (memberships !== undefined) {
    const { each, atLeast } = memberships;
    parts.push(`a membership for each of \`${each}\`${atLeast === undefined ? '' : `, ${atLeast} at least`}`);
  }
  return parts.join(', ');
}

test('[CALL-1] the table of operations is the definitions', () => {
  const operations: readonly Operation[] = OPERATIONS;
  const defined = operations
    .filter(({ access }) => access !== 'operator')
    .map((operation) => {
      const { name, method, path, access, scope, laned, cost } = operation;
      const call = isCallable(operation) ? (laned ? 'laned' : 'yes') : '';
      const route = `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
      return [name, route, access, scope ?? '', call, counted(cost)];
    });
  const stated = table('operation', 'REST', 'by', 'scope', 'call', 'counts as');
  expect(stated, `The table is:\n${defined.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`).toEqual(defined);
});

test('[SYS-1] the table of messages of the service is the definitions', () => {
  const stated = table('sys event', 'body', 'says').map(([event, body = '', says]) => [event, [fieldsOf(body), says]]);
  const defined = Object.entries(SYS_EVENTS).map(([event, { summary, data }]) => {
    const fields = Object.entries(data).map(([name, schema]) => [name, schema.safeParse(undefined).success]);
    return [event, [Object.fromEntries(fields), summary]];
  });
  expect(Object.fromEntries(stated)).toEqual(Object.fromEntries(defined));
});
