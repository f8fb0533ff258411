#!/bin/sh
#
# version.sh: the version on standard output; meson.build is where it is said.
set -eu

sed -n "s/^  version: '\(.*\)',/\1/p" "$(dirname "$0")/../meson.build"
