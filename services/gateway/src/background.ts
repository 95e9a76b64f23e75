/** What happens by itself: time, the comparison with the record, and both at once when the bus is back. */
import { type Lifecycle, type Logger, type Loop, startLoop } from '@messagecore/runtime';
import { HeadCheck } from './feed/head-check.ts';
import type { Parts, Settings } from './parts.ts';
import { TELL_LISTS_EVERY_MS } from './session/tell-lists.ts';
import { MissedAdditions } from './session/missed-additions.ts';

const SWEEP_MS = 1_000;
/** How often is seen to who may be told of news again. News that come after a pause are told at once. */
const INBOX_MS = 250;

export function startLoops(parts: Parts, config: Settings, log: Logger, life: Lifecycle): void {
  const { bus, clock, sessions, inbox, upstream, signs } = parts;
  const keep = (loop: Loop, name: string) => life.add({ name, stop: () => loop.stop() });
  const reports = startReports(parts, config, log, life);
  const sweep = () => {
    sweepAll(parts);
    // Clients come back elsewhere, where they must not be counted beside those that they were here.
    if (parts.drain.begun) reports.poke();
  };
  keep(startLoop({ name: 'sweep', everyMs: SWEEP_MS, log, step: sweep }), 'sweep');
  const heads = new HeadCheck({ rooms: parts.rooms, upstream, clock, everyMs: config.timing.headCheckMs });
  const check = startLoop({ name: 'head check', everyMs: heads.stepMs, log, step: () => heads.step() });
  keep(check, 'head check');
  const additions = new MissedAdditions({
    clock,
    gained: upstream.gained,
    users: () => sessions.present(),
    onUser: (tid, uid, event) => sessions.onUser(tid, uid, event),
  });
  keep(
    startLoop({ name: 'missed additions', everyMs: SWEEP_MS, log, step: () => additions.step() }),
    'missed additions',
  );
  const tell = startLoop({ name: 'inbox', everyMs: INBOX_MS, log, step: () => inbox.step() });
  inbox.onDue(() => tell.poke());
  keep(tell, 'inbox');
  const lists = { everyMs: TELL_LISTS_EVERY_MS, log, step: () => parts.tellLists.step() };
  keep(startLoop({ name: 'changed lists', ...lists }), 'changed lists');
  startPresence(parts, log, life);
  const askWhatWasMissed = () => {
    additions.reconnected();
    inbox.lost();
    parts.tellPresence.lost();
    heads.all();
    check.poke();
    sessions.reverifySoon();
  };
  const unfollow = bus.onStatus((status) => {
    if (status === 'disconnected') additions.disconnected();
    if (status !== 'reconnected') return;
    signs.restart();
    askWhatWasMissed();
  });
  signs.onMissed((agoMs) => {
    log.warn({ agoMs }, 'messages of the bus may have been lost on their way here: what was missed is asked for');
    additions.disconnected(agoMs);
    askWhatWasMissed();
  });
  life.add({ name: 'bus status', stop: unfollow });
}

/** The last report, when no session is left, says so. */
function startReports({ bus, connections }: Parts, config: Settings, log: Logger, life: Lifecycle): Loop {
  const step = () => connections.step();
  const reports = startLoop({ name: 'connections', everyMs: config.timing.connectionsMs, log, step });
  life.add({
    name: 'connections',
    async stop() {
      await reports.stop();
      if (bus.connected) await step();
    },
  });
  return reports;
}

/** The last report says who has gone. */
function startPresence({ bus, reports, tellPresence }: Parts, log: Logger, life: Lifecycle): void {
  const step = () => reports.step();
  const reporting = startLoop({ name: 'presence', everyMs: SWEEP_MS, log, step });
  const telling = startLoop({ name: 'watched users', everyMs: SWEEP_MS, log, step: () => tellPresence.step() });
  life.add({ name: 'watched users', stop: () => telling.stop() });
  life.add({
    name: 'presence',
    async stop() {
      await reporting.stop();
      if (bus.connected) await step();
    },
  });
}

function sweepAll({ sessions, rooms, unsent, accounts, allowances }: Parts): void {
  sessions.sweep();
  rooms.sweep();
  unsent.sweep();
  accounts.sweep();
  allowances.sweep();
}
