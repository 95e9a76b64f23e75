/** `npm run images`: builds the images, writes their bills of materials and checks them. See docs/operate.md. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { createProgress, type Progress } from '../dev/progress.ts';
import type { Lock } from '../docker/production-manifests.ts';
import { MADE_BASE_ARGS, makeBase } from './base-image.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { readBudgets } from './budgets.ts';
import { type Check, checkFiles } from './checks.ts';
import { readContents } from './contents.ts';
import { build, type Engine, findEngine, type ImageFacts, inspect, unpack } from './engine.ts';
import { type ImageName, type ImagesOptions, parseImagesOptions, USAGE } from './options.ts';
import { type ImageReport, isWell, renderReport, type Report } from './report.ts';
import { tryImages, whyNotRun } from './running.ts';
import { knownSecrets } from './secrets.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COMPOSE = join(ROOT, 'docker-compose.yml');
const EXIT = { well: 0, trouble: 1, usage: 2 } as const;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: ImagesOptions;
  try {
    options = parseImagesOptions(args);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${USAGE}`);
    return EXIT.usage;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return EXIT.well;
  }
  try {
    const report = await makeReport(options, createProgress());
    const text = options.json ? JSON.stringify(report, null, 2) : renderReport(report, process.stdout.isTTY);
    process.stdout.write(`${text}\n`);
    return isWell(report) ? EXIT.well : EXIT.trouble;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return EXIT.trouble;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tagOf(image: ImageName, { tag }: ImagesOptions): string {
  return `messagecore/${image}:${tag}`;
}

async function makeReport(options: ImagesOptions, progress: Progress): Promise<Report> {
  const engine = findEngine(options.engine);
  progress.note(`with ${engine.name} ${engine.version}`);
  if (options.builds) await buildAll(engine, options, progress);
  const facts = new Map(options.images.map((image) => [image, inspect(engine, tagOf(image, options))] as const));
  const reports: ImageReport[] = [];
  for (const [image, own] of facts)
    reports.push(await progress.step(`look into ${image}`, async () => examine(engine, image, own, options)));
  const tried = await tryAll(engine, facts, options, progress);
  const images = reports.map((report) => {
    const more = tried.get(report.image as ImageName) ?? [];
    return { ...report, checks: [...report.checks, ...more] };
  });
  return { engine: `${engine.name} ${engine.version}`, images };
}

async function buildAll(engine: Engine, options: ImagesOptions, progress: Progress): Promise<void> {
  const { network, makesBase } = options;
  if (makesBase) await progress.step('make the base image', (log) => makeBase(engine, ROOT, network, log));
  const dir = mkdtempSync(join(tmpdir(), 'messagecore-build-'));
  try {
    const secrets = secretFiles(options, dir);
    for (const image of options.images) {
      const build_ = {
        dockerfile: join(ROOT, `deploy/docker/${image}.Dockerfile`),
        context: ROOT,
        tag: tagOf(image, options),
        buildArgs: [...(makesBase ? argsFor(image) : []), ...options.buildArgs],
        secrets,
        network,
      };
      await progress.step(`build ${image}`, (log) => build(engine, build_, log));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** An argument that a Dockerfile does not know is a warning, so that each gets its own. */
function argsFor(image: ImageName): readonly string[] {
  return image === 'mc' ? MADE_BASE_ARGS : MADE_BASE_ARGS.filter((arg) => arg.startsWith('NODE_IMAGE='));
}

/** The `.npmrc` names the certificate authority by the place that it has during the build. */
function secretFiles({ npmrc, npmCa }: ImagesOptions, dir: string): Record<string, string> {
  const file = join(dir, 'npmrc');
  const ca = npmCa === undefined ? '' : '\ncafile=/run/secrets/npm_ca\n';
  if (npmrc === undefined && npmCa === undefined) return {};
  writeFileSync(file, `${npmrc === undefined ? '' : readFileSync(npmrc, 'utf8')}${ca}`, { mode: 0o600 });
  return { npmrc: file, ...(npmCa !== undefined && { npm_ca: resolve(npmCa) }) };
}

function examine(engine: Engine, image: ImageName, facts: ImageFacts, options: ImagesOptions): ImageReport {
  const tag = tagOf(image, options);
  const budget = readBudgets().get(image);
  if (budget === undefined) throw new Error(`deploy/images/budgets.json has no ${image}`);
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const service = `services/${image}`;
  const root = mkdtempSync(join(tmpdir(), 'messagecore-image-'));
  try {
    unpack(engine, tag, root);
    const contents = readContents(root, lock, service);
    const patches = join(ROOT, 'patches');
    const checks = checkFiles({
      ...{ root, facts, contents, lock, service, budget, patches },
      patchFiles: readdirSync(patches),
      secrets: knownSecrets(join(ROOT, '.env'), options.npmrc),
      serves: image !== 'mc',
    });
    const text = billOfMaterials({
      ...{ image: `messagecore/${image}`, version: options.tag, contents, lock, service },
      madeAt: new Date(),
    });
    const out = resolve(ROOT, options.out);
    mkdirSync(out, { recursive: true });
    const bill = join(out, `${image}.cdx.json`);
    writeFileSync(bill, text);
    const { components } = JSON.parse(text) as { components: unknown[] };
    return { image, tag, bill: relative(ROOT, bill), components: components.length, checks };
  } finally {
    chmodSync(root, 0o700);
    rmSync(root, { recursive: true, force: true });
  }
}

async function tryAll(
  engine: Engine,
  facts: ReadonlyMap<ImageName, ImageFacts>,
  options: ImagesOptions,
  progress: Progress,
): Promise<ReadonlyMap<ImageName, readonly Check[]>> {
  const why = options.runs ? whyNotRun(engine) : '--no-run';
  if (why !== undefined) {
    const leftOut: Check = { name: 'runs', result: 'left out', detail: why };
    return new Map([...facts.keys()].map((image) => [image, [leftOut]]));
  }
  const tags = new Map([...facts.keys()].map((image) => [image, tagOf(image, options)] as const));
  const healthchecks = new Map([...facts].map(([image, { healthcheck }]) => [image, healthcheck] as const));
  return progress.step('run them', () => tryImages({ engine, composeFile: COMPOSE, tags, healthchecks }));
}
