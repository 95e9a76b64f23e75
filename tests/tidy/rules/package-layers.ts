import type { Repository } from '../repository.ts';
import type { Import, Module } from '../module.ts';
import type { Finding, Rule } from '../rule.ts';

/** Which packages of the repository each may import. Tests of any package may import those for tests as well. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  'libs/kernel': [],
  'libs/runtime': ['protocol', 'libs/kernel'],
  'libs/bus': ['protocol', 'libs/kernel', 'libs/runtime'],
  'libs/sdk-js': ['protocol', 'libs/kernel'],
  'libs/dev-servers': ['libs/kernel'],
  'libs/testkit': ['protocol', 'libs/kernel', 'libs/runtime', 'libs/bus', 'libs/dev-servers', 'libs/sdk-js'],
  'services/chat-service': ['protocol', 'libs/kernel', 'libs/runtime', 'libs/bus'],
  'services/gateway': ['protocol', 'libs/kernel', 'libs/runtime', 'libs/bus'],
  'services/web': ['protocol', 'libs/kernel', 'libs/sdk-js'],
  // The operator's command line stands above the services: it opens their servers with their settings.
  'services/mc': ['protocol', 'libs/kernel', 'libs/runtime', 'libs/bus', 'services/chat-service'],
};
const FOR_TESTS = ['libs/dev-servers', 'libs/testkit'];

/** Not part of the product: they put it together, and may import all of it. */
const ABOVE = ['tests', 'deploy/dev', 'deploy/images', 'migrations', ''];

export const packageLayers: Rule = {
  law: 'imports go down only: services -> libs -> protocol',
  check: (repository) =>
    repository.modules.flatMap((module) =>
      module.imports.flatMap((imported) => findingsOf(repository, module, imported) ?? []),
    ),
};

function findingsOf({ packages }: Repository, module: Module, { specifier, file, line }: Import): Finding | undefined {
  const finding = (advice: string) => ({ path: module.path, line, advice });
  if (ABOVE.includes(module.package)) return undefined;
  if (file !== undefined) {
    if (file.startsWith(`${module.package}/`)) return undefined;
    return finding(`"${specifier}" leaves the package: import the other package by its name`);
  }
  if (!specifier.startsWith('@messagecore/')) return undefined;
  const target = packages.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`))?.folder;
  const allowed = ALLOWED[module.package];
  if (allowed === undefined) return finding(`say in ${HERE} what ${module.package} may import`);
  if (target === module.package) return finding(`"${specifier}" is its own package: import the file`);
  if (target !== undefined && allowed.includes(target)) return undefined;
  if (target !== undefined && module.isTest && FOR_TESTS.includes(target)) return undefined;
  return finding(`${module.package} must not import ${specifier}: move what both need further down`);
}

const HERE = 'tests/tidy/rules/package-layers.ts';
