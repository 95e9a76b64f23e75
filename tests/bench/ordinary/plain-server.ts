/**
 * The plain way: a Socket.IO server that inserts a message, emits it to the room and then acknowledges it. No order, no
 * repeats found, no rights, no second server; a message is as durable as ours.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import postgres, { type JSONValue, type Sql } from 'postgres';
import { Server } from 'socket.io';
import { answerParent } from '../processes/answer.ts';

/** Enough that one commit carries what came while the one before was written. */
const CONNECTIONS = 16;

interface Message {
  readonly cid: string;
  readonly mid: string;
  readonly kind: string;
  readonly body: JSONValue;
}

async function listen({ databaseUrl }: { databaseUrl: string }): Promise<number> {
  const sql = postgres(databaseUrl, { max: CONNECTIONS, onnotice: () => {} });
  await createTable(sql);
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], serveClient: false });
  io.on('connection', (socket) => {
    const { cid, user } = socket.handshake.auth as { cid: string; user: string };
    void socket.join(cid);
    socket.on('message', async ({ mid, kind, body }: Message, acknowledge: (id: string) => void) => {
      const [row] = await sql<{ id: string; at: Date }[]>`
        insert into messages (conversation_id, sender_id, mid, kind, body)
        values (${cid}, ${user}, ${mid}, ${kind}, ${sql.json(body)}) returning id, created_at as at`;
      if (row === undefined) return;
      io.to(cid).emit('message', { cid, id: row.id, mid, from: user, at: row.at.getTime(), kind, body });
      acknowledge(row.id);
    });
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  return (http.address() as AddressInfo).port;
}

async function createTable(sql: Sql): Promise<void> {
  await sql`
    create table messages (
      id bigint generated always as identity primary key, conversation_id uuid not null, sender_id uuid not null,
      mid text not null, kind text not null, body json not null, created_at timestamptz not null default now())`;
  await sql`create index on messages (conversation_id, id)`;
}

answerParent({ listen });
