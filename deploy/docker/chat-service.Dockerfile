# syntax=docker/dockerfile:1
# The chat-service, and the migration job: the same image with another command. Build from the repository's root:
#   docker build -f deploy/docker/chat-service.Dockerfile -t messagecore/chat-service .
# Node runs the TypeScript sources as they are, so there is no build step.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# What this service needs to run, and nothing else. The next stage is built again when that changes, not when a source does.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /repository
COPY . .
RUN node deploy/docker/production-manifests.ts chat-service . /manifests && cp .npmrc /manifests

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY --from=manifests /manifests ./
# The one script that is wanted: our patches of packages.
# A registry of your own: its .npmrc and its certificate authority are there while this runs, and in no layer.
RUN --mount=type=cache,target=/root/.npm \
  --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=npm_ca \
  npm ci --ignore-scripts \
  && node_modules/.bin/patch-package --error-on-fail --error-on-warn \
  && npm prune --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
# Nothing is installed in a container that runs.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn* /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
  /usr/local/bin/yarn /usr/local/bin/yarnpkg
WORKDIR /app
COPY --from=packages /app ./
COPY protocol protocol
COPY libs/kernel libs/kernel
COPY libs/runtime libs/runtime
COPY libs/bus libs/bus
COPY services/chat-service services/chat-service
COPY migrations migrations
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/simple`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# main.ts handles SIGTERM itself and starts no children, so it may be process 1.
CMD ["node", "--max-semi-space-size=16", "--min-semi-space-size=8", "--heap-growing-percent=200", "services/chat-service/src/main.ts"]
