import { BusError, connectBus, readStream, refusalOfStream, type StreamBus, warningOf } from '@messagecore/bus';
import { createLogger } from '@messagecore/runtime';
import { codeOf, messageOf } from '../output/errors.ts';
import { placeOf } from '../output/place.ts';
import { mebibytes } from '../output/sizes.ts';
import { fault, type Finding, warning, well } from './finding.ts';

const ABOUT = 'NATS';
const CONNECT_MS = 2_000;

export async function checkNats(url: string | undefined): Promise<readonly Finding[]> {
  if (url === undefined) return [];
  const log = createLogger({ name: 'mc', level: 'silent' });
  let bus: StreamBus;
  try {
    bus = await connectBus({ url, name: 'mc doctor', log, connectTimeoutMs: CONNECT_MS });
  } catch (error) {
    return [unconnected(error, url)];
  }
  try {
    return [...versionOf(bus.serverVersion), ...(await streamOf(bus))];
  } finally {
    await bus.close();
  }
}

function unconnected(error: unknown, url: string): Finding {
  const code = codeOf(error);
  if (/AUTH/.test(code)) {
    return fault(ABOUT, 'nats-access', `${placeOf(url)} refuses the user`, 'put user and password into NATS_URL');
  }
  return fault(
    ABOUT,
    'nats-unreachable',
    `${placeOf(url)} does not answer (${code || messageOf(error)})`,
    'start it; compare host and port with NATS_URL; messages are stored meanwhile and published later',
  );
}

function versionOf(version: string): readonly Finding[] {
  const said = warningOf(version);
  const cure = 'upgrade it: docs/decisions/0014-which-nats.md says what each version does';
  return [said === undefined ? well(ABOUT, `${version} answers`) : warning(ABOUT, 'nats-old', said, cure)];
}

async function streamOf(bus: StreamBus): Promise<readonly Finding[]> {
  try {
    const stream = await readStream(bus);
    if (stream === undefined) return [missing(await refusalOfStream(bus))];
    if (stream.maxBytes >= stream.wantedBytes) return [well(ABOUT, `the stream has ${mebibytes(stream.maxBytes)}`)];
    const what = `the stream got ${mebibytes(stream.maxBytes)} of the ${mebibytes(stream.wantedBytes)} it should have`;
    return [warning(ABOUT, 'nats-stream-small', what, `${MORE_ROOM}; it grows by itself then`)];
  } catch (error) {
    if (!(error instanceof BusError) || error.reason !== 'no_responders') {
      return [fault(ABOUT, 'nats-stream', `JetStream: ${messageOf(error)}`, "look at the server's log and its disk")];
    }
    const cure = 'start it with -js, or with jetstream { store_dir: … } as in deploy/docker/nats.conf';
    return [fault(ABOUT, 'nats-no-jetstream', 'JetStream is switched off', cure)];
  }
}

function missing(refusal: string | undefined): Finding {
  if (refusal !== undefined) {
    return fault(ABOUT, 'nats-stream-refused', `no stream can be made: ${refusal}`, MORE_ROOM);
  }
  const cure = 'a chat-service with the role relay makes it; start one';
  return warning(ABOUT, 'nats-no-stream', 'the stream does not exist yet', cure);
}

const MORE_ROOM = 'raise max_file_store in the jetstream block, or the limits of the account, and free its disk';
