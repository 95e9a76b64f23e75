import { systemClock } from '@messagecore/kernel';
import { STATUS } from '@messagecore/protocol';
import { SendAnywhere, Sent } from '@messagecore/protocol/features';
import type { App } from '../../platform/http/app-type.ts';
import { answers } from '../../platform/http/shapes.ts';
import { ANSWER_WITHIN_MS } from '../../platform/rate-limits/deadline.ts';
import { actorOf } from '../identity/auth-plugin.ts';
import { type MessageCommands, sendOne } from './message-operations.ts';

/** The way up beside an event stream: what the operation `messages.send` does, with the conversation in the body. */
export function sendRoute(app: App, messages: Pick<MessageCommands, 'send'>): void {
  app.post(
    '/send',
    {
      config: { access: 'user', scope: 'messages:write' },
      schema: {
        tags: ['Messages'],
        summary: 'Send a message (beside SSE)',
        body: SendAnywhere,
        response: answers({ [STATUS.ok]: Sent, [STATUS.created]: Sent }),
      },
    },
    async (request, reply) => {
      const until = systemClock.monotonic() + ANSWER_WITHIN_MS;
      const { created, data } = await sendOne(messages, actorOf(request), request.body, until);
      return reply.code(created ? STATUS.created : STATUS.ok).send(data);
    },
  );
}
