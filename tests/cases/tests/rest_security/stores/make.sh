#!/bin/sh
# Makes the stores beside it afresh: a client that signs itself, and an old store of Java that trusts it. For tests only: the
# passwords stand here. keytool of JDK 17 and openssl 3 are needed.
#
# Its key is RSA: what keytool writes of an elliptic curve's key lacks the public half, and the tests' own HTTP client
# wants it.
set -eu
cd "$(dirname "$0")"
rm -f known.p12 known.pem known.jks
pass=store-secret-1
keytool -genkeypair -keystore known.p12 -storepass $pass -alias known -dname CN=known -keyalg RSA -keysize 2048 \
  -validity 36500
openssl pkcs12 -in known.p12 -passin pass:$pass -nodes -out known.pem
keytool -exportcert -keystore known.p12 -storepass $pass -alias known -rfc -file known.crt
keytool -importcert -noprompt -alias known -file known.crt -keystore known.jks -storepass $pass -storetype JKS
rm known.p12 known.crt
