/** What an action may say, by the card that it is done with. */
import { type CardBody, type CardElement, type ChatError, invalid, valueProblem } from '@messagecore/protocol';
import type { ActOnCard } from '@messagecore/protocol/features';

/** What the owner is told: of a button the card's own value. Inputs in the order of the card, without empty ones. */
export interface Given {
  readonly value: string | null;
  readonly inputs: Readonly<Record<string, string>>;
}

type Button = Extract<CardElement, { type: 'button' }>;

/** Throws `bad_request` that names what does not fit. */
export function givenOf({ elements = [] }: CardBody, { action, value, inputs }: ActOnCard): Given {
  const element = elements.find(({ id }) => id === action);
  if (element === undefined) throw wrong([['action', 'the card has no such element']]);
  const filled = Object.fromEntries(
    elements.flatMap(({ id }) => (Object.hasOwn(inputs, id) && inputs[id] !== '' ? [[id, inputs[id] ?? '']] : [])),
  );
  const problems = [
    ...(element.type === 'button' ? problemsOfButton(element, value) : problemsOfValue(element, value)),
    ...Object.keys(inputs).flatMap((id) => problemsOfInput(elements, id, filled[id])),
    ...(element.type === 'button' && element.submits === true ? missing(elements, filled) : []),
  ];
  if (problems.length > 0) throw wrong(problems);
  return { value: (element.type === 'button' ? element.value : value) ?? null, inputs: filled };
}

type Problem = readonly [path: string, message: string];

function problemsOfButton(button: Button, value: string | undefined): Problem[] {
  return value === undefined || value === button.value ? [] : [['value', 'is not that of the button']];
}

function problemsOfValue(element: Exclude<CardElement, Button>, value: string | undefined): Problem[] {
  if (value === undefined) return [['value', 'is missing']];
  const problem = value === '' && element.type === 'input' ? undefined : valueProblem(element, value);
  return problem === undefined ? [] : [['value', problem]];
}

function problemsOfInput(elements: readonly CardElement[], id: string, value: string | undefined): Problem[] {
  const element = elements.find((each) => each.id === id);
  if (element === undefined || element.type === 'button') return [[`inputs.${id}`, 'the card has no such input']];
  const problem = value === undefined ? undefined : valueProblem(element, value);
  return problem === undefined ? [] : [[`inputs.${id}`, problem]];
}

function missing(elements: readonly CardElement[], filled: Given['inputs']): Problem[] {
  return elements
    .filter((element) => element.type !== 'button' && element.required === true && !Object.hasOwn(filled, element.id))
    .map(({ id }) => [`inputs.${id}`, 'is missing']);
}

function wrong(problems: readonly Problem[]): ChatError {
  return invalid({
    issues: problems.map(([path, message]) => ({ code: 'custom', path: path.split('.'), message })),
  });
}
