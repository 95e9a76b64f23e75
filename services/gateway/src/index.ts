export { type GatewayConfig, readConfig, type Timing } from './config.ts';
export { type Gateway, startGateway } from './server.ts';
