import { VirtualClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { createPublisher } from './publisher.ts';

test('what has waited too long for room is rejected and never sent', async () => {
  const clock = new VirtualClock();
  const underWay: { subject: string; fail: () => void }[] = [];
  const bus = {
    connected: true,
    publish: () => true,
    ask: (
      subject: string,
      _payload: unknown,
      _options: unknown,
      { failed }: { failed: (error: ChatError) => void },
    ) => {
      underWay.push({ subject, fail: () => failed(new ChatError('unavailable')) });
    },
  };
  const publisher = createPublisher(bus, { window: 1, ackTimeoutMs: 5_000, maxWaitMs: 2_000, clock });
  const outcome = (subject: string) => publisher.publish(subject, 'x', subject).catch((error: Error) => error.message);
  const [first, second] = [outcome('first'), outcome('second')];
  clock.advance(1_000);
  const third = outcome('third');
  clock.advance(1_500);
  underWay[0]?.fail();
  await first;
  expect(await second).toContain('busy');
  expect(underWay.map(({ subject }) => subject)).toEqual(['first', 'third']);
  underWay[1]?.fail();
  await third;
});
