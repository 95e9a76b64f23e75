# syntax=docker/dockerfile:1
# The operator's command line, with PostgreSQL's programs for backups. Build from the repository's root:
#   docker build -f deploy/docker/mc.Dockerfile -t messagecore/mc .
# Beside the compose file, whose .env has the keys and not where the servers are (the password is POSTGRES_PASSWORD):
#   export DATABASE_URL=postgres://messagecore:<password>@postgres:5432/messagecore
#   docker run --rm --env-file .env --network messagecore_inside \
#     -e DATABASE_URL -e NATS_URL=nats://nats:4222 -e REDIS_URL=redis://redis:6379 messagecore/mc doctor
# Its pg_basebackup must be of the server's version or newer: NODE_IMAGE and POSTGRES say which.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# What it needs to run, and nothing else. The next stage is built again when that changes, not when a source does.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /repository
COPY . .
RUN node deploy/docker/production-manifests.ts mc . /manifests && cp .npmrc /manifests

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
ARG POSTGRES=18
# From PostgreSQL's own packages: Debian's are older than the server of the compose file. PGDG=no takes Debian's.
ARG PGDG=yes
ENV NODE_ENV=production
# Nothing of Node is installed in a container that runs.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn* /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
  /usr/local/bin/yarn /usr/local/bin/yarnpkg
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-common ca-certificates \
  && if [ "$PGDG" = yes ]; then /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y; fi \
  && apt-get install -y --no-install-recommends postgresql-client-${POSTGRES} && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=packages /app ./
COPY protocol protocol
COPY libs/kernel libs/kernel
COPY libs/runtime libs/runtime
COPY libs/bus libs/bus
COPY services/chat-service services/chat-service
COPY services/mc services/mc
COPY migrations migrations
USER node
ENTRYPOINT ["node", "services/mc/src/main.ts"]
CMD ["--help"]
