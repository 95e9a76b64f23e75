/**
 * Makes the package that is published, in a folder of its own: JavaScript for ES modules and CommonJS, and their
 * declarations, with everything that is private to this repository inside. `node build.ts [folder]`, `dist` when left
 * out; then `npm publish dist`.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { rolldown, type OutputOptions } from 'rolldown';

const here = import.meta.dirname;
const repository = join(here, '../..');
const run = promisify(execFile);
const { resolve: pathOf } = createRequire(import.meta.url);

/** The oldest JavaScript that the package is written in; `tsconfig.build.json` checks its library calls. */
const TARGET = 'es2022';

/** Builds into `folder`, which is emptied first. */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await bundle(folder);
  await declarations(folder);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifest(), undefined, 2)}\n`);
  await writeFile(join(folder, 'THIRD-PARTY.md'), await thirdParty());
  await cp(join(here, 'README.md'), join(folder, 'README.md'));
  await cp(join(repository, 'LICENSE'), join(folder, 'LICENSE'));
}

async function bundle(folder: string): Promise<void> {
  const build = await rolldown({
    input: { index: join(here, 'src/index.ts') },
    platform: 'browser',
    tsconfig: false,
    transform: { target: TARGET },
    treeshake: { moduleSideEffects: false },
  });
  // Beside the entry there is what is loaded when somebody asks for it: MessagePack, and the list of the operations.
  const written = (format: 'esm' | 'cjs', end: string): OutputOptions => ({
    dir: folder,
    format,
    sourcemap: true,
    entryFileNames: `[name].${end}`,
    chunkFileNames: ({ name }) => `${name === 'calls' ? 'operations' : 'msgpack'}.${end}`,
  });
  await build.write(written('esm', 'js'));
  await build.write(written('cjs', 'cjs'));
  await build.close();
}

/** One declaration file for each module system: the compiler writes one a source file, the extractor joins them. */
async function declarations(folder: string): Promise<void> {
  const parts = join(folder, '.declarations');
  const tsc = join(dirname(pathOf('typescript/package.json')), 'bin/tsc');
  await run(process.execPath, [tsc, '-p', join(here, 'tsconfig.build.json'), '--outDir', parts]);
  const joined = join(folder, 'index.d.ts');
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(here, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: parts,
      mainEntryPointFilePath: join(parts, 'libs/sdk-js/src/index.d.ts'),
      bundledPackages: ['@messagecore/kernel', '@messagecore/protocol'],
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: TARGET,
            lib: [TARGET, 'dom'],
            module: 'esnext',
            moduleResolution: 'bundler',
            allowImportingTsExtensions: true,
            noEmit: true,
            strict: true,
            types: [],
            paths: {
              '@messagecore/kernel': [join(parts, 'libs/kernel/src/index.d.ts')],
              '@messagecore/protocol/constants': [join(parts, 'protocol/src/constants.d.ts')],
            },
          },
          files: [join(parts, 'libs/sdk-js/src/index.d.ts')],
        },
      },
      apiReport: { enabled: false },
      docModel: { enabled: false },
      tsdocMetadata: { enabled: false },
      // Without what is marked as internal.
      dtsRollup: { enabled: true, untrimmedFilePath: '', publicTrimmedFilePath: joined },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-internal-missing-underscore': { logLevel: ExtractorLogLevel.None },
          // Internal types that only internal members name.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel === ExtractorLogLevel.Info) message.handled = true;
    },
  });
  if (!succeeded) throw new Error('the declarations could not be joined: see above');
  await cp(joined, join(folder, 'index.d.cts'));
  await rm(parts, { recursive: true });
}

async function manifest(): Promise<object> {
  const own = JSON.parse(await readFile(join(here, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { name, version, description, keywords, license, engines } = own;
  return {
    name,
    version,
    description,
    keywords,
    license,
    type: 'module',
    sideEffects: false,
    engines,
    main: './index.cjs',
    module: './index.js',
    types: './index.d.cts',
    exports: {
      '.': {
        import: { types: './index.d.ts', default: './index.js' },
        require: { types: './index.d.cts', default: './index.cjs' },
      },
      './package.json': './package.json',
    },
  };
}

/** Licences of what is inside and not ours: they ask to travel with it. */
async function thirdParty(): Promise<string> {
  const inside = [
    ['ulid', createRequire(join(repository, 'libs/kernel/package.json')).resolve('ulid/package.json'), 'LICENSE'],
    ['@msgpack/msgpack', join(dirname(pathOf('@msgpack/msgpack')), '../package.json'), 'LICENSE'],
  ] as const;
  const texts = await Promise.all(
    inside.map(async ([name, manifestPath, file]) => {
      const text = await readFile(join(dirname(manifestPath), file), 'utf8');
      return `## ${name}\n\n${text.trim()}\n`;
    }),
  );
  return `# Software of others in this package\n\n${texts.join('\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPackage(resolve(process.argv[2] ?? join(here, 'dist')));
}
