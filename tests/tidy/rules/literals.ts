import type { Expression, PrivateIdentifier, TemplateLiteral } from 'oxc-parser';
import { type Module, visit } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';

/** The catalogue's own package; and whatever holds the contract against its numbers from outside. */
const OUTSIDE = ['protocol', 'tests', 'libs/testkit'];
const exempt = ({ package: owner, isTest }: Module) => OUTSIDE.includes(owner) || isTest;

export const literals: Rule = {
  law: 'no literal subject, close code or HTTP status outside of protocol',
  check: ({ modules }) => modules.filter((module) => !exempt(module)).flatMap(findings),
};

const SUBJECT = /^(?:conv|rpc|user|tenant)\.(?:[\w*>-]|$)/;
const USE_SUBJECTS = 'spells a subject: use `subjects` of @messagecore/protocol';
const USE_CLOSE = 'writes a close code: use CLOSE or ERRORS of @messagecore/protocol';
const USE_STATUS = 'writes an HTTP status: use STATUS or ERRORS of @messagecore/protocol';

function findings(module: Module): Finding[] {
  const found: Finding[] = [];
  const report = (node: { start: number }, advice: string) => found.push(at(module, node, advice));
  /** Judges a number that stands where statuses and close codes stand. */
  const findingOf = (name: string, node: Expression | PrivateIdentifier) => {
    const number = numberOf(node);
    if (number === undefined) return;
    if (TAKES_STATUS.test(name) && isStatus(number)) report(node, USE_STATUS);
    if (TAKES_CLOSE.test(name) && number >= 1_000 && number < 5_000) report(node, USE_CLOSE);
  };
  visit(module, {
    Literal(node) {
      if (typeof node.value === 'string' && SUBJECT.test(node.value)) report(node, USE_SUBJECTS);
      if (typeof node.value === 'number' && isCloseCode(node.value) && /^\d+$/.test(node.raw ?? ''))
        report(node, USE_CLOSE);
    },
    TemplateLiteral(node) {
      if (SUBJECT.test(firstPart(node))) report(node, USE_SUBJECTS);
    },
    CallExpression(node) {
      const [first] = node.arguments;
      if (first !== undefined && first.type !== 'SpreadElement') findingOf(lastName(node.callee), first);
    },
    Property(node) {
      const key = numberOf(node.key);
      if (key !== undefined && isStatus(key)) report(node, USE_STATUS);
      findingOf(lastName(node.key), node.value as Expression);
    },
    BinaryExpression(node) {
      findingOf(lastName(node.left), node.right);
      findingOf(lastName(node.right), node.left);
    },
    AssignmentExpression(node) {
      findingOf(lastName(node.left as Expression), node.right);
    },
  });
  return found;
}

/** Names of calls, fields and variables that take a status or a close code. */
const TAKES_STATUS = /^(?:status|statusCode|httpStatus|http|code|writeHead|sendStatus)$/;
const TAKES_CLOSE = /^(?:close|closeCode|code)$/;

const isStatus = (number: number) => number >= 200 && number < 600;
const isCloseCode = (number: number) => (number > 1_000 && number <= 1_015) || (number >= 4_400 && number < 4_500);

function numberOf(node: Expression | PrivateIdentifier): number | undefined {
  return node.type === 'Literal' && typeof node.value === 'number' ? node.value : undefined;
}

/** `reply.code` and `code` are both `code`. */
function lastName(node: Expression | PrivateIdentifier): string {
  if (node.type === 'Identifier') return node.name;
  return node.type === 'MemberExpression' && node.property.type === 'Identifier' ? node.property.name : '';
}

function firstPart({ quasis }: TemplateLiteral): string {
  return quasis[0]?.value.raw ?? '';
}
