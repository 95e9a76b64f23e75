export { type GatewayConfig, readConfig, Settings as GatewaySettings, type Timing } from './config.ts';
export { type Gateway, startGateway } from './server.ts';
