/**
 * One connected user. Keeps where it stands in each of its conversations, so that a hole or a repeat is seen at once, and
 * measures every live message from its sending to its receipt.
 */
import { WebSocket } from 'k6/experimental/websockets';
import { acked, delivered, delivery, errors, lost, note, repeated, sent } from './measures.js';
import { bodyOfNow, MESSAGE, messageOf, newMid } from './messages.js';
import { GATEWAYS } from './settings.js';

const PROTOCOL = 'mc.v1.json';
/** How long what is under way may take to arrive in the end. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 50;

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits for a condition; false when patience ran out first. */
export async function until(condition, patienceMs = PATIENCE_MS) {
  for (const end = Date.now() + patienceMs; Date.now() < end; await wait(LOOK_MS)) if (condition()) return true;
  return condition();
}

export class Member {
  /** `hear` is called with every frame that is neither a message nor an acknowledgement. */
  constructor(token, gateway = 0, hear = () => {}) {
    this.token = token;
    this.gateway = gateway;
    this.hear = hear;
    /** cid -> the last `seq` that came, and the one up to which the join itself replays. */
    this.rooms = {};
    /** mid -> when it was sent. */
    this.open = {};
    this.socket = undefined;
    this.leaving = false;
  }

  /** Connects and joins: from where it stood in conversations that it knows, live in others. Settles when all are joined. */
  async join(...cids) {
    for (const cid of cids) this.rooms[cid] ||= { last: undefined, live: 0, joined: false };
    for (const room of Object.values(this.rooms)) room.joined = false;
    this.connect();
    const joined = () => Object.values(this.rooms).every((room) => room.joined);
    if (!(await until(joined))) note(errors, 1, 'not joined in time');
  }

  connect() {
    this.leaving = false;
    const socket = new WebSocket(`${GATEWAYS[this.gateway % GATEWAYS.length]}?token=${this.token}`, PROTOCOL);
    this.socket = socket;
    socket.addEventListener('open', () => this.enter());
    socket.addEventListener('message', ({ data }) => {
      if (data.startsWith(MESSAGE)) this.receive(messageOf(data));
      else this.take(JSON.parse(data));
    });
    socket.addEventListener('error', ({ error }) => {
      if (!this.leaving) note(errors, 1, `connection: ${error}`);
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (!this.leaving && socket === this.socket) note(errors, 1, `closed: ${code} ${reason}`);
    });
  }

  enter() {
    const known = Object.entries(this.rooms).filter(([, { last }]) => last !== undefined);
    if (known.length > 0)
      this.tell({ t: 'resume', pos: Object.fromEntries(known.map(([cid, { last }]) => [cid, [last, 0]])) });
    for (const [cid, { last }] of Object.entries(this.rooms)) if (last === undefined) this.tell({ t: 'join', cid });
  }

  tell(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  send(cid) {
    const mid = newMid();
    this.open[mid] = Date.now();
    this.tell({ t: 'send', cid, mid, clientId: 'k6', at: Date.now(), kind: 'text', body: bodyOfNow() });
    sent.add(1);
  }

  take(frame) {
    if (frame.t === 'ack') {
      acked.add(Date.now() - this.open[frame.mid]);
      delete this.open[frame.mid];
    } else if (frame.t === 'joined') {
      const room = this.rooms[frame.cid];
      room.joined = true;
      room.live = frame.head;
      room.last ??= frame.head;
    } else if (frame.t === 'error') note(errors, 1, `refused: ${frame.code} ${frame.msg}`);
    this.hear(frame, this);
  }

  receive({ cid, seq, sentAt }) {
    const room = this.rooms[cid];
    if (seq <= room.last) return note(repeated, 1, `repeated: ${cid} ${seq}`);
    note(lost, seq - room.last - 1, `hole before ${cid} ${seq}`);
    room.last = seq;
    delivered.add(1);
    if (sentAt > 0 && seq > room.live) delivery.add(Date.now() - sentAt);
    this.hear({ t: 'message', cid, seq }, this);
  }

  /** Cuts the connection; `join` comes back to where it stood. */
  cut() {
    this.leaving = true;
    this.socket.close();
  }

  /** Waits for every answer and for everything up to these heads, counts what is missing, and goes. */
  async finish(heads) {
    const rooms = Object.entries(this.rooms);
    const settled = () =>
      Object.keys(this.open).length === 0 && rooms.every(([cid, { last }]) => last >= (heads[cid] || 0));
    if (!(await until(settled))) {
      note(errors, Object.keys(this.open).length, 'sends without an answer');
      for (const [cid, { last }] of rooms) note(lost, Math.max(0, heads[cid] - last), `the end of ${cid} is missing`);
    }
    this.cut();
  }
}
