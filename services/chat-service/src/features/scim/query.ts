/** What clients ask for: filters, pages and attributes (RFC 7644, 3.4.2 and 3.9). */
import SCIMMY from 'scimmy';
import { reading, SCHEMAS, ScimError } from './schema.ts';

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

/** `filter` in SCIM's language: those that fit. */
export function filtered<R extends object>(resources: readonly R[], filter: string | undefined): readonly R[] {
  if (filter === undefined) return resources;
  return reading(() => new SCIMMY.Types.Filter(filter).match([...resources]) as R[]);
}

/** The value of a filter that is nothing but `attribute eq "value"`; undefined for every other one. */
export function equalTo(filter: string | undefined, attribute: string): string | undefined {
  const [, name = '', value] = /^\s*(\w+)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i.exec(filter ?? '') ?? [];
  return value !== undefined && name.toLowerCase() === attribute.toLowerCase()
    ? (JSON.parse(value) as string)
    : undefined;
}

export const COUNT = { usual: 100, most: 500 };

export function page(resources: readonly object[], query: ListQuery): object {
  const { startIndex = 1, count = COUNT.usual } = query;
  const from = Math.max(1, startIndex);
  const shown = resources.slice(from - 1, from - 1 + Math.min(Math.max(0, count), COUNT.most));
  return {
    schemas: [SCIMMY.Messages.ListResponse.id],
    totalResults: resources.length,
    startIndex: from,
    itemsPerPage: shown.length,
    Resources: shown.map((resource) => selected(resource, query)),
  };
}

const NAME = /^[\w$.:-]+$/;

/** `id` and `schemas` are always told. */
export function selected(resource: object, { attributes, excludedAttributes }: Selection): object {
  const [names, operator] = attributes === undefined ? [excludedAttributes, 'np'] : [attributes, 'pr'];
  if (names === undefined) return resource;
  const plain = JSON.parse(JSON.stringify(resource)) as { readonly schemas: readonly string[] };
  const { schemas } = plain;
  const schema = Object.values(SCHEMAS).find(({ definition }) => schemas.includes(definition.id)) ?? SCHEMAS.User;
  const given = names.split(',').map((name) => name.trim());
  const wrong = given.find((name) => !NAME.test(name));
  if (wrong !== undefined) throw new ScimError(400, `"${wrong}" names no attribute`, 'invalidValue');
  const own = given.map((name) => name.replace(`${schema.definition.id}:`, ''));
  return reading(() => {
    const filter = new SCIMMY.Types.Filter(own.map((name) => `${name} ${operator}`).join(' and '));
    return { schemas, ...schema.definition.coerce(plain, 'out', undefined, filter) };
  });
}
