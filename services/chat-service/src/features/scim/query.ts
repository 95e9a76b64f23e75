/** What clients ask for: filters, pages and attributes (RFC 7644, 3.4.2 and 3.9). */
import SCIMMY from 'scimmy';
import { checkFilter, checkName } from './filter-language.ts';
import { reading, SCHEMAS } from './schema.ts';
import { ScimError } from './scim-error.ts';

/** What a list is asked for (RFC 7644, 3.4.2). */
export interface ListQuery {
  readonly filter?: string | undefined;
  readonly startIndex?: number | undefined;
  readonly count?: number | undefined;
  readonly attributes?: string | undefined;
  readonly excludedAttributes?: string | undefined;
}

/** What of resources is asked for (RFC 7644, 3.9): by names with commas. Of both the first counts. */
export type Selection = Pick<ListQuery, 'attributes' | 'excludedAttributes'>;

/** `filter` in SCIM's language: finds those that fit. Throws a ScimError. */
export function filterOf(text: string): <R extends object>(resources: readonly R[]) => readonly R[] {
  checkFilter(text);
  const filter = reading(() => new SCIMMY.Types.Filter(text));
  return <R extends object>(resources: readonly R[]) => reading(() => filter.match([...resources]) as R[]);
}

/** The value of a filter that is nothing but `attribute eq "value"`; undefined for every other one. */
export function equalTo(filter: string | undefined, attribute: string): string | undefined {
  const [, name = '', value] = /^\s*(\w+)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i.exec(filter ?? '') ?? [];
  if (value === undefined || name.toLowerCase() !== attribute.toLowerCase()) return undefined;
  try {
    return JSON.parse(value) as string;
  } catch {
    throw new ScimError(400, 'the value of the filter is no JSON string', 'invalidFilter');
  }
}

export const COUNT = { usual: 100, most: 500 };

/** The first one that is asked for, from 1 on, and how many at the most. */
export function bounds({ startIndex = 1, count = COUNT.usual }: ListQuery) {
  return { from: Math.max(1, startIndex), count: Math.min(Math.max(0, count), COUNT.most) };
}

export function listResponse(total: number, from: number, shown: readonly object[]): object {
  return {
    schemas: [SCIMMY.Messages.ListResponse.id],
    totalResults: total,
    startIndex: from,
    itemsPerPage: shown.length,
    Resources: shown,
  };
}

/** `id` and `schemas` are always told. */
export function selected(resource: object, { attributes, excludedAttributes }: Selection): object {
  const [names, operator] = attributes === undefined ? [excludedAttributes, 'np'] : [attributes, 'pr'];
  if (names === undefined) return resource;
  const plain = JSON.parse(JSON.stringify(resource)) as { readonly schemas: readonly string[] };
  const { schemas } = plain;
  const schema = Object.values(SCHEMAS).find(({ definition }) => schemas.includes(definition.id)) ?? SCHEMAS.User;
  const given = names.split(',').map((name) => name.trim());
  for (const name of given) checkName(name, 'invalidValue');
  const own = given.map((name) => name.replace(`${schema.definition.id}:`, ''));
  return reading(() => {
    const filter = new SCIMMY.Types.Filter(own.map((name) => `${name} ${operator}`).join(' and '));
    return { schemas, ...schema.definition.coerce(plain, 'out', undefined, filter) };
  });
}
