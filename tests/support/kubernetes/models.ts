/**
 * Judges objects by the models of Kubernetes and of the operators that we name: by TypeScript, for which a field that a model
 * does not have is an error, and by the models' own checks, which know patterns and bounds.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as cnpg from '@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1';
import * as externalSecrets from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import * as gatewayApi from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import * as keda from '@kubernetes-models/keda/keda.sh/v1alpha1';
import * as monitoring from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import type { KubeObject } from '../../../deploy/k8s/render.ts';

const ROOT = join(import.meta.dirname, '../../..');

type Model = new (object: unknown) => { validate(): void };

/** Where the models of an `apiVersion` are. */
const MODELS: Readonly<Record<string, readonly [module: string, models: object]>> = {
  v1: ['kubernetes-models/v1', core],
  'apps/v1': ['kubernetes-models/apps/v1', apps],
  'autoscaling/v2': ['kubernetes-models/autoscaling/v2', autoscaling],
  'batch/v1': ['kubernetes-models/batch/v1', batch],
  'networking.k8s.io/v1': ['kubernetes-models/networking.k8s.io/v1', networking],
  'policy/v1': ['kubernetes-models/policy/v1', policy],
  'gateway.networking.k8s.io/v1': ['@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1', gatewayApi],
  'keda.sh/v1alpha1': ['@kubernetes-models/keda/keda.sh/v1alpha1', keda],
  'monitoring.coreos.com/v1': ['@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1', monitoring],
  'external-secrets.io/v1': ['@kubernetes-models/external-secrets/external-secrets.io/v1', externalSecrets],
  'postgresql.cnpg.io/v1': ['@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1', cnpg],
};

/** What is wrong, a line each; none when all objects are as their models. */
export function problemsOf(objects: readonly KubeObject[]): string[] {
  const unknown = objects.filter(({ apiVersion, kind }) => modelOf(apiVersion, kind) === undefined);
  if (unknown.length > 0) return unknown.map((object) => `${nameOf(object)}: there is no such kind`);
  return [...objects.flatMap(problemsByModel), ...problemsByTypes(objects)];
}

const nameOf = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`;

function modelOf(apiVersion: string, kind: string): Model | undefined {
  const [, models = {}] = MODELS[apiVersion] ?? [];
  return (models as Readonly<Record<string, Model | undefined>>)[kind];
}

function problemsByModel(object: KubeObject): string[] {
  const OfKind = modelOf(object.apiVersion, object.kind);
  try {
    if (OfKind !== undefined) new OfKind(object).validate();
    return [];
  } catch (error) {
    return [`${nameOf(object)}: ${(error as Error).message}`];
  }
}

const COMPILER = {
  compilerOptions: { noEmit: true, strict: true, skipLibCheck: true, module: 'nodenext', types: [] },
};

/** All objects as literals of their types, in one program for the compiler. */
function problemsByTypes(objects: readonly KubeObject[]): string[] {
  const cache = join(ROOT, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'models-'));
  try {
    for (const [i, object] of objects.entries()) writeFileSync(join(folder, `object-${i}.ts`), programOf(object));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(COMPILER));
    const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^.*object-(\d+)\.ts/, (_, i: string) => nameOf(objects[Number(i)]!)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function programOf(object: KubeObject): string {
  const [module] = MODELS[object.apiVersion]!;
  const type = `I${object.kind}`;
  return `import type { ${type} } from '${module}';\nexport const object: ${type} = ${JSON.stringify(object, undefined, 1)};\n`;
}
