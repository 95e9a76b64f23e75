/** Imported before a service, makes it one of a release that speaks the next version of the wire protocol. */
import { registerHooks } from 'node:module';

registerHooks({
  load: (url, context, next) =>
    url.endsWith('/protocol/src/wire/version.ts')
      ? {
          format: 'module',
          shortCircuit: true,
          source: "export const PROTOCOL_VERSION = 2; export const SUBPROTOCOLS = ['mc.v2'];",
        }
      : next(url, context),
});
