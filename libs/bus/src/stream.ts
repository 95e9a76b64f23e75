/** The stream that captures conversations, through JetStream's request API. */
import { STREAM, STREAM_SUBJECTS } from '@messagecore/protocol/bus';
import type { Bus } from './bus.ts';
import { BusError } from './bus-error.ts';
import { type ApiAnswer, askJetStream } from './jetstream-api.ts';

/** Who the stream is and how far it got. A different `createdAt` or a lower `lastSeq` means that its store was lost. */
export interface StreamState {
  /** The server's time of creation, to the nanosecond, as text: an identity, not for arithmetic. */
  readonly createdAt: string;
  readonly lastSeq: number;
}

/** How well the stream is. */
export interface StreamReport {
  readonly state: StreamState;
  /** Its bound, and what was wished for: less when the server has no more room to promise. */
  readonly maxBytes: number;
  readonly wantedBytes: number;
  readonly bytes: number;
  /** Everything before it has been discarded, by age or for want of room. */
  readonly firstSeq: number;
  /** How far back the oldest message is behind the newest, milliseconds; 0 when there are less than two. */
  readonly reachMs: number;
  /** The age at which messages leave. */
  readonly maxAgeMs: number;
}

export interface StreamOptions {
  /** How long messages stay. 24 h when left out. */
  readonly maxAgeMs?: number;
  /**
   * Oldest messages leave above it. 1 GiB when left out. Where the server cannot promise so much, half of it is tried, and so
   * on; `grow` says whether a stream that had to be made smaller is given more now.
   */
  readonly maxBytes?: number;
  readonly grow?: boolean;
  /** How long a message id is remembered. 2 min when left out. */
  readonly duplicateWindowMs?: number;
  /** Copies in a cluster. 1 when left out. */
  readonly replicas?: number;
}

interface StreamConfig {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly retention: 'limits';
  readonly storage: 'file';
  readonly discard: 'old';
  readonly max_age: number;
  readonly max_bytes: number;
  readonly duplicate_window: number;
  readonly num_replicas: number;
}

interface StreamInfo {
  readonly created: string;
  readonly config: StreamConfig;
  readonly state: {
    readonly last_seq: number;
    readonly first_seq?: number;
    readonly bytes?: number;
    readonly first_ts?: string;
    readonly last_ts?: string;
  };
}

interface StreamAnswer extends StreamInfo, ApiAnswer {
  readonly purged?: number;
}

const HOUR_MS = 60 * 60 * 1_000;
const NANOS_PER_MS = 1_000_000;
const NOT_FOUND = 10_059;
const NAME_IN_USE = 10_058;
/** Also for a moment after a deletion: the server takes the folders away that are empty, beside a stream that is made. */
const NO_STORE = 10_077;
const CREATE_ATTEMPTS = 3;
/** The server, the account or its limit for streams cannot promise the bytes that were asked for. */
const NO_ROOM: ReadonlySet<number> = new Set([10_002, 10_023, 10_047, 10_122]);
/** A smaller stream would forget what gateways that were away for a moment ask for. */
const LEAST_BYTES = 8 * 1024 * 1024;

/** State of the stream; undefined when it does not exist. @throws BusError when JetStream does not answer. */
export async function streamState(bus: Pick<Bus, 'request'>): Promise<StreamState | undefined> {
  const info = await find(bus);
  return info && stateOf(info);
}

/** How well the stream is, as it was made; undefined when it does not exist. @throws BusError when JetStream does not answer. */
export async function readStream(bus: Pick<Bus, 'request'>): Promise<StreamReport | undefined> {
  const info = await find(bus);
  return info && reportOf(info, configOf({}));
}

/**
 * Whether a stream of the smallest size that we would make finds room, found out by making one, which is deleted again: what
 * the server says when it does not. For when our own stream does not exist.
 *
 * @throws BusError when JetStream does not answer.
 */
export async function refusalOfStream(bus: Pick<Bus, 'request'>): Promise<string | undefined> {
  const name = `${STREAM}_ROOM`;
  const config = { ...configOf({ maxBytes: LEAST_BYTES }), name, subjects: [`${name}.trial`] };
  const { error } = await call(bus, `STREAM.CREATE.${name}`, config);
  if (error === undefined) await call(bus, `STREAM.DELETE.${name}`);
  return error?.description;
}

/**
 * Makes sure that the stream exists and is set as wanted; any number of processes may do so at once.
 *
 * @throws BusError when JetStream does not answer or refuses the settings.
 */
export async function ensureStream(bus: Pick<Bus, 'request'>, options: StreamOptions = {}): Promise<StreamState> {
  return (await ensureStreamReport(bus, options)).state;
}

/** `ensureStream`, with what there is to know about it. @throws BusError like it. */
export async function ensureStreamReport(
  bus: Pick<Bus, 'request'>,
  options: StreamOptions = {},
): Promise<StreamReport> {
  const wanted = configOf(options);
  const found = (await find(bus)) ?? (await create(bus, wanted));
  if (found === undefined) throw new BusError('refused', `stream ${STREAM}`, 'taken away while it was being made');
  return reportOf(await updated(bus, found, wanted, options.grow ?? false), wanted);
}

