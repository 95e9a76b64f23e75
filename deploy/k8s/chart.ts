/**
 * The Helm chart, made of the same objects as the overlays: each object of the base and of the components is a template, in
 * which what installations differ in is a value. `write-chart.ts` writes it; a test holds what Helm makes of it equal to what
 * kustomize makes.
 */
import { isScalar, parseDocument, stringify, visit } from 'yaml';
import { FIELDS, STRINGS, VALUES } from './chart-values.ts';
import { type KubeObject, renderWith } from './render.ts';

/** The value that switches a component on. */
export const SWITCHES = {
  'ingress-nginx': 'ingress',
  'gateway-api': 'gatewayApi',
  keda: 'keda',
  monitoring: 'monitoring',
} as const;

type Component = keyof typeof SWITCHES;
export const COMPONENTS = Object.keys(SWITCHES) as readonly Component[];

type Tree = { [name: string]: unknown };

/** The files of the chart by their names. Needs kustomize. */
export function chartFiles(version: string): ReadonlyMap<string, string> {
  const values: Tree = {};
  const files = new Map<string, string>();
  for (const [object, condition] of conditionalObjects()) {
    const { kind, metadata } = object;
    const name = `${withoutHash(metadata.name)}-${kind.toLowerCase()}`;
    files.set(`templates/${name}.yaml`, templateOf(object, condition, values));
  }
  for (const name of Object.values(SWITCHES)) put(values, `${name}.enabled`, false);
  files.set('values.yaml', commented(values));
  files.set('Chart.yaml', chartYaml(version));
  return files;
}

function chartYaml(version: string): string {
  const chart = {
    apiVersion: 'v2',
    name: 'messagecore',
    description: 'A multi-tenant, real-time, ordered chat back end that never loses a message',
    type: 'application',
    version,
    appVersion: version,
    kubeVersion: '>=1.30.0-0',
  };
  return `# Made by deploy/k8s/write-chart.ts of the objects that the overlays have.\n${stringify(chart)}`;
}

const idOf = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`;
/** Kustomize ends names of settings with a hash. */
const withoutHash = (name: string) => name.replace(HASH, '');
const HASH = /-[a-z\d]{10}$/;

/** Every object of the base and of the components, with the condition under which it is there. */
function conditionalObjects(): (readonly [object: KubeObject, condition: string | undefined])[] {
  const base = renderWith([]);
  const found = new Map<string, readonly [KubeObject, string | undefined]>(
    base.map((object) => [idOf(object), [object, undefined]]),
  );
  for (const component of COMPONENTS) {
    const isOn = `.Values.${SWITCHES[component]}.enabled`;
    const objects = new Map(renderWith([component]).map((object) => [idOf(object), object]));
    for (const object of base) if (!objects.has(idOf(object))) found.set(idOf(object), [object, `not ${isOn}`]);
    for (const [id, object] of objects) if (!found.has(id)) found.set(id, [object, isOn]);
  }
  return [...found.values()];
}

function templateOf(object: KubeObject, condition: string | undefined, values: Tree): string {
  const expressions: string[] = [];
  const token = (expression: string) => `__${expressions.push(expression) - 1}__`;
  const metadata = { namespace: token('.Release.Namespace'), ...object.metadata };
  const placed = withFields(object, { ...object, metadata }, values, token);
  const text = stringify(withStrings(placed, values, token), { lineWidth: 0 });
  const body = text.replaceAll(/__(\d+)__/g, (_, i: string) => `{{ ${expressions[Number(i)]} }}`);
  return condition === undefined ? body : `{{- if ${condition} }}\n${body}{{- end }}\n`;
}

type Token = (expression: string) => string;

/** Fields that are values as a whole. */
function withFields({ kind, metadata }: KubeObject, object: Tree, values: Tree, token: Token): Tree {
  const copy = structuredClone(object);
  for (const [value, of, path] of FIELDS) {
    if (of !== `${kind}/${withoutHash(metadata.name)}`) continue;
    put(values, value, at(copy, path));
    put(copy, path, token(`.Values.${value} | toJson`));
  }
  return copy;
}

/** Strings that are values wherever they stand; names of settings, and of the own name space. */
function withStrings(tree: unknown, values: Tree, token: Token): unknown {
  const replaced = JSON.stringify(tree, (key, it: unknown) => {
    if (typeof it !== 'string') return it;
    const value = STRINGS[key === NAMESPACE ? `${NAMESPACE}: ${it}` : it];
    if (value !== undefined) {
      put(values, value, it);
      return token(`.Values.${value} | toJson`);
    }
    const settings = key === 'name' && HASH.test(it) ? SETTINGS[withoutHash(it)] : undefined;
    if (settings !== undefined)
      return `${withoutHash(it)}-${token(`.Values.${settings} | toJson | sha256sum | trunc 10`)}`;
    return it.replace('namespace="messagecore"', () => `namespace="${token('.Release.Namespace')}"`);
  });
  return JSON.parse(replaced);
}

const NAMESPACE = 'kubernetes.io/metadata.name';
const SETTINGS: Readonly<Record<string, string>> = Object.fromEntries(
  FIELDS.filter(([, of]) => of.startsWith('ConfigMap/')).map(([value, of]) => [of.slice('ConfigMap/'.length), value]),
);

/** The value at a path such as `spec.containers.0.image`. */
function at(tree: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (inner as Tree | undefined)?.[name], tree);
}

/** Sets the value at a path, and makes what is missing above it. */
function put(tree: Tree, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let inner = tree;
  for (const name of names) inner = (inner[name] ??= {}) as Tree;
  inner[last] = value;
}

/** The values in the order of `VALUES`, each part with what it is for. */
function commented(values: Tree): string {
  const ordered = Object.fromEntries(Object.keys(VALUES).map((name) => [name, values[name]]));
  const document = parseDocument(stringify(ordered, { lineWidth: 0 }));
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key)) key.commentBefore = ` ${VALUES[String(key.value)]}`;
      // Those of the first level alone.
      return visit.SKIP;
    },
  });
  return document.toString({ lineWidth: 0 });
}
