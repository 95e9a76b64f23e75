/** The bill of materials of an image, as CycloneDX 1.6 in JSON. */
import { Enums, Models, Serialize, Spec, SPDX } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';
import type { Lock } from '../docker/production-manifests.ts';
import { APP, type Contents, dependenciesIn } from './contents.ts';
import type { NpmPackage } from './root-folder.ts';
import type { SystemPackage, SystemRelease } from './system-packages.ts';

export interface Described {
  /** As it is tagged: `messagecore/gateway`. */
  readonly image: string;
  readonly version: string;
  readonly contents: Contents;
  readonly lock: Lock;
  /** Folder of the service in this repository. */
  readonly service: string;
  readonly madeAt: Date;
}

/** One document: the image, all that is in it, and what depends on what where the lock file says so. */
export function billOfMaterials({ image, version, contents, lock, service, madeAt }: Described): string {
  const bom = new Models.Bom();
  const whole = new Models.Component(Enums.ComponentType.Container, image, { version, bomRef: image });
  bom.metadata.timestamp = madeAt;
  bom.metadata.component = whole;
  const byPath = new Map<string, Models.Component>();
  for (const own of contents.own) byPath.set(own.path, ownComponent(own));
  for (const each of contents.packages) byPath.set(each.path, npmComponent(each, lock));
  const others = [
    ...contents.global.map((each) => npmComponent(each, lock)),
    ...contents.system.map((each) => systemComponent(each, contents.release)),
    ...(contents.node === undefined ? [] : [nodeComponent(contents.node)]),
    ...(contents.release === undefined ? [] : [releaseComponent(contents.release)]),
  ];
  for (const component of [...byPath.values(), ...others]) bom.components.add(component);
  for (const [path, needs] of dependenciesIn(lock, service)) {
    const component = byPath.get(`${APP}/${path}`);
    for (const need of needs) {
      const needed = byPath.get(`${APP}/${need}`);
      if (needed !== undefined) component?.dependencies.add(needed.bomRef);
    }
  }
  for (const component of [...others, ...[byPath.get(`${APP}/${service}`)].flatMap((each) => each ?? [])])
    whole.dependencies.add(component.bomRef);
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const text = new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 2 });
  return `${text}\n`;
}

function npmComponent({ name, version, license, path }: NpmPackage, lock: Lock): Models.Component {
  const [group, plain] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const integrity = lock.packages[path.slice(APP.length + 1)]?.integrity;
  return new Models.Component(Enums.ComponentType.Library, plain ?? name, {
    ...(group !== undefined && { group }),
    version,
    bomRef: path,
    purl: new PackageURL('npm', group, plain, version, undefined, undefined).toString(),
    licenses: new Models.LicenseRepository(licensesOf(license)),
    ...(integrity?.startsWith('sha512-') === true && {
      hashes: new Models.HashDictionary([
        [Enums.HashAlgorithm['SHA-512'], Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')],
      ]),
    }),
  });
}

/** It is in no registry. */
function ownComponent({ name, version, license, path }: NpmPackage): Models.Component {
  const licenses = new Models.LicenseRepository(licensesOf(license));
  return new Models.Component(Enums.ComponentType.Application, name, { version, bomRef: path, licenses });
}

function systemComponent(each: SystemPackage, release: SystemRelease | undefined): Models.Component {
  const { name, version, architecture, source } = each;
  const qualifiers = {
    arch: architecture,
    ...(release !== undefined && { distro: release.codename || release.version }),
    ...(source !== undefined && { upstream: source }),
  };
  return new Models.Component(Enums.ComponentType.Library, name, {
    version,
    bomRef: `deb/${name}/${architecture}`,
    purl: new PackageURL('deb', release?.id ?? 'debian', name, version, qualifiers, undefined).toString(),
  });
}

function nodeComponent(version: string): Models.Component {
  return new Models.Component(Enums.ComponentType.Platform, 'node', {
    version,
    bomRef: 'node',
    purl: new PackageURL('generic', undefined, 'node', version, undefined, undefined).toString(),
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
  });
}

const releaseComponent = ({ id, version }: SystemRelease): Models.Component =>
  new Models.Component(Enums.ComponentType.OperatingSystem, id, { version, bomRef: 'operating-system' });

function licensesOf(text: string | undefined): (Models.SpdxLicense | Models.LicenseExpression | Models.NamedLicense)[] {
  if (text === undefined || text === '') return [];
  if (SPDX.isSupportedSpdxId(text)) return [new Models.SpdxLicense(text)];
  if (/^\(?[\w.+-]+( (?:AND|OR|WITH) [\w.+()-]+)+\)?$/.test(text)) return [new Models.LicenseExpression(text)];
  return [new Models.NamedLicense(text)];
}
