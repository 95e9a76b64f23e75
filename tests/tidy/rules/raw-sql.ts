import { type Module, visit } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';

/** `platform/database` is where the client is at home. */
const BOUND = /^services\/chat-service\/src\/(?:core|features|platform\/(?!database\/))/;

export const rawSql: Rule = {
  law: 'ordinary statements are typed by the tables: raw SQL stands only in files that say why',
  check: ({ modules }) => modules.filter(({ path, isTest }) => BOUND.test(path) && !isTest).flatMap(findings),
};

const ADVICE = 'write it with db(sql) of platform/database, or say why not in a comment: "Raw SQL: …" (decision 28)';

/** The first raw statement of a file that does not say why. */
function findings(module: Module): Finding[] {
  if (/(?:\/\/|\*) .*\bRaw SQL: \w/.test(module.text)) return [];
  const found: Finding[] = [];
  let isDrizzles = false;
  visit(module, {
    ImportSpecifier({ local }) {
      // drizzle's own tag is called otherwise where the client is called `sql`.
      isDrizzles ||= local.name === 'sql';
    },
    TaggedTemplateExpression({ tag }) {
      const name = tag.type === 'MemberExpression' ? tag.property : tag;
      if (!('name' in name) || !/^(?:sql|tx)$/.test(String(name.name))) return;
      if (!isDrizzles && found.length === 0) found.push(at(module, tag, ADVICE));
    },
  });
  return found;
}
