import type { Repository } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';

/** Further entries of a package, and why the one is not enough. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  // What services say to each other, what REST carries (the gateway loads neither features nor zod's cost of them),
  // and what a browser needs without zod.
  '@messagecore/protocol': ['./bus', './features', './constants'],
  // The operator's command line reads settings, opens the database and knows its schema without loading a service.
  '@messagecore/chat-service': ['./operator'],
};

/** Where what is used of a library is named once, and why. */
const HOMES: readonly string[] = [
  // Node reads the package's own 180 KB of `package.json` for each file that names it.
  'services/chat-service/src/platform/database/drizzle.ts',
];

export const entries: Rule = {
  law: 'a package has one public entry, src/index.ts, and no barrel inside',
  check: (repository) => [...wrongExports(repository), ...barrels(repository)],
};

/** A package without exports is a program: nobody imports it. */
function wrongExports({ packages }: Repository): Finding[] {
  return packages.flatMap(({ name, folder, exports }) => {
    const path = `${folder}/package.json`;
    const known = ['.', ...(MORE[name] ?? [])];
    const names = Object.keys(exports);
    if (names.length > 0 && exports['.'] !== './src/index.ts')
      return [{ path, line: 1, advice: 'exports must be {".": "./src/index.ts"}' }];
    return names
      .filter((entry) => !known.includes(entry))
      .map((entry) => ({
        path,
        line: 1,
        advice: `exports "${entry}": one entry is enough, or say in tests/tidy/rules/entries.ts why not`,
      }));
  });
}

function barrels({ modules, packages }: Repository): Finding[] {
  const entryFiles = packages.flatMap(({ folder, exports }) =>
    Object.values(exports).map((file) => `${folder}/${file.slice(2)}`),
  );
  const allowed = new Set([...entryFiles, ...HOMES]);
  return modules
    .filter(({ path }) => !allowed.has(path))
    .flatMap(({ path, imports }) => [
      ...(/(?:^|\/)index\.ts$/.test(path)
        ? [{ path, line: 1, advice: 'is a barrel: import the files themselves' }]
        : []),
      ...imports
        .filter(({ reExport }) => reExport)
        .map(({ specifier, line }) => ({
          path,
          line,
          advice: `re-exports "${specifier}": only a package's entry does; import it where it is needed`,
        })),
    ]);
}
