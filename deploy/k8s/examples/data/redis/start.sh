#!/bin/sh
# Starts the Redis or the Sentinel of this pod: `start.sh redis`, `start.sh sentinel`. Both follow whom the Sentinels that run
# call the primary; where none runs, it is redis-0.
set -eu
self="$(hostname).redis"
primary=redis-0.redis
for peer in redis-0 redis-1 redis-2; do
  answer="$(timeout 3 redis-cli -h "$peer.redis" -p 26379 sentinel get-master-addr-by-name messagecore 2>/dev/null | head -n 1)"
  case "$answer" in *.redis)
    primary="$answer"
    break
    ;;
  esac
done

if [ "$1" = sentinel ]; then
  cat > /tmp/sentinel.conf <<CONF
port 26379
dir /tmp
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $self
sentinel monitor messagecore $primary 6379 2
sentinel auth-pass messagecore $REDIS_PASSWORD
sentinel down-after-milliseconds messagecore 5000
sentinel failover-timeout messagecore 15000
CONF
  exec redis-sentinel /tmp/sentinel.conf
fi

# Everything in it can be lost, so nothing is written to disk. Secrets are in a file, where no list of processes shows them.
cat > /tmp/redis.conf <<CONF
port 6379
dir /tmp
save ""
appendonly no
requirepass $REDIS_PASSWORD
masterauth $REDIS_PASSWORD
replica-announce-ip $self
CONF
if [ "$primary" != "$self" ]; then echo "replicaof $primary 6379" >> /tmp/redis.conf; fi
exec redis-server /tmp/redis.conf
