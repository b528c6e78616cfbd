#!/usr/bin/env bash
# Takes LemonLDAP::NG of Debian 12 in the version below and serves its portal on 127.0.0.1:${PORT:-9404},
# in the foreground. Prints `ready http://127.0.0.1:PORT` when it accepts connections; ends on SIGTERM.
#
# Nothing is installed: the packages, with all that they need and this machine does not have, are
# downloaded by apt-get and unpacked into .debian/ beside this file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

version=2.16.1+ds-deb12u10
wanted=(
  "liblemonldap-ng-portal-perl=$version"
  "liblemonldap-ng-handler-perl=$version"
  "liblemonldap-ng-common-perl=$version"
  libio-string-perl
  libstring-random-perl
  starman
)

if [ "$(cat .debian/.version 2>/dev/null)" != "$version" ]; then
  if ! command -v apt-get >/dev/null; then
    echo "LemonLDAP::NG is taken from Debian's packages, and there is no apt-get here" >&2
    exit 1
  fi
  # The trial run says what is missing, and needs no rights.
  if ! trial=$(LC_ALL=C apt-get install --simulate --no-install-recommends "${wanted[@]}" 2>&1); then
    echo "$trial" >&2
    echo "this peer was looked at with LemonLDAP::NG $version of Debian 12; its packages cannot be had here" >&2
    echo "(run apt-get update first; where Debian has a newer version, name it in $PWD/start.sh)" >&2
    exit 1
  fi
  rm -rf .debian
  mkdir -p .debian/packages .debian/root
  (
    cd .debian/packages
    sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' <<<"$trial" | xargs apt-get download --quiet >&2
  )
  for package in .debian/packages/*.deb; do
    dpkg-deb --extract "$package" .debian/root
  done
  rm -r .debian/packages
  echo "$version" > .debian/.version
fi

root=$PWD/.debian/root
export PERL5LIB="$root/usr/share/perl5:$root$(perl -MConfig -e 'print $Config{vendorarch}')"
export PORT="${PORT:-9404}" LEMONLDAP_ROOT="$root"
exec perl server.pl
