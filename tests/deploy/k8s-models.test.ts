/** What deploy/k8s says is what Kubernetes, and the operators that it names, take. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Fields, hasKustomize, K8S, render, renderWith } from '../../deploy/k8s/render.ts';
import { readBase } from '../support/kubernetes/base.ts';
import { problemsOf } from '../support/kubernetes/models.ts';
import { comparable } from '../support/kubernetes/names.ts';
import { NEEDS_KUSTOMIZE } from '../support/kubernetes/tools.ts';

describe('the base', () => {
  test('has known fields and right values', () => {
    expect(problemsOf(readBase())).toEqual([]);
  });

  test('would be refused with a field misspelt, missing or of another type', () => {
    const service = readBase().find(({ kind }) => kind === 'Service')!;
    const problem = (spec: Fields) => problemsOf([{ ...service, spec }]).join('\n');
    expect(problem({ ...service.spec, selectr: {} })).toMatch(/Service\/gateway.*selectr.* does not exist/);
    expect(problem({ ports: [{ name: 'http' }] })).toMatch(/Service\/gateway: .*port/);
    expect(problem({ ports: [{ port: '8080' }] })).toMatch(/Service\/gateway.*type 'number'/);
    expect(problemsOf([{ ...service, kind: 'Servise' }])).toEqual(['Servise/gateway: there is no such kind']);
  });
});

describe.runIf(hasKustomize)(`what kustomize makes${NEEDS_KUSTOMIZE}`, () => {
  test.each(['overlays/dev', 'overlays/production', 'examples/data', 'examples/external-secrets'])(
    'of %s has known fields and right values',
    (folder) => expect(problemsOf(render(join(K8S, folder)))).toEqual([]),
  );

  test.each(readdirSync(join(K8S, 'components')))('of the component %s has known fields and right values', (name) => {
    expect(problemsOf(renderWith([name]))).toEqual([]);
  });

  test('of the base is what other tests read of it', () => {
    expect(comparable(render(join(K8S, 'base')))).toEqual(comparable(readBase()));
  });
});
