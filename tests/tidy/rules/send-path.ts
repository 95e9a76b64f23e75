import { type Module, visit } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';

const SRC = 'services/chat-service/src/';
const MESSAGES = `${SRC}core/messages/`;
const EXTENSIONS = `${MESSAGES}extensions.ts`;
/** What features may use of messages besides: it reads, or knows shapes. */
const READING = [
  ...[
    'bodies.ts',
    'frames.ts',
    'history.ts',
    'links.ts',
    'mentions-in-text.ts',
    'replies.ts',
    'shown-messages.ts',
    'tables.ts',
    'unread.ts',
    'unread-mentions.ts',
    'visible-message.ts',
  ],
].map((file) => MESSAGES + file);

export const sendPath: Rule = {
  law: 'features enter the send path by core/messages/extensions.ts alone',
  check: ({ modules }) => modules.filter(({ path, isTest }) => path.startsWith(SRC) && !isTest).flatMap(findings),
};

function findings(module: Module): Finding[] {
  if (module.path === EXTENSIONS)
    return imported(module, [], 'shows features a part of the send path: keep types here');
  if (module.path.startsWith(MESSAGES)) return [];
  const isFeature = module.path.startsWith(`${SRC}features/`);
  const advice = 'enters the send path by itself: a feature does so by core/messages/extensions.ts';
  return [...(isFeature ? imported(module, [EXTENSIONS, ...READING], advice) : []), ...statements(module)];
}

function imported({ path, imports }: Module, allowed: readonly string[], advice: string): Finding[] {
  return imports
    .filter(({ file }) => file?.startsWith(MESSAGES) === true && !allowed.includes(file))
    .map(({ line }) => ({ path, line, advice }));
}

/** SQL that calls the functions of the send path. */
const APPENDING = /\bappend_(?:batch|messages)\s*\(/;

function statements(module: Module): Finding[] {
  const found: Finding[] = [];
  visit(module, {
    TaggedTemplateExpression({ quasi }) {
      for (const element of quasi.quasis) {
        if (APPENDING.test(element.value.raw))
          found.push(at(module, element, 'stores messages: only core/messages does'));
      }
    },
  });
  return found;
}
