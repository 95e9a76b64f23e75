/** What a sign-in by OpenID Connect leaves in this tab while the page is away at the provider. */
const FLOW = 'messagecore.oidc-flow';

export function keepFlow(flow: string): void {
  sessionStorage.setItem(FLOW, flow);
}

/** The flow and the query with which the provider came back; undefined when it did not. They count once. */
export function takeReturn(): { readonly flow: string; readonly query: string } | undefined {
  const flow = sessionStorage.getItem(FLOW);
  const { search, pathname } = location;
  if (flow === null || !new URLSearchParams(search).has('state')) return undefined;
  sessionStorage.removeItem(FLOW);
  history.replaceState(null, '', pathname);
  return { flow, query: search.slice(1) };
}

/** Where a provider sends people back to: this page, as the tenant has registered it. */
export function redirectUri(): string {
  return location.origin + location.pathname;
}
