import type { Module } from '../module.ts';
import type { Finding, Rule } from '../rule.ts';

export const circles: Rule = {
  law: 'files do not import each other in a circle, not even for types',
  check: ({ modules }) => findCircles(new Map(modules.map((module) => [module.path, module]))),
};

/** Depth first; a file met again while it is still open closes a circle. */
function findCircles(modules: ReadonlyMap<string, Module>): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const open: string[] = [];

  function enter(path: string): void {
    const module = modules.get(path);
    if (module === undefined || done.has(path)) return;
    open.push(path);
    for (const { file, line } of module.imports) {
      if (file === undefined) continue;
      const start = open.indexOf(file);
      if (start === -1) enter(file);
      else {
        const circle = [...open.slice(start), file].join(' -> ');
        findings.push({ path, line, advice: `closes the circle ${circle}: move what both need to a third file` });
      }
    }
    open.pop();
    done.add(path);
  }

  for (const path of modules.keys()) enter(path);
  return findings;
}
