import { Cid } from '@messagecore/protocol';

/** Where a stream stands in one conversation. */
export interface ResumePosition {
  readonly seq: number;
  readonly rev: number;
  readonly epoch: number;
}

const POSITION_SEPARATOR = '~';
const NUMBER_SEPARATOR = '.';
const RADIX = 36;

/**
 * The positions of a stream in the form of an event's `id`, about 30 characters a conversation. It says all that a
 * gateway needs to go on, so any gateway can.
 */
export function encodeResumeToken(positions: Iterable<readonly [cid: string, position: ResumePosition]>): string {
  const parts: string[] = [];
  for (const [cid, position] of positions) parts.push(encodePosition(cid, position));
  return parts.join(POSITION_SEPARATOR);
}

function encodePosition(cid: string, { seq, rev, epoch }: ResumePosition): string {
  const id = Buffer.from(cid.replaceAll('-', ''), 'hex').toString('base64url');
  return [id, ...[seq, rev, epoch].map((number) => number.toString(RADIX))].join(NUMBER_SEPARATOR);
}

/** Reads what `encodeResumeToken` made. Places that cannot be read are left out: the stream then starts as the URL says. */
export function decodeResumeToken(token: string): Map<string, ResumePosition> {
  return new Map(token.split(POSITION_SEPARATOR).flatMap((place) => decodePosition(place)));
}

function decodePosition(place: string): [string, ResumePosition][] {
  const [id = '', ...digits] = place.split(NUMBER_SEPARATOR);
  const hex = Buffer.from(id, 'base64url').toString('hex');
  const cid = Cid.safeParse(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
  const [seq, rev, epoch] = digits.map((text) => {
    const number = /^[0-9a-z]{1,11}$/.test(text) ? Number.parseInt(text, RADIX) : undefined;
    return Number.isSafeInteger(number) ? number : undefined;
  });
  if (!cid.success || seq === undefined || rev === undefined || epoch === undefined) return [];
  return [[cid.data, { seq, rev, epoch }]];
}
