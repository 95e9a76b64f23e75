import type { Trouble } from './scenario.ts';

/** What happens to the line between the NATS of a far gateway and the one at home. */
export async function loseEdgeLine({ cluster, pause, pick, random }: Trouble): Promise<void> {
  const line = cluster.links.of('edge-home');
  const slow = () => line.set({ delayMs: () => 20 + random() * 100 });
  const away = () => {
    line.set({ refuse: true });
    line.cut();
  };
  const losses = [() => line.cut(), () => line.forget(), slow, away];
  pick(losses)();
  await pause(2_000, 4_000);
}
