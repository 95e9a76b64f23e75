/** What `call` must know of the operations. It is loaded when `call` is first used, so that nobody else carries it. */
import type { RestRequest } from '../rest.ts';
import type { UpFrameOf } from '../wire.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';

type Call = UpFrameOf<'call'>;
type Args = Readonly<Record<string, unknown>>;

/** Methods of HTTP that may be repeated: the second time changes nothing. */
const IDEMPOTENT = ['GET', 'PUT', 'DELETE'];
/** Others of which the same is true: an edit says what the message becomes, and `mids` name what is forwarded (FWD-3). */
const REPEATABLE = ['messages.edit', 'messages.forward'];

/** The frame of a call, but for its `ref`, and whether doing it twice is as good as once. Undefined for an unknown one. */
export function callOf(op: string, args: Args): { frame: Omit<Call, 'ref'>; again: boolean } | undefined {
  const route = routeOf(op);
  if (route === undefined) return undefined;
  const isHarmless = IDEMPOTENT.includes(route.method) || REPEATABLE.includes(op);
  const again = isHarmless || args['idempotencyKey'] !== undefined;
  const { cid, ...others } = args;
  const frame = route.laned === true ? { cid: cid as string, args: others } : { args };
  return { frame: { t: 'call', op, ...frame }, again };
}

/** The same over REST. `segment` makes a part of a path. */
export function restOf({ op, cid, args: given = {} }: Call, segment: (text: string) => string): RestCall {
  const { method = '', path: template = '', headers: names = {} } = routeOf(op) ?? {};
  const args = new Map(Object.entries(cid === undefined ? given : { ...given, cid }));
  const take = (name: string) => {
    const value = args.get(name);
    args.delete(name);
    return value;
  };
  const path = template.replace(/:(\w+)/g, (_, name: string) => segment(String(take(name))));
  const headers = Object.entries(names).flatMap(([name, header]) => {
    const value = take(name);
    return value === undefined ? [] : [[header, value as string]];
  });
  const others = Object.fromEntries(args);
  const body = args.size > 0 ? { body: others } : {};
  const carried = method === 'GET' ? { query: others as NonNullable<RestRequest['query']> } : body;
  return { method, path, request: { headers: Object.fromEntries(headers), ...carried } };
}

export interface RestCall {
  readonly method: string;
  readonly path: string;
  readonly request: RestRequest;
}

function routeOf(op: string): Route | undefined {
  return Object.hasOwn(ROUTES, op) ? ROUTES[op] : undefined;
}
