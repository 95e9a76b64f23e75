/** The ready-made sign-ins of a development server. Each request makes new tokens. */
export interface Demo {
  readonly api: string;
  readonly gateways: readonly string[];
  readonly users: readonly DemoUser[];
}

export interface DemoUser {
  readonly externalId: string;
  readonly displayName: string;
  readonly userId: string;
  readonly token: string;
}

/** Throws when the server does not answer. */
export async function loadDemo(): Promise<Demo> {
  const answer = await fetch('./demo.json', { cache: 'no-store' });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return (await answer.json()) as Demo;
}

/** A new token for the same person. Throws when the server does not answer or no longer knows them. */
export async function freshToken(externalId: string): Promise<string> {
  const { users } = await loadDemo();
  const user = users.find((each) => each.externalId === externalId);
  if (user === undefined) throw new Error(`nobody is called ${externalId}`);
  return user.token;
}
