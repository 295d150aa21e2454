#!/bin/sh
# Makes the certificates beside it afresh: an authority and a server at `db.example.com` and 192.0.2.1, a client,
# a server that vouches for itself, one with a certificate of version 1, another authority. For tests only; the keys are nobody's.
#   openssl 3 is needed.
set -eu
cd "$(dirname "$0")"
days=36500
new() { # name, subject, extensions...
  name=$1 subject=$2
  shift 2
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days $days -subj "/CN=$subject" \
    -keyout "$name.key" -out "$name.pem" "$@"
}
names="subjectAltName=DNS:db.example.com,IP:192.0.2.1"
leaf="basicConstraints=critical,CA:FALSE"
new authority "Test Authority"
new other "Other Authority"
new own "db.example.com" -addext "$names"
new server "db.example.com" -CA authority.pem -CAkey authority.key -addext "$names" -addext "$leaf"
new client "client" -CA authority.pem -CAkey authority.key -addext "$leaf"
openssl pkcs8 -topk8 -in client.key -outform DER -nocrypt -out client.pk8
openssl pkcs8 -topk8 -in client.key -v2 aes256 -passout pass:password -out client-encrypted.key
cat client.key client.pem > client-both.pem
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=db.example.com" -keyout old.key \
  -out old.csr
openssl x509 -req -in old.csr -signkey old.key -days $days -out old.pem
rm -f old.csr authority.key other.key
