/** What is a value of the chart, and of which objects. */

/** The parts of values.yaml, in their order. */
export const VALUES: Readonly<Record<string, string>> = {
  images: 'What docker build makes of deploy/docker, in your registry.',
  settings: 'Environment variables that are no secrets; docs/operate.md says what each does. Quote numbers.',
  gateway: 'Of gateways. terminationGracePeriodSeconds is longer than DRAIN_GRACE_MS by 25 seconds.',
  chatService: 'Of the roles of the chat-service.',
  migrate: 'Of the migration job.',
  host: 'The name that clients call, and the Secret with its certificate.',
  tlsSecret: 'A Secret of the type kubernetes.io/tls.',
  ingress: 'An Ingress for ingress-nginx.',
  gatewayApi: 'A Gateway and its routes in place of an Ingress.',
  keda: 'Scales by connections, by lag and by waiting jobs; needs KEDA and Prometheus.',
  prometheus: 'Where KEDA asks.',
  monitoring: 'A PodMonitor; needs the Prometheus Operator.',
  namespaces: 'Who may reach us, and where the servers are that we reach.',
};

/** Strings that are values wherever they stand; names of name spaces only where one is chosen by its name. */
export const STRINGS: Readonly<Record<string, string>> = {
  'messagecore/gateway': 'images.gateway',
  'messagecore/chat-service': 'images.chatService',
  'chat.example.com': 'host',
  'messagecore-tls': 'tlsSecret',
  'http://prometheus-operated.monitoring:9090': 'prometheus',
  'kubernetes.io/metadata.name: messagecore-data': 'namespaces.data',
  'kubernetes.io/metadata.name: ingress-nginx': 'namespaces.ingress',
  'kubernetes.io/metadata.name: envoy-gateway-system': 'namespaces.gatewayApi',
  'kubernetes.io/metadata.name: monitoring': 'namespaces.monitoring',
};

type Field = readonly [value: string, of: string, path: string];

const POD = 'spec.template.spec';

/** The size of a Deployment that an autoscaler of the base, or KEDA in its place, decides. */
function sizes(value: string, name: string): Field[] {
  return [
    [`${value}.minReplicas`, `HorizontalPodAutoscaler/${name}`, 'spec.minReplicas'],
    [`${value}.maxReplicas`, `HorizontalPodAutoscaler/${name}`, 'spec.maxReplicas'],
    [`${value}.minReplicas`, `ScaledObject/${name}`, 'spec.minReplicaCount'],
    [`${value}.maxReplicas`, `ScaledObject/${name}`, 'spec.maxReplicaCount'],
  ];
}

const resources = (value: string, of: string): Field => [`${value}.resources`, of, `${POD}.containers.0.resources`];

/** Fields that are values as a whole. */
export const FIELDS: readonly Field[] = [
  ['settings.gateway', 'ConfigMap/gateway', 'data'],
  ['settings.chatService', 'ConfigMap/chat-service', 'data'],
  ...sizes('gateway', 'gateway'),
  ['gateway.connections', 'ScaledObject/gateway', 'spec.triggers.0.metadata.threshold'],
  ['gateway.terminationGracePeriodSeconds', 'Deployment/gateway', `${POD}.terminationGracePeriodSeconds`],
  resources('gateway', 'Deployment/gateway'),
  ...['api', 'rpc', 'relay', 'workers', 'jobs'].flatMap((role) => [
    ...sizes(`chatService.${role}`, `chat-service-${role}`),
    resources(`chatService.${role}`, `Deployment/chat-service-${role}`),
  ]),
  ['chatService.relay.replicas', 'Deployment/chat-service-relay', 'spec.replicas'],
  resources('migrate', 'Job/migrate'),
  ['ingress.className', 'Ingress/sessions', 'spec.ingressClassName'],
  ['ingress.className', 'Ingress/rest', 'spec.ingressClassName'],
  ['gatewayApi.className', 'Gateway/messagecore', 'spec.gatewayClassName'],
];
