import { RawClient, TestTenant, type TestUser } from '@messagecore/testkit';
import { socketUrl } from '../../bench/stack/product.ts';
import { failed, inspected, withProduct } from '../product.ts';
import { type Outcome, type RunOptions, runTarget } from '../run.ts';
import { talk } from './honest.ts';
import { type Arena, framesTarget } from './target.ts';

/** Frames of a burst, on the average. */
const FRAMES_A_BURST = 11;
/** Until the process has grown to the size that it has under load: what counts is how it grows from there. */
const WARM_UP_BURSTS = 4_000;

/** Frames over sockets, against a gateway in a process of its own; two people talk meanwhile, at the same gateway. */
export function runFrames({ inputs, seed, onInput }: RunOptions): Promise<Outcome[]> {
  return withProduct(async ({ gateways: [gateway], chatService, adminKey }) => {
    const url = socketUrl(gateway);
    const tenant = await TestTenant.create(chatService.url, adminKey);
    const [ann, bob, mallory] = (await tenant.users('ann', 'bob', 'mallory')) as [TestUser, TestUser, TestUser];
    let frames = 0;
    let isWarm = false;
    const arena: Arena = {
      port: Number(new URL(url).port),
      token: mallory.token,
      userId: mallory.userId,
      cid: await tenant.channel(mallory, ann),
      ...(await foreignRoom(chatService.url, adminKey, url)),
      onFrame: () => {
        if (!isWarm) return;
        frames += 1;
        onInput?.();
      },
    };
    const target = framesTarget(arena);
    const quiet = await tenant.channel(ann, bob);
    const [from, to] = await Promise.all([ann, bob].map(({ token }) => RawClient.open({ url, token })));
    await to!.join(quiet);
    await runTarget(target, { inputs: WARM_UP_BURSTS, seed: seed + 1 });
    const before = await gateway.process.memory();
    isWarm = true;
    const honest = talk(from!, to!, quiet);
    const outcome = await runTarget(target, { inputs: Math.ceil(inputs / FRAMES_A_BURST), seed });
    const wrong = await honest.finish();
    const counted = { ...outcome, inputs: frames };
    const seen =
      wrong.length === 0 ? counted : failed(counted, `others were disturbed: ${wrong.slice(0, 5).join('; ')}`);
    return [await inspected(seen, gateway, before)];
  });
}

/** A room of another tenant with a text that nobody else may see. */
export async function foreignRoom(api: string, adminKey: string, url: string) {
  const tenant = await TestTenant.create(api, adminKey);
  const eve = await tenant.user('eve');
  const foreign = await tenant.channel(eve);
  const secret = `secret-${crypto.randomUUID()}`;
  const session = await RawClient.open({ url, token: eve.token });
  await session.sayAndWait(foreign, secret);
  session.cut();
  return { foreign, secret };
}
