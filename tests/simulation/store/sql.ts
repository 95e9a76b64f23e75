/**
 * The client library over the model: tagged templates, nested fragments, transactions, cursors. A statement is known by
 * its words (statements.ts); one that is not known fails the run, so that the model cannot fall behind unnoticed.
 */
import type { Sql } from '../../../services/chat-service/src/platform/database/connect.ts';
import type { Process } from '../engine/process.ts';
import { describe } from '../engine/simulator.ts';
import type { Database, Transaction } from './database.ts';
import { sqlError } from './model.ts';
import type { Row, Statement } from './rows.ts';
import { findStatement } from './statements.ts';

/** How much later than the answer the commit of a broken variant comes, as with a log that is written now and then. */
const LATE_COMMIT_MS = 200;

interface Fragment {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A statement, or a part of one; it is carried out when somebody waits for it. */
class Query implements Fragment, PromiseLike<readonly Row[]> {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly #execute: (fragment: Fragment) => Promise<readonly Row[]>;

  constructor(
    parts: readonly string[],
    given: readonly unknown[],
    execute: (fragment: Fragment) => Promise<readonly Row[]>,
  ) {
    let text = parts[0] ?? '';
    const values: unknown[] = [];
    for (const [n, value] of given.entries()) {
      if (value instanceof Query) {
        text += value.text;
        values.push(...value.values);
      } else {
        text += '?';
        values.push(value);
      }
      text += parts[n + 1] ?? '';
    }
    this.text = text;
    this.values = values;
    this.#execute = execute;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- the client library's queries are awaited the same way
  then<A, B>(
    onRows?: ((rows: readonly Row[]) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#execute(this).then(onRows, onError);
  }

  async *cursor(size: number): AsyncGenerator<readonly Row[]> {
    const rows = await this;
    for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
  }
}

type Tag = (parts: readonly string[], ...values: readonly unknown[]) => Query;

/** The pool of one process. When the process is killed its transactions are rolled back. */
export function simulatedSql(database: Database, process: Process): Sql {
  process.onKilled(() => database.dropSessionsOf(process));
  const session = new Session(database, process);
  const tag: Tag = (parts, ...values) => new Query(parts, values, (fragment) => session.alone(fragment));
  const begin = (work: (tx: Tag) => Promise<unknown>) => session.begin(work);
  return Object.assign(tag, { begin }) as unknown as Sql;
}

class Session {
  readonly #database: Database;
  readonly #process: Process;

  constructor(database: Database, process: Process) {
    this.#database = database;
    this.#process = process;
  }

  /** One statement, a transaction of its own. */
  alone(fragment: Fragment): Promise<readonly Row[]> {
    return this.#travel(async () => {
      const { answersEarly } = this.#database.variant;
      const transaction = this.#database.begin(this.#process);
      const rows = await this.#carryOut(transaction, fragment);
      if (answersEarly !== true) await this.#commit(transaction);
      else this.#database.simulator.after(LATE_COMMIT_MS, () => transaction.over || transaction.commit());
      return rows;
    });
  }

  async begin(work: (tx: Tag) => Promise<unknown>): Promise<unknown> {
    const transaction = await this.#travel(async () => this.#database.begin(this.#process));
    let last: Promise<unknown> = Promise.resolve();
    // One connection carries out one statement after the other.
    const execute = (fragment: Fragment) => {
      const rows = last.then(() => this.#travel(() => this.#carryOut(transaction, fragment)));
      last = rows.catch(() => {});
      return rows;
    };
    const tx: Tag = (parts, ...values) => new Query(parts, values, execute);
    try {
      const result = await work(tx);
      await this.#travel(() => this.#commit(transaction));
      return result;
    } catch (error) {
      transaction.rollback();
      throw error;
    }
  }

  async #carryOut(transaction: Transaction, { text, values }: Fragment): Promise<readonly Row[]> {
    transaction.check();
    const statement = this.#statement(text);
    try {
      await transaction.lock(statement.locks?.(values) ?? [], statement.lockTimeoutMs ?? 3_000);
      transaction.check();
      return statement.run(transaction, values);
    } catch (error) {
      transaction.rollback();
      throw error;
    }
  }

  /** A statement that the model does not know is a fault of the run, whatever the code under test makes of the error. */
  #statement(text: string): Statement {
    try {
      return findStatement(text);
    } catch (fault) {
      this.#database.simulator.faults.push(describe(fault));
      throw fault;
    }
  }

  async #commit(transaction: Transaction): Promise<void> {
    await this.#database.pause();
    transaction.commit();
  }

  /**
   * One round trip: request, work, answer. The connection may break before the work begins, or after it is done. The
   * answer is delivered by `Process.enter`, so a killed process never gets it.
   */
  #travel<T>(work: () => Promise<T>): Promise<T> {
    const { conditions, chance } = this.#database;
    const breaks = chance.hits(conditions.breaksBefore)
      ? 'before'
      : chance.hits(conditions.breaksAfter)
        ? 'after'
        : 'never';
    return new Promise<T>((resolve, reject) => {
      const settle = (outcome: () => void) => void this.#database.pause().then(() => this.#process.enter(outcome));
      const carryOut = async () => {
        await this.#database.pause();
        if (!this.#process.alive) return;
        if (!this.#database.up) throw sqlError('ECONNREFUSED');
        if (breaks === 'before') {
          this.#database.simulator.note(this.#process.name, () => 'database connection broke before the statement');
          throw sqlError('ECONNRESET');
        }
        const result = await work();
        if (breaks === 'never') return settle(() => resolve(result));
        this.#database.simulator.note(this.#process.name, () => 'database connection broke after the statement');
        throw sqlError('CONNECTION_CLOSED');
      };
      carryOut().catch((error: unknown) => settle(() => reject(error)));
    });
  }
}
