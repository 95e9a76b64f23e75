import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log, ReservedPort } from '@messagecore/dev-servers';
import type { Assembly } from './assembly.ts';
import { demoSignIns, type DemoTenant, ensureDemo } from './demo.ts';
import type { Mailbox } from './mailbox.ts';
import type { ProductState } from './state.ts';
import { startWeb } from './web.ts';

/** What people see of the product: the web client, and the tenant that it leads into. */
export interface WebFront {
  readonly demo: DemoTenant;
  readonly web: string;
  /** Puts a new tenant in the place of the present one. */
  renewDemo(): Promise<void>;
}

export interface FrontOptions extends Pick<ProductState, 'api' | 'gateways' | 'adminKey'> {
  readonly dataDir: string;
  /** Builds the web client if its sources are newer, and returns its folder. */
  readonly webClient: (log: Log) => Promise<string>;
  readonly mailbox: Mailbox;
}

export async function startFront(assembly: Assembly, reserved: ReservedPort, options: FrontOptions): Promise<WebFront> {
  const { api, gateways, adminKey, mailbox } = options;
  const file = join(options.dataDir, 'demo.json');
  const findDemo = () => ensureDemo(api, adminKey, file);
  let demo = await assembly.step('demo tenant', findDemo);
  const web = await assembly.step('web client', async (log) =>
    startWeb({
      reserved,
      folder: await options.webClient(log),
      site: async () => {
        const { tenantId: tenant, cid } = demo;
        return { api, gateways, tenant, cid, users: await demoSignIns(api, demo) };
      },
      mails: () => mailbox.text(),
    }),
  );
  assembly.onStop('web client', () => web.stop());
  return {
    get demo() {
      return demo;
    },
    web: web.url,
    renewDemo: async () => {
      await rm(file);
      demo = await findDemo();
    },
  };
}
