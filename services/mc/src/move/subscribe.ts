/**
 * Subscriptions whose address, which has a password, stands in no log of PostgreSQL. By its defaults a statement that fails is
 * logged as it stands, so that the address is part of none: it is a parameter, which a block of PL/pgSQL gives to a subscription
 * that was made without one. Whatever connects, and may fail, names the subscription alone.
 */
import type { Sql } from '@messagecore/chat-service/operator';
import { NAME } from './servers.ts';

/** Who subscribes, to whom, and how the one reaches the other. A superuser of `on` can read the link until the move is over. */
export interface Subscribing {
  readonly on: Sql;
  readonly other: Sql;
  readonly link: string;
}

/** `on` copies what `other` publishes, and follows it from then on. @throws what a server says; something may be left then. */
export async function copyAndFollow({ on, other, link }: Subscribing): Promise<void> {
  await create(on, link, NAME);
  await createSlot(other);
  await on.unsafe(`alter subscription ${NAME} enable`);
  await on.unsafe(`alter subscription ${NAME} refresh publication with (copy_data = true)`);
}

/**
 * `other` keeps what is written from now on, and `on` gets it when `beginToFollow` is called: both hold the same now.
 *
 * @throws what a server says; something may be left then.
 */
export async function followLater({ on, other, link }: Subscribing): Promise<void> {
  await create(on, link, NO_SLOT);
  // Its tables are asked for by a subscription that is enabled, and by no other. Without a slot nothing comes by it, which
  // both servers may log once: the way forward is still there, and with both ways each change would be repeated for ever.
  await on.unsafe(`alter subscription ${NAME} enable`);
  await on.unsafe(`alter subscription ${NAME} refresh publication with (copy_data = false)`);
  await on.unsafe(`alter subscription ${NAME} disable`);
  await createSlot(other);
}

/** After `followLater`. */
export async function beginToFollow(on: Sql): Promise<void> {
  await on.unsafe(`alter subscription ${NAME} set (slot_name = ${NAME})`);
  await on.unsafe(`alter subscription ${NAME} enable`);
}

/** There is none of that name. */
const NO_SLOT = `${NAME}_not_yet`;

async function createSlot(on: Sql): Promise<void> {
  await on`select pg_create_logical_replication_slot(${NAME}, 'pgoutput')`;
}

async function create(on: Sql, link: string, slot: string): Promise<void> {
  await on.begin(async (tx) => {
    // For a server that logs each statement with its parameters: superusers may say so, and who was granted it.
    await tx`
      select set_config(name, value, true)
      from (values ('log_statement', 'none'), ('log_min_duration_statement', '-1')) unlogged (name, value)
      where has_parameter_privilege(name, 'set')`;
    // Which is warned of in the log, with the statement. An address must have a password, unless a superuser says it.
    await tx.unsafe(`
      create subscription ${NAME} connection 'password=none' publication ${NAME} with (connect = false, slot_name = ${slot})`);
    await tx`select set_config('messagecore.link', ${link}, true)`;
    await tx.unsafe(SET_ADDRESS);
  });
}

/** A failure is thrown anew: as it comes, the statement with the address is its context. Some name the whole address, too. */
const SET_ADDRESS = `
  do $$
  declare
    link text := current_setting('messagecore.link');
  begin
    execute format('alter subscription ${NAME} connection %L', link);
  exception when others then
    raise exception using errcode = sqlstate, message = replace(sqlerrm, link, '(the address)');
  end $$`;
