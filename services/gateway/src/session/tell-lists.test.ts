import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { TellLists } from './tell-lists.ts';

const [FEW, MANY] = ['tenant with few', 'tenant with many'];

/** A gateway whose sessions count what they are told. */
function gateway(sizes: Readonly<Record<string, number>>) {
  const told = new Map<string, string[]>();
  const sessions = new Map(
    Object.entries(sizes).map(([tid, size]) => [
      tid,
      new Set(
        Array.from({ length: size }, (_, n) => ({
          sink: {
            mustDeliver: (frame: { readonly text: Uint8Array }) => {
              const { event } = JSON.parse(
                Buffer.from(frame.text)
                  .toString()
                  .replace(/^[^{]*/, ''),
              ) as { event: string };
              told.set(tid, [...(told.get(tid) ?? []), `${n} ${event}`]);
            },
          },
        })),
      ),
    ]),
  );
  const clock = new VirtualClock();
  const lists = new TellLists({ clock, sessions: { ofTenant: (tid) => sessions.get(tid) ?? new Set() } });
  const change = (tid: string, list: string) =>
    lists.changed(tid, list, Buffer.from(JSON.stringify({ t: 'event', event: `${list}.changed`, data: {} })));
  return { clock, lists, change, sessions, of: (tid: string) => told.get(tid) ?? [] };
}

test('[EVT-3] all sessions of the tenant are told, and no other’s', () => {
  const { lists, change, of } = gateway({ [FEW]: 2, another: 1 });
  change(FEW, 'emojis');
  change(FEW, 'userGroups');
  change('nobody is here', 'emojis');
  lists.step();
  expect(of(FEW).toSorted()).toEqual([
    '0 emojis.changed',
    '0 userGroups.changed',
    '1 emojis.changed',
    '1 userGroups.changed',
  ]);
  expect(of('another')).toEqual([]);
});

test('[EVT-3] changes within the pause are told by one more event, also those that come while sessions are told', () => {
  const { clock, lists, change, of } = gateway({ [FEW]: 1 });
  change(FEW, 'emojis');
  lists.step();
  change(FEW, 'emojis');
  change(FEW, 'emojis');
  clock.advance(4_999);
  lists.step();
  expect(of(FEW)).toHaveLength(1);
  clock.advance(1);
  lists.step();
  expect(of(FEW)).toHaveLength(2);
  clock.advance(5_000);
  lists.step();
  lists.step();
  expect(of(FEW)).toHaveLength(2);
  change(FEW, 'emojis');
  lists.step();
  expect(of(FEW)).toHaveLength(3);
});

test('[EVT-3] a step tells so many sessions, of each tenant in turn, and those that have ended are not waited for', () => {
  const { lists, change, sessions, of } = gateway({ [MANY]: 1_000, [FEW]: 3 });
  change(MANY, 'emojis');
  change(FEW, 'emojis');
  lists.step();
  expect(of(FEW)).toHaveLength(3);
  expect(of(MANY).length).toBeGreaterThan(200);
  expect(of(MANY).length).toBeLessThanOrEqual(250);
  sessions.get(MANY)?.clear();
  const before = of(MANY).length;
  lists.step();
  expect(of(MANY)).toHaveLength(before);
});
