/** Kustomizations as objects, by kubectl or kustomize, whichever is installed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

export type Labels = Readonly<Record<string, string>>;
/** Anything below an object. */
export type Fields = Readonly<Record<string, unknown>>;

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
  };
  readonly spec?: Fields;
  readonly data?: Labels;
}

export const K8S = import.meta.dirname;

const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

function kustomizeCommand(): readonly [command: string, ...args: string[]] | undefined {
  if (runs('kubectl', 'kustomize', '--help')) return ['kubectl', 'kustomize'];
  return runs('kustomize', 'version') ? ['kustomize', 'build'] : undefined;
}

const KUSTOMIZE = kustomizeCommand();
export const hasKustomize = KUSTOMIZE !== undefined;

/** The objects of a folder with a kustomization. @throws with what kustomize says. */
export function render(folder: string): KubeObject[] {
  if (KUSTOMIZE === undefined) throw new Error('there is neither kubectl nor kustomize on this machine');
  const [command, ...args] = KUSTOMIZE;
  return objectsIn(outputOf(command, [...args, folder]));
}

/** The base with components. @throws with what kustomize says. */
export function renderWith(components: readonly string[]): KubeObject[] {
  const cache = join(K8S, '../../.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'kustomization-'));
  try {
    const places = components.map((name) => `../../deploy/k8s/components/${name}`);
    const kustomization = { resources: ['../../deploy/k8s/base'], components: places };
    writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
    return render(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @throws with what the program wrote to standard error. */
export function outputOf(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

export function objectsIn(text: string): KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => (document.toJS() as KubeObject | null) ?? []);
}
