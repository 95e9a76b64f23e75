import { type Module, visit } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';

export const environment: Rule = {
  law: 'process.env is read in config.ts files alone',
  check: ({ modules }) => modules.filter(({ path }) => !/(?:^|\/)config\.ts$/.test(path)).flatMap(findings),
};

function findings(module: Module): Finding[] {
  const found: Finding[] = [];
  visit(module, {
    MemberExpression(node) {
      const { object, property } = node;
      const name = property.type === 'Identifier' ? property.name : '';
      if (object.type !== 'Identifier' || object.name !== 'process' || name !== 'env') return;
      if (!(module.isTest && OF_THE_TEST_RUN.test(module.text.slice(node.end)))) found.push(at(module, node, ADVICE));
    },
    VariableDeclarator(node) {
      const { id, init } = node;
      const takesEnv =
        id.type === 'ObjectPattern' &&
        id.properties.some(
          (entry) => entry.type === 'Property' && entry.key.type === 'Identifier' && entry.key.name === 'env',
        );
      if (takesEnv && init?.type === 'Identifier' && init.name === 'process') found.push(at(module, node, ADVICE));
    },
    ImportDeclaration(node) {
      if (node.source.value === 'node:process' || node.source.value === 'process') found.push(at(module, node, ADVICE));
    },
  });
  return found;
}

/** `npm test` tells tests this way where its servers are. */
const OF_THE_TEST_RUN = /^(?:\.|\[')MC_TEST_/;

const ADVICE = 'reads the environment: do it in a config.ts and pass the value in';
