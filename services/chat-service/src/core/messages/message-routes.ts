import { ChatError, Cid, Emoji, MessageDown, Seq, STATUS } from '@messagecore/protocol';
import { type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { EditMessage, SendAnywhere, SendMessage, Sent } from '@messagecore/protocol/features';
import { numeral } from '@messagecore/protocol';
import { systemClock } from '@messagecore/kernel';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../identity/caller.ts';
import { ANSWER_WITHIN_MS } from '../../platform/limits/deadline.ts';
import type { App } from '../../platform/http/app-type.ts';
import { actorOf } from '../identity/auth-plugin.ts';
import { answers, CidParams, sendJson } from '../../platform/http/shapes.ts';

type Results<N extends 'send' | 'change'> = Promise<readonly (RpcResult<N> | ChatError)[]>;

/** The commands over messages, the same that gateways reach over the bus. */
export interface MessageCommands {
  /** Nothing is begun after `until`, by the monotonic clock. */
  send(items: readonly RpcItem<'send'>[], until: number): Results<'send'>;
  change(items: readonly RpcItem<'change'>[], until: number): Results<'change'>;
  /** The message's present state, as a ready frame. */
  frameOf(cid: string, seq: number): Promise<string>;
}

const MessageParams = z.object({ cid: Cid, seq: numeral(Seq) });
const ReactionParams = MessageParams.extend({ emoji: Emoji });
/** The caller is answered by then; what has not been started by then is not started later (IDM-8). */
const giveUpAt = () => systemClock.monotonic() + ANSWER_WITHIN_MS;

const config = { access: 'user' } as const;
const tags = ['Messages'];

async function onlyResult<T>(verdicts: Promise<readonly (T | ChatError)[]>): Promise<T> {
  const [verdict] = await verdicts;
  if (verdict === undefined) throw new Error('no verdict');
  if (verdict instanceof ChatError) throw verdict;
  return verdict;
}

export function messageRoutes(app: App, commands: MessageCommands): void {
  async function send(actor: Actor, message: z.infer<typeof SendAnywhere>, reply: FastifyReply) {
    const { seq, at, repeat } = await onlyResult(commands.send([{ ...actor, ...message }], giveUpAt()));
    const { cid, mid } = message;
    return reply.code(repeat ? STATUS.ok : STATUS.created).send({ cid, seq, mid, at } satisfies Sent);
  }

  async function change(item: RpcItem<'change'>, reply: FastifyReply) {
    await onlyResult(commands.change([item], giveUpAt()));
    return sendJson(reply, await commands.frameOf(item.cid, item.seq));
  }

  const sent = answers({ [STATUS.ok]: Sent, [STATUS.created]: Sent });
  const changed = answers({ [STATUS.ok]: MessageDown });

  app.post(
    '/v1/conversations/:cid/messages',
    {
      config,
      schema: { tags, summary: 'Send a message', params: CidParams, body: SendMessage, response: sent },
    },
    (request, reply) => send(actorOf(request), { ...request.body, cid: request.params.cid }, reply),
  );

  app.post(
    '/send',
    { config, schema: { tags, summary: 'Send a message (beside SSE)', body: SendAnywhere, response: sent } },
    (request, reply) => send(actorOf(request), request.body, reply),
  );

  app.patch(
    '/v1/conversations/:cid/messages/:seq',
    {
      config,
      schema: { tags, summary: 'Edit one’s own message', params: MessageParams, body: EditMessage, response: changed },
    },
    (request, reply) =>
      change({ ...actorOf(request), ...request.params, change: { t: 'edit', body: request.body.body } }, reply),
  );

  app.delete(
    '/v1/conversations/:cid/messages/:seq',
    { config, schema: { tags, summary: 'Recall a message', params: MessageParams, response: changed } },
    (request, reply) => change({ ...actorOf(request), ...request.params, change: { t: 'recall' } }, reply),
  );

  for (const on of [true, false]) {
    app.route({
      method: on ? 'PUT' : 'DELETE',
      url: '/v1/conversations/:cid/messages/:seq/reactions/:emoji',
      config,
      schema: {
        tags,
        summary: on ? 'React' : 'Take a reaction back',
        params: ReactionParams,
        response: changed,
      },
      handler: (request, reply) => {
        const { cid, seq, emoji } = request.params;
        return change({ ...actorOf(request), cid, seq, change: { t: 'react', emoji, on } }, reply);
      },
    });
  }
}
