/** The limits that docker-compose.yml sets for a service, as flags of docker and podman: images are tried with the same. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const Service = z.looseObject({
  mem_limit: z.string(),
  cpus: z.union([z.string(), z.number()]),
  pids_limit: z.number(),
  read_only: z.literal(true),
  tmpfs: z.array(z.string()),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  ulimits: z.object({ nofile: z.number() }),
});

/** @param mostFiles what this machine lets a process have of open files; where that is less, the engine's own limit holds */
export function limitsOf(composeFile: string, service: string, mostFiles: number): string[] {
  const { services } = parse(readFileSync(composeFile, 'utf8'), { merge: true }) as {
    services: Record<string, unknown>;
  };
  const limits = Service.parse(services[service]);
  const { nofile } = limits.ulimits;
  return [
    '--read-only',
    ...limits.tmpfs.flatMap((mount) => ['--tmpfs', mount]),
    ...limits.cap_drop.flatMap((capability) => ['--cap-drop', capability]),
    ...limits.security_opt.flatMap((option) => ['--security-opt', option]),
    ...['--memory', limits.mem_limit, '--cpus', usual(String(limits.cpus)), '--pids-limit', String(limits.pids_limit)],
    ...(nofile > mostFiles ? [] : ['--ulimit', `nofile=${nofile}:${nofile}`]),
  ];
}

/** `${CPUS:-2}` without the variable. */
const usual = (text: string): string => /^\$\{\w+:-([^}]*)\}$/.exec(text)?.[1] ?? text;
