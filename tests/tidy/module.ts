import { posix } from 'node:path';
import { type Program, parseSync, Visitor, type VisitorObject } from 'oxc-parser';
import type { Package } from './package.ts';
import { lineAt, type TextFile } from './text-file.ts';

export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** The file that a relative import names, from the root; undefined for packages. */
  readonly file: string | undefined;
  readonly line: number;
  /** `export … from` */
  readonly reExport: boolean;
}

/** One source file and what the parser says about it. */
export interface Module extends TextFile {
  readonly imports: readonly Import[];
  readonly program: Program;
  /** Folder of the package that it belongs to; its top-level folder when it belongs to none. */
  readonly package: string;
  /** Path inside the package. */
  readonly inside: string;
  /** A test, or a helper of tests. */
  readonly isTest: boolean;
}

export function moduleOf({ path, text }: TextFile, packages: readonly Package[]): Module {
  const { module, program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  const found = (request: { value: string; start: number }, reExport: boolean): Import => ({
    specifier: request.value,
    file: request.value.startsWith('.') ? posix.join(posix.dirname(path), request.value) : undefined,
    line: lineAt(text, request.start),
    reExport,
  });
  const owner = packages.find(({ folder }) => path.startsWith(`${folder}/`))?.folder ?? topFolder(path);
  return {
    path,
    text,
    program,
    package: owner,
    inside: owner === '' ? path : path.slice(owner.length + 1),
    isTest: /\.test\.ts$|(?:^|\/)test-[\w-]+\.ts$|\/test\/|^tests\/support\//.test(path),
    imports: [
      ...module.staticImports.map(({ moduleRequest }) => found(moduleRequest, false)),
      ...module.staticExports.flatMap(({ entries }) => {
        const request = entries.find(({ moduleRequest }) => moduleRequest !== null)?.moduleRequest;
        return request ? [found(request, true)] : [];
      }),
      ...module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
        const literal = /^(['"])(.*)\1$/.exec(text.slice(start, end));
        return literal?.[2] === undefined ? [] : [found({ value: literal[2], start }, false)];
      }),
    ],
  };
}

/** Walks the syntax tree of a module. */
export function visit(module: Module, visitor: VisitorObject): void {
  new Visitor(visitor).visit(module.program);
}

/** `deploy/dev` and `deploy/images` count as packages of their own; files at the root belong to none. */
function topFolder(path: string): string {
  const own = /^deploy\/(?:dev|images)(?=\/)/.exec(path)?.[0];
  if (own !== undefined) return own;
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}
