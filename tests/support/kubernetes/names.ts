import type { KubeObject } from '../../../deploy/k8s/render.ts';

const withoutHash = (name: string) => name.replace(/-[a-z\d]{10}$/, '');

/** Objects by kind and name, without the hashes that names of settings end in, and without name spaces if wished. */
export function comparable(objects: readonly KubeObject[], { namespaces = true } = {}): ReadonlyMap<string, unknown> {
  const plain = (object: KubeObject): unknown =>
    JSON.parse(JSON.stringify(object), (key, value: unknown) => {
      if (key === 'namespace' && !namespaces) return undefined;
      return key === 'name' && typeof value === 'string' ? withoutHash(value) : value;
    });
  return new Map(objects.map((object) => [`${object.kind}/${withoutHash(object.metadata.name)}`, plain(object)]));
}
