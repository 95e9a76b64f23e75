/** The program of a service process: starts one service with the settings that its parent sends, and answers it. */
import { type ChatServiceConfig, startChatService } from '@messagecore/chat-service';
import { type Gateway, type GatewayConfig, startGateway } from '@messagecore/gateway';

export type Request =
  | { readonly start: 'chat-service'; readonly config: ChatServiceConfig }
  | { readonly start: 'gateway'; readonly config: GatewayConfig }
  | 'memory'
  | 'drain'
  | 'stop';
export type Reply = { readonly url: string; readonly rss: number } | { readonly error: string };

type Service = Pick<Gateway, 'url' | 'stop'> & Partial<Pick<Gateway, 'drain'>>;
let service: Service | undefined;

async function carryOut(request: Request): Promise<void> {
  if (request === 'drain') return service?.drain?.();
  if (request === 'memory') return;
  if (request === 'stop') {
    await service?.stop();
    process.exit();
  }
  service = request.start === 'gateway' ? await startGateway(request.config) : await startChatService(request.config);
}

process.on('message', (request: Request) => {
  carryOut(request).then(
    () => process.send?.({ url: service?.url ?? '', rss: process.memoryUsage().rss } satisfies Reply),
    (error: unknown) => process.send?.({ error: String(error) } satisfies Reply),
  );
});
process.once('disconnect', () => process.exit());
