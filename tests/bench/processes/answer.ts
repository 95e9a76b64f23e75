/** What a measured process can be asked: a name and one argument, answered with one value. Plain data both ways. */
export type Answers = Readonly<Record<string, (argument: never) => unknown>>;

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

/** Answers the parent's questions and lives as long as the parent does. A failure travels to the asker. */
export function answerParent(answers: Answers): void {
  process.on('message', (message) => {
    const { id, name, argument } = message as Question;
    const answer = answers[name] as ((argument: unknown) => unknown) | undefined;
    if (answer === undefined) return;
    Promise.resolve()
      .then(() => answer(argument))
      .then(
        (value) => reply({ id, value }),
        (error: unknown) =>
          reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  });
  process.channel?.ref();
}

function reply(message: Reply): void {
  process.send?.(message);
}
