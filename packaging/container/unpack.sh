#!/bin/sh
#
# unpack.sh FOLDER: the packages of packages.txt and what they depend on,
# unpacked below FOLDER, with dpkg's records of them. apt checks signatures. No
# script of a package runs, so this takes neither root nor a chroot.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
packages=$(sed 's/#.*//' "$here/packages.txt" | xargs | tr ' ' ',')

exec mmdebstrap --quiet --variant=extract --mode=chrootless \
    --skip=check/chrootless --include="$packages" \
    --extract-hook="'$here/record.sh' \"\$1\"" bookworm "$1"
