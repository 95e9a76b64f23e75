/**
 * The kustomization deploy/k8s/base without kustomize, so that its content is tested where that is missing: resources, labels,
 * settings, and patches for Deployments with a label. A test holds it equal to what kustomize makes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Fields, K8S, type KubeObject, type Labels } from '../../../deploy/k8s/render.ts';

const BASE = join(K8S, 'base');

interface Kustomization {
  readonly labels: readonly { readonly pairs: Labels }[];
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly { readonly name: string; readonly envs: readonly string[] }[];
  readonly patches: readonly {
    readonly path: string;
    readonly target: { readonly kind: string; readonly labelSelector: string };
  }[];
}

const read = (file: string) => readFileSync(join(BASE, file), 'utf8');

export function readBase(): KubeObject[] {
  const { labels, resources, configMapGenerator, patches } = parse(read('kustomization.yaml')) as Kustomization;
  const configMaps = configMapGenerator.map(({ name, envs }): KubeObject => ({
    ...{
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: Object.assign({}, ...envs.map(settingsIn)) as Labels,
    },
  }));
  const common = Object.assign({}, ...labels.map(({ pairs }) => pairs)) as Labels;
  return [...configMaps, ...resources.map((file) => parse(read(file)) as KubeObject)]
    .map((object) =>
      patches
        .filter(({ target }) => isAimedAt(target, object))
        .reduce((patched, { path }) => withoutPatchName(patched, merged(parse(read(path)), patched)), object),
    )
    .map((object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...common } },
    }));
}

/** Lines `NAME=value`, with comments between them. */
function settingsIn(file: string): Labels {
  const lines = read(file)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

function isAimedAt({ kind, labelSelector }: { kind: string; labelSelector: string }, object: KubeObject): boolean {
  const [label, value] = labelSelector.split('=');
  return object.kind === kind && object.metadata.labels?.[label!] === value;
}

/** A patch with a target keeps the object's own name. */
const withoutPatchName = ({ metadata }: KubeObject, patched: unknown): KubeObject => ({
  ...(patched as KubeObject),
  metadata,
});

/** A strategic merge: what the object says over what the patch says; lists by the names of their items. */
function merged(patch: unknown, object: unknown): unknown {
  if (isNamedList(patch) && isNamedList(object)) {
    const both = patch.map((item) => merged(item, object.find(({ name }) => name === item.name) ?? item));
    return [...both, ...object.filter(({ name }) => patch.every((item) => item.name !== name))];
  }
  if (!isFields(patch) || !isFields(object)) return object ?? patch;
  const keys = new Set([...Object.keys(patch), ...Object.keys(object)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(patch[key], object[key])]));
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNamedList = (value: unknown): value is { name: string }[] =>
  Array.isArray(value) && value.every((item) => isFields(item) && 'name' in item);
