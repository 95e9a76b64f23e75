import { codeOf, isFromServer, messageOf } from '../output/errors.ts';
import { placeOf } from '../output/place.ts';
import { fault, type Finding, notExamined } from './finding.ts';

const ABOUT = 'PostgreSQL';

/** What is wrong when no session could be opened. */
export function unopened(error: unknown, url: string): Finding {
  const code = codeOf(error);
  const said = messageOf(error);
  const place = placeOf(url);
  if (/unsupported startup parameter/.test(said)) {
    return fault(
      'PgBouncer',
      'pooler-startup',
      `it refuses what sessions ask for (${said})`,
      'set DATABASE_POOLED=true when it works by transactions; by sessions, let it pass the parameter on',
    );
  }
  const known = KNOWN[code];
  if (known !== undefined) return fault(ABOUT, known.id, `${place}: ${known.what}`, known.cure);
  if (code.startsWith('28')) {
    return fault(ABOUT, 'postgres-access', `${place}: ${said}`, 'let the role in: pg_hba.conf, and the role itself');
  }
  if (isFromServer(error) && !code.startsWith('08')) return notExamined(ABOUT, error);
  return fault(
    ABOUT,
    'postgres-unreachable',
    `${place} does not answer (${said})`,
    'start it; compare host and port with DATABASE_URL; look at networks and firewalls in between',
  );
}

interface Known {
  readonly id: string;
  readonly what: string;
  readonly cure: string;
}

/** By SQLSTATE. */
const KNOWN: Readonly<Record<string, Known>> = {
  '28P01': {
    id: 'postgres-password',
    what: 'the password is refused',
    cure: 'put the right one into DATABASE_URL, percent-encoded; or set it: alter role … password …',
  },
  '3D000': {
    id: 'postgres-database',
    what: 'the database does not exist',
    cure: 'create it (createdb), then run: node services/chat-service/src/migrate.ts',
  },
  '53300': {
    id: 'postgres-full',
    what: 'all connections are taken',
    cure: 'raise max_connections, run fewer chat-services, or put PgBouncer in between (DATABASE_POOLED=true)',
  },
  '57P03': {
    id: 'postgres-starting',
    what: 'it is starting, stopping or recovering',
    cure: 'wait; its log says how far it is',
  },
  '25006': {
    id: 'postgres-read-only',
    what: 'none of the servers takes writes',
    cure: 'promote a standby: select pg_promote(); or name the primary in DATABASE_URL',
  },
};
