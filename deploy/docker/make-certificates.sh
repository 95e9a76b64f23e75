#!/bin/sh
# deploy/docker/make-certificates.sh FOLDER NAME…
#
# Certificates for docker-compose.tls.yml, to try it: an authority of your own (ca.crt, ca.key), and by it a certificate and key for
# nginx under the NAMEs that clients use (host names or IPv4 addresses), and for postgres, nats and redis. An authority that is
# there is kept, and all else made anew. Clients trust nginx when they are told of ca.crt: curl --cacert FOLDER/ca.crt …
# Needs openssl.
set -eu

if [ $# -lt 2 ]; then
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
folder=$1
shift

AUTHORITY_DAYS=3650
# What browsers take at most.
DAYS=397

# Services read the files under accounts of their own; nobody else of this machine gets into the folder.
umask 022
mkdir -p "$folder"
chmod 700 "$folder"

new_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

if [ ! -e "$folder/ca.key" ]; then
  new_key "$folder/ca.key"
  chmod 600 "$folder/ca.key"
  openssl req -x509 -new -key "$folder/ca.key" -days "$AUTHORITY_DAYS" -subj '/CN=MessageCore, to try it' \
    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -out "$folder/ca.crt"
fi

# issue FILE NAME…
issue() {
  file=$1
  shift
  names=
  for name in "$@"; do
    case $name in
      *[!0-9.]*) names="$names,DNS:$name" ;;
      *) names="$names,IP:$name" ;;
    esac
  done
  extensions=$(mktemp)
  cat >"$extensions" <<END
subjectAltName=${names#,}
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
END
  new_key "$folder/$file.key"
  # Readable by the account of the service, whatever it is: the folder keeps others out.
  chmod 644 "$folder/$file.key"
  openssl req -new -key "$folder/$file.key" -subj "/CN=$1" |
    openssl x509 -req -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
      -days "$DAYS" -extfile "$extensions" -out "$folder/$file.crt" 2>/dev/null
  rm "$extensions"
}

issue nginx "$@"
for service in postgres nats redis; do
  issue "$service" "$service" localhost 127.0.0.1
done
echo "Certificates are in $folder, for $*"
