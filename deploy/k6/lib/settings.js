/** Where the installation is and how it is entered. The defaults are those of `npm start` on this machine. */
export const API = __ENV.API_URL || 'http://127.0.0.1:7400';
export const GATEWAYS = (__ENV.GATEWAY_URLS || 'ws://127.0.0.1:7401/ws,ws://127.0.0.1:7402/ws').split(',');
export const API_KEY = __ENV.API_KEY || '';

/** A number of the environment, or its default. */
export function number(name, otherwise) {
  const value = Number(__ENV[name] || otherwise);
  if (!(value >= 0)) throw new Error(`${name} must be a number, not "${__ENV[name]}"`);
  return value;
}

/** One iteration of `exec` on each of so many VUs, which share the connections between them. */
export function together(exec, vus, seconds) {
  return { executor: 'per-vu-iterations', vus, iterations: 1, maxDuration: `${seconds}s`, exec };
}

/** Which of `total` things are this VU's, when `vus` share them. */
export function shareOf(vu, vus, total) {
  const mine = [];
  for (let index = vu - 1; index < total; index += vus) mine.push(index);
  return mine;
}

/** The promises of the product: SLO-1 (delivery), SLO-3 (nothing lost, nothing twice), and no error at all. */
export const PROMISES = {
  delivery: ['p(50)<=150', 'p(99)<=800'],
  delivered: ['count>0'],
  lost: ['count==0'],
  repeated: ['count==0'],
  errors: ['count==0'],
};

/** Percentiles that the summary shows. */
export const SHOWN = ['med', 'p(90)', 'p(99)', 'max'];