/** The stream with the settings wanted; one that had to be made smaller stays so unless it is to grow and can. */
async function updated(
  bus: Pick<Bus, 'request'>,
  found: StreamInfo,
  wanted: StreamConfig,
  grow: boolean,
): Promise<StreamInfo> {
  const { max_bytes: present } = found.config;
  const unchangedSize = { ...wanted, max_bytes: Math.min(present, wanted.max_bytes) };
  const sizes = grow ? sizesFrom(wanted.max_bytes).filter((size) => size > present) : [];
  for (const size of [...sizes, unchangedSize.max_bytes]) {
    const config = { ...wanted, max_bytes: size };
    if (isSet(found.config, config)) return found;
    const answer = await call(bus, `STREAM.UPDATE.${STREAM}`, { ...found.config, ...config });
    if (size > present && hasNoRoom(answer)) continue;
    return accepted(answer);
  }
  return found;
}

/** Deletes the stream with everything in it, if it exists. @throws BusError when JetStream does not answer or refuses. */
export async function deleteStream(bus: Pick<Bus, 'request'>): Promise<void> {
  const answer = await call(bus, `STREAM.DELETE.${STREAM}`);
  if (answer.error?.err_code !== NOT_FOUND) accepted(answer);
}

/**
 * Deletes what the stream keeps of a subject, which may have wildcards. Returns how many messages; 0 without a stream.
 * @throws BusError when JetStream does not answer or refuses.
 */
export async function purgeStream(bus: Pick<Bus, 'request'>, filter: string): Promise<number> {
  const answer = await call(bus, `STREAM.PURGE.${STREAM}`, { filter });
  if (answer.error?.err_code === NOT_FOUND) return 0;
  accepted(answer);
  return answer.purged ?? 0;
}

function configOf({ maxAgeMs = 24 * HOUR_MS, maxBytes = 1024 ** 3, ...rest }: StreamOptions): StreamConfig {
  const { duplicateWindowMs = 120_000, replicas = 1 } = rest;
  return {
    name: STREAM,
    subjects: STREAM_SUBJECTS,
    retention: 'limits',
    storage: 'file',
    discard: 'old',
    max_age: maxAgeMs * NANOS_PER_MS,
    max_bytes: maxBytes,
    duplicate_window: duplicateWindowMs * NANOS_PER_MS,
    num_replicas: replicas,
  };
}

function isSet(config: StreamConfig, wanted: StreamConfig): boolean {
  const names = Object.keys(wanted) as (keyof StreamConfig)[];
  return names.every((name) => JSON.stringify(config[name]) === JSON.stringify(wanted[name]));
}

async function find(bus: Pick<Bus, 'request'>): Promise<StreamInfo | undefined> {
  const answer = await call(bus, `STREAM.INFO.${STREAM}`);
  return answer.error?.err_code === NOT_FOUND ? undefined : accepted(answer);
}

/**
 * The stream as it is afterwards, whoever made it: of two who create it at the same time, the server tells each a time of
 * creation of its own. As large as the server allows.
 */
async function create(bus: Pick<Bus, 'request'>, config: StreamConfig): Promise<StreamInfo | undefined> {
  const sizes = sizesFrom(config.max_bytes);
  for (const [place, size] of sizes.entries()) {
    const answer = await tryCreate(bus, { ...config, max_bytes: size });
    if (hasNoRoom(answer) && place < sizes.length - 1) continue;
    if (answer.error?.err_code !== NAME_IN_USE) accepted(answer);
    break;
  }
  return find(bus);
}

async function tryCreate(bus: Pick<Bus, 'request'>, config: StreamConfig): Promise<StreamAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await call(bus, `STREAM.CREATE.${STREAM}`, config);
    if (answer.error?.err_code !== NO_STORE || attempt === CREATE_ATTEMPTS) return answer;
  }
}

/** What is tried, largest first. */
function sizesFrom(maxBytes: number): number[] {
  const sizes = [maxBytes];
  for (let size = maxBytes / 2; size >= LEAST_BYTES; size /= 2) sizes.push(Math.floor(size));
  return sizes;
}

const hasNoRoom = ({ error }: ApiAnswer): boolean => error !== undefined && NO_ROOM.has(error.err_code);

const call = (bus: Pick<Bus, 'request'>, operation: string, body?: object): Promise<StreamAnswer> =>
  askJetStream<StreamAnswer>(bus, operation, body);

function accepted(answer: StreamAnswer): StreamInfo {
  if (answer.error !== undefined) throw new BusError('refused', `stream ${STREAM}`, answer.error.description);
  return answer;
}

function stateOf({ created, state }: StreamInfo): StreamState {
  return { createdAt: created, lastSeq: state.last_seq };
}

function reportOf(info: StreamInfo, wanted: StreamConfig): StreamReport {
  const { first_seq: firstSeq = 0, bytes = 0, first_ts: first = '', last_ts: last = '' } = info.state;
  const reachMs = Date.parse(last) - Date.parse(first);
  return {
    state: stateOf(info),
    maxBytes: info.config.max_bytes,
    wantedBytes: wanted.max_bytes,
    bytes,
    firstSeq,
    reachMs: reachMs > 0 ? reachMs : 0,
    maxAgeMs: wanted.max_age / NANOS_PER_MS,
  };
}
