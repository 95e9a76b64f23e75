import { parseArgs } from 'node:util';

export const IMAGES = ['chat-service', 'gateway', 'mc'] as const;
export type ImageName = (typeof IMAGES)[number];

export const ENGINES = ['docker', 'podman', 'buildah'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface ImagesOptions {
  /** In the order in which they are built. */
  readonly images: readonly ImageName[];
  /** The first that works when undefined. */
  readonly engine: EngineName | undefined;
  readonly tag: string;
  /** `NAME=VALUE` for the Dockerfiles. */
  readonly buildArgs: readonly string[];
  /** Make the base image here of Debian's packages. */
  readonly makesBase: boolean;
  /** Files for a registry of packages that is not the public one. */
  readonly npmrc: string | undefined;
  readonly npmCa: string | undefined;
  /** Network of the build, as the engine names it. */
  readonly network: string | undefined;
  readonly builds: boolean;
  readonly runs: boolean;
  /** Where the bills of materials go. */
  readonly out: string;
  readonly json: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run images [-- flags] [IMAGE …]

Builds the images (${IMAGES.join(', ')}; all when none is named) with the first of ${ENGINES.join(', ')} that works,
writes a bill of materials for each (CycloneDX), and checks what is in them, their size and how they run.

  --engine NAME        docker, podman or buildah
  --tag TAG            tag of the images (latest)
  --build-arg N=V      an argument of the Dockerfiles, as NODE_IMAGE=registry.example/node:24.21.0; may be repeated
  --make-base          make the base image here, of Debian's packages and this repository's Node, for networks that reach
                       no registry of images: needs mmdebstrap and root; mc then has Debian's PostgreSQL programs
  --npmrc FILE         an .npmrc for the build, for a registry of packages of your own; it gets into no image
  --npm-ca FILE        that registry's certificate authority
  --network NAME       network of the build, as "host"
  --no-build           check images that are there
  --no-run             do not run them
  --out FOLDER         where <image>.cdx.json are written (dist/images)
  --json               print one document of JSON instead of a table
  --help               show this

Ends with 1 when a check failed or no builder was found, with 2 for a wrong flag.
`;

/** @throws Error naming the argument that makes no sense. */
export function parseImagesOptions(args: readonly string[]): ImagesOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      engine: { type: 'string' },
      tag: { type: 'string', default: 'latest' },
      'build-arg': { type: 'string', multiple: true, default: [] },
      'make-base': { type: 'boolean', default: false },
      npmrc: { type: 'string' },
      'npm-ca': { type: 'string' },
      network: { type: 'string' },
      'no-build': { type: 'boolean', default: false },
      'no-run': { type: 'boolean', default: false },
      out: { type: 'string', default: 'dist/images' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const wrong = values['build-arg'].find((text) => !/^\w+=/.test(text));
  if (wrong !== undefined) throw new Error(`--build-arg takes NAME=VALUE, not "${wrong}"`);
  return {
    images: positionals.length === 0 ? IMAGES : positionals.map((text) => oneOf('an image', IMAGES, text)),
    engine: values.engine === undefined ? undefined : oneOf('--engine', ENGINES, values.engine),
    tag: values.tag,
    buildArgs: values['build-arg'],
    makesBase: values['make-base'],
    npmrc: values.npmrc,
    npmCa: values['npm-ca'],
    network: values.network,
    builds: !values['no-build'],
    runs: !values['no-run'],
    out: values.out,
    json: values.json,
    help: values.help,
  };
}

function oneOf<T extends string>(what: string, known: readonly T[], text: string): T {
  const found = known.find((name) => name === text);
  if (found === undefined) throw new Error(`${what} is one of ${known.join(', ')}, not "${text}"`);
  return found;
}
