#!/usr/bin/env bash
# Makes the files of this folder anew, with OpenSSL 3 and its legacy provider. Run by hand; README.md tells what they
# are. Every run makes other keys.
set -euo pipefail
cd "$(dirname "$0")"

days=36500
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A certificate authority, and a leaf below it with the key that signs in.
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/ca.key" -out ca.crt -subj "/CN=Test authority" -days $days
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out leaf.key
openssl req -new -key leaf.key -out "$work/leaf.csr" -subj "/CN=Test application"
# `ca`, since it alone takes a date of beginning: the tests must pass on a machine whose clock is behind.
touch "$work/index"
echo 02 > "$work/serial"
openssl ca -batch -notext -in "$work/leaf.csr" -cert ca.crt -keyfile "$work/ca.key" -out leaf.crt \
  -startdate 20200101000000Z -enddate 21200101000000Z -md sha256 -outdir "$work" -config <(
    printf '[ca]\ndefault_ca = test\n[test]\ndatabase = %s/index\nserial = %s/serial\n' "$work" "$work"
    printf 'policy = any\n[any]\ncommonName = supplied\n'
  )

# The same key in its other forms.
openssl rsa -in leaf.key -traditional -out leaf-pkcs1.key
openssl pkcs8 -topk8 -in leaf.key -passout pass:sesame -out leaf-encrypted.key
openssl rsa -in leaf.key -traditional -aes256 -passout pass:sesame -out leaf-pkcs1-encrypted.key

# Keys that are refused.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ec.key -out ec.crt -subj "/CN=EC" -days $days
openssl ec -in ec.key -out ec-sec1.key
openssl req -x509 -newkey ed25519 -nodes -keyout ed25519.key -out ed25519.crt -subj "/CN=Ed25519" -days $days
openssl req -x509 -newkey rsa:1024 -nodes -keyout small.key -out small.crt -subj "/CN=Small" -days $days
openssl req -x509 -newkey rsa-pss -pkeyopt rsa_keygen_bits:2048 -nodes -keyout pss.key -out pss.crt -subj "/CN=PSS" -days $days

# pfx NAME OPTION...: the leaf's key and certificate, password "sesame" unless the options say otherwise.
pfx() {
  local name=$1
  shift
  openssl pkcs12 -export -inkey leaf.key -in leaf.crt -passout pass:sesame -out "$name.pfx" "$@"
}
pfx aes
pfx legacy-rc2 -legacy
pfx legacy-3des -legacy -descert
pfx plain-certificates -certpbe NONE
pfx chain -certfile ca.crt
pfx 100000-iterations -iter 100000
pfx 1000001-iterations -iter 1000001
pfx no-certificate -nocerts
pfx no-key -nokeys
pfx empty-password -passout pass:
pfx unprotected -keypbe NONE -certpbe NONE -nomac
pfx without-mac -nomac
pfx non-ascii-password -passout pass:sésame
openssl pkcs12 -export -inkey ec.key -in ec.crt -passout pass:sesame -out ec.pfx
