import { type Bus, connectBus } from '@messagecore/bus';
import { createLogger } from '@messagecore/runtime';
import { onTestFinished } from 'vitest';
import type { TestService } from './service.ts';

/** A connection of the test's own to the service's bus, closed when the test ends. */
export async function connectTestBus({ nats }: TestService): Promise<Bus> {
  const bus = await connectBus({ url: nats.url, name: 'test', log: createLogger({ name: 'test', level: 'silent' }) });
  onTestFinished(() => bus.close());
  return bus;
}

/** What is published on a subject from now on, parsed, with the subject's last token when it was a wildcard. */
export async function listen(house: TestService, subject: string): Promise<Record<string, unknown>[]> {
  const bus = await connectTestBus(house);
  const heard: Record<string, unknown>[] = [];
  bus.subscribe(subject, (payload) => heard.push(JSON.parse(Buffer.from(payload).toString().split('\n', 1)[0] ?? '')));
  await bus.flush();
  return heard;
}
