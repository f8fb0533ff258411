#!/bin/sh
#
# unpack.sh FOLDER ARCHITECTURE PACKAGE...: these packages of Debian 12 and what
# they depend on, unpacked below FOLDER, with dpkg's records of them; without
# PACKAGE those of packages.txt. apt checks signatures. No script of a package
# runs, so this takes neither root nor a chroot, and any architecture.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$1 architecture=$2
shift 2
packages=${*:-$(sed 's/#.*//' "$here/packages.txt" | xargs)}

exec mmdebstrap --quiet --variant=extract --mode=chrootless \
    --architectures="$architecture" --skip=check/chrootless \
    --include="$(echo "$packages" | tr ' ' ',')" \
    --extract-hook="'$here/record.sh' \"\$1\"" bookworm "$folder"
