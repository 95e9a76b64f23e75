import type { Scenario } from './scenario.ts';
import { backPressure } from './scenarios/back-pressure.ts';
import { chatServiceKilled } from './scenarios/chat-service-killed.ts';
import { chatServiceNatsCut } from './scenarios/chat-service-nats-cut.ts';
import { chatServiceNatsHalfOpen } from './scenarios/chat-service-nats-half-open.ts';
import { chatServiceNatsPartition } from './scenarios/chat-service-nats-partition.ts';
import { chatServicePaused } from './scenarios/chat-service-paused.ts';
import { chatServicePostgresCut } from './scenarios/chat-service-postgres-cut.ts';
import { chatServicePostgresHalfOpen } from './scenarios/chat-service-postgres-half-open.ts';
import { chatServicePostgresPartition } from './scenarios/chat-service-postgres-partition.ts';
import { chatServiceRedisHalfOpen } from './scenarios/chat-service-redis-half-open.ts';
import { chatServiceRedisPartition } from './scenarios/chat-service-redis-partition.ts';
import { clientNetworkCut } from './scenarios/client-network-cut.ts';
import { clientNetworkHalfOpen } from './scenarios/client-network-half-open.ts';
import { clockJump } from './scenarios/clock-jump.ts';
import { clocksApart } from './scenarios/clocks-apart.ts';
import { connectionsExhausted } from './scenarios/connections-exhausted.ts';
import { consumersKilled } from './scenarios/consumers-killed.ts';
import { consumersOverflow } from './scenarios/consumers-overflow.ts';
import { consumersStreamLost } from './scenarios/consumers-stream-lost.ts';
import { diskFull } from './scenarios/disk-full.ts';
import { diskSlow } from './scenarios/disk-slow.ts';
import { edgeLeaf } from './scenarios/edge-leaf.ts';
import { edgeSupercluster } from './scenarios/edge-supercluster.ts';
import { failoverReadOnly } from './scenarios/failover-read-only.ts';
import { gatewayKilled } from './scenarios/gateway-killed.ts';
import { gatewayNatsCut } from './scenarios/gateway-nats-cut.ts';
import { gatewayNatsHalfOpen } from './scenarios/gateway-nats-half-open.ts';
import { gatewayNatsPartition } from './scenarios/gateway-nats-partition.ts';
import { gatewayPaused } from './scenarios/gateway-paused.ts';
import { jobsClockJump } from './scenarios/jobs-clock-jump.ts';
import { jobsKilled } from './scenarios/jobs-killed.ts';
import { lateItems } from './scenarios/late-items.ts';
import { lossyBackNetwork } from './scenarios/lossy-back-network.ts';
import { natsKilled } from './scenarios/nats-killed.ts';
import { natsPaused } from './scenarios/nats-paused.ts';
import { natsStoreLost } from './scenarios/nats-store-lost.ts';
import { onlineMigrations } from './scenarios/online-migrations.ts';
import { partition } from './scenarios/partition.ts';
import { pointInTimeRestore } from './scenarios/point-in-time-restore.ts';
import { poolerHang } from './scenarios/pooler-hang.ts';
import { postgresKilled } from './scenarios/postgres-killed.ts';
import { postgresPaused } from './scenarios/postgres-paused.ts';
import { postgresShutdown } from './scenarios/postgres-shutdown.ts';
import { redisKilled } from './scenarios/redis-killed.ts';
import { redisPaused } from './scenarios/redis-paused.ts';
import { relayKilled } from './scenarios/relay-killed.ts';
import { rollingRestart } from './scenarios/rolling-restart.ts';
import { rollingRestartServers } from './scenarios/rolling-restart-servers.ts';
import { sagasKilled } from './scenarios/sagas-killed.ts';
import { scheduled } from './scenarios/scheduled.ts';
import { slowNetwork } from './scenarios/slow-network.ts';
import { storm } from './scenarios/storm.ts';
import { streamDiskFull } from './scenarios/stream-disk-full.ts';
import { streamRefused } from './scenarios/stream-refused.ts';
import { weakClientNetwork } from './scenarios/weak-client-network.ts';

/** All of them, in the order in which they are told. */
export const SCENARIOS: readonly Scenario[] = [
  gatewayKilled,
  gatewayPaused,
  chatServiceKilled,
  chatServicePaused,
  relayKilled,
  postgresKilled,
  postgresPaused,
  postgresShutdown,
  failoverReadOnly,
  poolerHang,
  connectionsExhausted,
  diskFull,
  diskSlow,
  natsKilled,
  natsPaused,
  natsStoreLost,
  streamDiskFull,
  streamRefused,
  redisKilled,
  redisPaused,
  clockJump,
  clocksApart,
  rollingRestart,
  rollingRestartServers,
  onlineMigrations,
  clientNetworkCut,
  clientNetworkHalfOpen,
  gatewayNatsCut,
  gatewayNatsHalfOpen,
  gatewayNatsPartition,
  chatServiceNatsCut,
  chatServiceNatsHalfOpen,
  chatServiceNatsPartition,
  chatServicePostgresCut,
  chatServicePostgresHalfOpen,
  chatServicePostgresPartition,
  chatServiceRedisHalfOpen,
  chatServiceRedisPartition,
  partition,
  slowNetwork,
  edgeLeaf,
  edgeSupercluster,
  lossyBackNetwork,
  weakClientNetwork,
  consumersKilled,
  consumersStreamLost,
  consumersOverflow,
  jobsKilled,
  jobsClockJump,
  sagasKilled,
  scheduled,
  lateItems,
  backPressure,
  pointInTimeRestore,
  storm,
];
