import { Cid } from '@messagecore/protocol';

/** Where a stream stands in one conversation. */
export interface Position {
  readonly seq: number;
  readonly rev: number;
  readonly epoch: number;
}

const BETWEEN_PLACES = '~';
const BETWEEN_NUMBERS = '.';
const RADIX = 36;

/**
 * The positions of a stream in the form of an event's `id`, about 30 characters a conversation. It says all that a
 * gateway needs to go on, so any gateway can.
 */
export function encodeResumeToken(positions: Iterable<readonly [cid: string, position: Position]>): string {
  const places: string[] = [];
  for (const [cid, position] of positions) places.push(encodePlace(cid, position));
  return places.join(BETWEEN_PLACES);
}

function encodePlace(cid: string, { seq, rev, epoch }: Position): string {
  const id = Buffer.from(cid.replaceAll('-', ''), 'hex').toString('base64url');
  return [id, ...[seq, rev, epoch].map((number) => number.toString(RADIX))].join(BETWEEN_NUMBERS);
}

/** Reads what `encodeResumeToken` made. Places that cannot be read are left out: the stream then starts as the URL says. */
export function decodeResumeToken(token: string): Map<string, Position> {
  return new Map(token.split(BETWEEN_PLACES).flatMap((place) => decodePlace(place)));
}

function decodePlace(place: string): [string, Position][] {
  const [id = '', ...digits] = place.split(BETWEEN_NUMBERS);
  const hex = Buffer.from(id, 'base64url').toString('hex');
  const cid = Cid.safeParse(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
  const [seq, rev, epoch] = digits.map((text) => {
    const number = /^[0-9a-z]{1,11}$/.test(text) ? Number.parseInt(text, RADIX) : undefined;
    return Number.isSafeInteger(number) ? number : undefined;
  });
  if (!cid.success || seq === undefined || rev === undefined || epoch === undefined) return [];
  return [[cid.data, { seq, rev, epoch }]];
}
