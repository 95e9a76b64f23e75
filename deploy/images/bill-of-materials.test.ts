import { rmSync } from 'node:fs';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { expect, onTestFinished, test } from 'vitest';
import { billOfMaterials } from './bill-of-materials.ts';
import { readContents } from './contents.ts';
import { FIXTURE_LOCK, makeFixture } from './image-fixture.ts';

const service = 'services/greeter';

interface Bill {
  readonly metadata: {
    readonly timestamp: string;
    readonly component: { readonly name: string; readonly version: string };
  };
  readonly components: readonly {
    readonly name: string;
    readonly group?: string;
    readonly version: string;
    readonly purl?: string;
    readonly 'bom-ref': string;
    readonly licenses?: unknown;
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

function written(): string {
  const root = makeFixture();
  onTestFinished(() => rmSync(root, { recursive: true }));
  const contents = readContents(root, FIXTURE_LOCK, service);
  const described = { image: 'product/greeter', version: '7', contents, lock: FIXTURE_LOCK, service };
  return billOfMaterials({ ...described, madeAt: new Date('2026-11-30T08:00:00Z') });
}

test('a bill of materials is CycloneDX as its schema says', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  const text = written();
  expect(await validator.validate(text)).toBeNull();
  expect(await validator.validate(text.replace('"bomFormat": "CycloneDX"', '"bomFormat": "Other"'))).not.toBeNull();
});

test('it has what lies in the image, of the registry, of the system and of this repository', () => {
  const { metadata, components } = JSON.parse(written()) as Bill;
  expect(metadata).toMatchObject({
    timestamp: '2026-11-30T08:00:00.000Z',
    component: { name: 'product/greeter', version: '7' },
  });
  expect(components.map(({ purl, name, version }) => purl ?? `${name}@${version}`).sort()).toEqual([
    '@product/greeter@1.0.0',
    '@product/kernel@1.0.0',
    'debian@12',
    'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=bookworm&upstream=glibc',
    'pkg:generic/node@24.21.0',
    'pkg:npm/%40words/list@3.0.0',
    'pkg:npm/polite@2.1.0',
  ]);
  const polite = components.find(({ name }) => name === 'polite');
  expect(polite?.hashes).toEqual([{ alg: 'SHA-512', content: '07'.repeat(64) }]);
  expect(polite?.licenses).toEqual([{ expression: '(MIT OR Apache-2.0)' }]);
});

test('it says what depends on what', () => {
  const { dependencies } = JSON.parse(written()) as Bill;
  const of = (ref: string) => dependencies.find((entry) => entry.ref === ref)?.dependsOn;
  expect(of('app/services/greeter')).toEqual(['app/libs/kernel', 'app/node_modules/polite']);
  expect(of('app/node_modules/polite')).toEqual(['app/node_modules/polite/node_modules/@words/list']);
  expect(of('product/greeter')).toEqual(['app/services/greeter', 'deb/libc6/amd64', 'node', 'operating-system']);
});
