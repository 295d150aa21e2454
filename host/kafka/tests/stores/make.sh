#!/bin/sh
# Makes the stores beside it afresh: a root, an intermediate authority, a broker at `localhost`, a client; each
# store in the forms that Java and others write. For tests only: the passwords stand here.
#   keytool of JDK 17 and openssl 3 are needed.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
store=store-secret-1
key=key-secret-1
days=36500
make() { # alias, subject, issuer, extensions
  keytool -genkeypair -keystore "$work/$1.p12" -storepass $store -alias "$1" -dname "CN=$2" -keyalg EC \
    -groupname secp256r1 -validity $days ${4:-}
  if [ -n "${3:-}" ]; then
    keytool -certreq -keystore "$work/$1.p12" -storepass $store -alias "$1" -file "$work/$1.csr"
    keytool -gencert -keystore "$work/$3.p12" -storepass $store -alias "$3" -infile "$work/$1.csr" \
      -outfile "$work/$1.crt" -rfc -validity $days ${4:-}
  else
    keytool -exportcert -keystore "$work/$1.p12" -storepass $store -alias "$1" -rfc -file "$work/$1.crt"
  fi
}
make root "Test Root" "" "-ext bc:c"
make other "Other Root" "" "-ext bc:c"
make middle "Test Authority" root "-ext bc:c"
make server localhost middle "-ext san=dns:localhost"
make client "client" middle
for who in server client; do
  cat "$work/$who.crt" "$work/middle.crt" "$work/root.crt" > "$work/$who.chain"
  keytool -importcert -keystore "$work/$who.p12" -storepass $store -alias $who -file "$work/$who.chain" -noprompt
  cp "$work/$who.p12" .
done

# Keys
rm -f client.jks trust.jks
keytool -importkeystore -srckeystore client.p12 -srcstorepass $store -destkeystore client.jks -deststoretype JKS \
  -deststorepass $store -srcalias client -destkeypass $key -noprompt 2>/dev/null
openssl pkcs12 -in client.p12 -passin pass:$store -nocerts -noenc -out "$work/client.key"
cat "$work/client.key" "$work/client.crt" "$work/middle.crt" > client.pem
{ openssl pkcs8 -topk8 -in "$work/client.key" -v2 aes256 -passout pass:$key; cat "$work/client.crt" "$work/middle.crt"; } \
  > client-encrypted.pem
openssl pkcs12 -export -in client.pem -out client-openssl.p12 -passout pass:$store -name client

# Trust
cp "$work/root.crt" trust.pem
rm -f trust.p12 trust-legacy.p12 trust-other.p12
trust() { keytool -importcert -storepass $store -alias root -noprompt "$@"; }
trust -file "$work/root.crt" -keystore trust.p12
trust -file "$work/root.crt" -keystore trust.jks -storetype JKS
trust -file "$work/root.crt" -keystore trust-legacy.p12 -J-Dkeystore.pkcs12.legacy
trust -file "$work/other.crt" -keystore trust-other.p12
openssl pkcs12 -export -nokeys -in trust.pem -out trust-openssl.p12 -passout pass:$store
keytool -genseckey -keystore nothing.jceks -storetype JCEKS -storepass $store -alias a -keyalg AES -keysize 128
rm -r "$work"
