/** A browser in miniature, for the pages of identity providers. */

/** What is filled in; undefined for a page on which there is nothing to do. */
export type Fill = (page: string) => Readonly<Record<string, string>> | undefined;

/** Where browsers are sent back to. */
export const REDIRECT_URI = 'https://chat.example.org/signed-in';

const MOST_STEPS = 20;

/**
 * Keeps cookies, follows redirects and sends the form of each page, filled in, until it is sent to `redirectUri`: the whole
 * address. Throws with what a page shows when there is nothing to fill in.
 */
export async function visitPages(start: string, redirectUri: string, fill: Fill): Promise<URL> {
  const cookies = new Map<string, string>();
  let [url, form] = [new URL(start), undefined as URLSearchParams | undefined];
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      ...(form && { method: 'POST', body: form }),
      headers: { cookie },
      redirect: 'manual',
    });
    keepCookies(cookies, answer.headers.getSetCookie());
    const location = answer.headers.get('location');
    form = undefined;
    if (location !== null) {
      url = new URL(location, url);
      if (url.href.startsWith(redirectUri)) return url;
      continue;
    }
    const page = await answer.text();
    const fields = fill(page);
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
    if (fields === undefined || action === undefined) throw new Error(`${url.href}: ${answer.status} ${textOf(page)}`);
    url = new URL(action.replaceAll('&amp;', '&'), url);
    form = new URLSearchParams(fields);
  }
  throw new Error('the browser went in circles');
}

function keepCookies(cookies: Map<string, string>, given: readonly string[]): void {
  for (const set of given) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
    if (value === '') cookies.delete(name);
    else cookies.set(name, value);
  }
}

const textOf = (page: string) =>
  page
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
