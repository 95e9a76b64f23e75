#!/bin/bash
# Three pods with a Redis and a Sentinel each, as deploy/k8s/examples/data has them: network name spaces with names for one
# another. In name spaces of its own (unshare --net --mount --uts --pid); `redis-pods.sh <start.sh> <folder> <fetched>`, with Redis on PATH,
# where it is in <fetched> by way of /media.
# Prints who takes writes: at the start, after that pod was killed, and when it is back.
set -euo pipefail
start=$1 folder=$2 fetched=$3
export REDIS_PASSWORD=a-password

mount --make-rprivate /
mount --bind "$fetched" /media
mount -t tmpfs none /run && mkdir /run/netns
ip link add bridge type bridge && ip addr add 10.77.0.254/24 dev bridge && ip link set bridge up
printf '127.0.0.1 localhost\n10.77.0.1 redis-0.redis\n10.77.0.2 redis-1.redis\n10.77.0.3 redis-2.redis\n' > "$folder/hosts"
mount --bind "$folder/hosts" /etc/hosts
for i in 0 1 2; do
  ip netns add "pod$i"
  ip link add "to$i" type veth peer name eth0 netns "pod$i" && ip link set "to$i" master bridge up
  ip -n "pod$i" addr add "10.77.0.$((i + 1))/24" dev eth0 && ip -n "pod$i" link set eth0 up && ip -n "pod$i" link set lo up
done

# Starts a container of a pod, with a /tmp of its own.
container() {
  local i=$1 what=$2
  nsenter "--net=/run/netns/pod$i" unshare --uts --mount sh -c "
    mkdir -p '$folder/$what-$i' && hostname redis-$i && mount --bind '$folder' /mnt && mount -t tmpfs none /tmp &&
    exec sh /mnt/start.sh $what" > "$folder/log-$what-$i" 2>&1 &
  pids[$i]="${pids[$i]:-} $!"
}
pod() { container "$1" redis && container "$1" sentinel; }

ask() { timeout 5 redis-cli -h "redis-$1.redis" -a "$REDIS_PASSWORD" --no-auth-warning "${@:2}" 2>/dev/null || true; }
role() { ask "$1" role | head -n 1; }
# `eventually <what> <command>`: until it holds.
eventually() {
  for _ in $(seq 600); do
    if "${@:2}"; then return; fi
    sleep 0.2
  done
  echo "gave up waiting for $1" >&2
  exit 1
}
is() { [[ $(role "$1") == "$2" ]]; }
sentinel() { timeout 5 redis-cli -h "redis-$1.redis" -p 26379 sentinel "${@:2}" 2>/dev/null || true; }
# Without a replica that it knows a Sentinel chooses none, and tries again half a minute later.
agree() { [[ $(sentinel "$1" ckquorum messagecore) == 'OK 3'* && $(sentinel "$1" replicas messagecore | grep -c '^runid') == 2 ]]; }
has() { [[ $(ask "$1" get "$2") == yes ]]; }
takes() { [[ $(ask "$1" set "$2" yes) == OK ]]; }
# Whoever it is, is `next`.
primary_but_0() {
  for next in 1 2; do
    if is "$next" master; then return; fi
  done
  return 1
}

pids=()
cp "$start" "$folder/start.sh"
for i in 0 1 2; do pod "$i"; done
for i in 1 2; do eventually "replica $i" is "$i" slave; done
for i in 0 1 2; do eventually "the Sentinels to know all" agree "$i"; done
eventually 'redis-0 to say that it is the primary' is 0 master
echo "primary: redis-0"

eventually 'the primary to take writes' takes 0 before
for i in 1 2; do eventually "what was written at $i" has "$i" before; done
kill -9 ${pids[0]}
eventually 'another primary' primary_but_0
eventually 'what was written at the other primary' has "$next" before
echo "after it was killed: with what was written"

eventually 'the other primary to take writes' takes "$next" after
pids[0]=
pod 0
eventually 'the pod that is back' is 0 slave
eventually 'what was written meanwhile' has 0 after
echo "back: as a replica"
