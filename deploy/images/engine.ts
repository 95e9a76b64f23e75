/** What builds, opens and runs images: docker, podman or buildah, by the same few commands. */
import { rmSync } from 'node:fs';
import type { Log } from '@messagecore/dev-servers';
import { z } from 'zod';
import { follow, output, tryCommand } from './command.ts';
import { type EngineName, ENGINES } from './options.ts';

export interface Engine {
  readonly name: EngineName;
  readonly version: string;
}

/** What an image says about how it is run, and all else that is recorded of it, as JSON. */
export interface ImageFacts {
  readonly user: string;
  readonly env: readonly string[];
  /** The command that says whether it is well; empty when it has none. */
  readonly healthcheck: readonly string[];
  /** Configuration and history. */
  readonly record: string;
}

const HOW_TO_GET_ONE = `Any of these builds images:
  docker    https://docs.docker.com/engine/install, started and allowed to you: "docker info" says so
  podman    apt-get install podman   (dnf, brew: the same name); needs no service
  buildah   apt-get install buildah  builds, and does not run: what needs a running container is left out`;

/** The one that is asked for, or the first that works. @throws Error saying how to get one. */
export function findEngine(wanted: EngineName | undefined): Engine {
  for (const name of wanted === undefined ? ENGINES : [wanted]) {
    // A program that is there may lack its service, or a store that it can use.
    if (tryCommand(name, ['info']).status !== 0) continue;
    const said = output(name, ['--version']);
    return { name, version: /\d+\.\d+[\w.]*/.exec(said)?.[0] ?? said.trim() };
  }
  const missing = wanted === undefined ? 'There is no builder of images here.' : `${wanted} does not work here.`;
  throw new Error(`${missing} ${HOW_TO_GET_ONE}`);
}

export interface Build {
  readonly dockerfile: string;
  /** Folder whose files may be copied. */
  readonly context: string;
  readonly tag: string;
  readonly buildArgs: readonly string[];
  /** Files that are there while it is built, by id. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly network: string | undefined;
}

/** @throws Error with the builder's last lines. */
export async function build(engine: Engine, options: Build, log: Log): Promise<void> {
  const { dockerfile, context, tag, buildArgs, secrets, network } = options;
  const args = [
    'build',
    // The other format of podman and buildah has no HEALTHCHECK.
    ...(engine.name === 'docker' ? [] : ['--format', 'docker']),
    ...['--file', dockerfile, '--tag', tag],
    ...buildArgs.flatMap((arg) => ['--build-arg', arg]),
    ...Object.entries(secrets).flatMap(([id, file]) => ['--secret', `id=${id},src=${file}`]),
    ...(network === undefined ? [] : ['--network', network]),
    context,
  ];
  await follow(engine.name, args, log);
}

const Inspected = z.looseObject({
  Config: z.looseObject({
    User: z.string().default(''),
    Env: z.array(z.string()).nullish(),
    Healthcheck: z.looseObject({ Test: z.array(z.string()) }).nullish(),
  }),
  Healthcheck: z.looseObject({ Test: z.array(z.string()) }).nullish(),
});

/** @throws Error when there is no such image. */
export function inspect(engine: Engine, tag: string): ImageFacts {
  const record =
    engine.name === 'buildah'
      ? output('buildah', ['inspect', '--type', 'image', tag])
      : output(engine.name, ['image', 'inspect', tag]) +
        output(engine.name, ['history', '--no-trunc', '--format', '{{.CreatedBy}}', tag]);
  const image = imageOf(engine, tag, record);
  const test = (image.Config.Healthcheck ?? image.Healthcheck)?.Test ?? [];
  return {
    user: image.Config.User,
    env: image.Config.Env ?? [],
    healthcheck: test.slice(1),
    record,
  };
}

function imageOf(engine: Engine, tag: string, record: string) {
  if (engine.name === 'buildah') {
    const { Docker } = JSON.parse(record) as { Docker: { config: unknown } };
    return Inspected.parse({ Config: Docker.config });
  }
  const [image] = JSON.parse(output(engine.name, ['image', 'inspect', tag])) as unknown[];
  return Inspected.parse(image);
}

/** Puts the files of an image into `folder`, as a container of it would see them. */
export function unpack(engine: Engine, tag: string, folder: string): void {
  const create = engine.name === 'buildah' ? ['from', '--pull-never', tag] : ['create', tag];
  const container = output(engine.name, create).trim().split('\n').at(-1) ?? '';
  const archive = `${folder}.tar`;
  try {
    if (engine.name === 'buildah') exportByMount(container, archive);
    else output(engine.name, ['export', '--output', archive, container]);
    // What root owns belongs to us here, and stays readable: only names, kinds and bytes are looked at.
    const args = ['--no-same-owner', '--no-same-permissions', '--exclude=dev/*', '--exclude=./dev/*'];
    output('tar', ['-x', '-f', archive, '-C', folder, ...args]);
  } finally {
    rmSync(archive, { force: true });
    tryCommand(engine.name, ['rm', container]);
  }
}

/** buildah has no export. Who is not root mounts in a namespace where it is. */
function exportByMount(container: string, archive: string): void {
  const script = ['sh', '-c', 'tar -c -f "$2" -C "$(buildah mount "$1")" .', 'sh', container, archive];
  const [program = '', ...args] = process.getuid?.() === 0 ? script : ['buildah', 'unshare', ...script];
  output(program, args);
}
