#!/bin/sh
#
# cross.sh FOLDER ARCHITECTURE PACKAGE...: what chatd is compiled with for a
# processor that this machine does not have: these packages of Debian's, unpacked
# in FOLDER/sysroot, and FOLDER/cross.ini for meson. Nothing of them is run, so no
# emulator is needed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$1 architecture=$2
shift 2
triplet=$(dpkg-architecture -a"$architecture" -qDEB_HOST_GNU_TYPE 2>/dev/null)
cpu=$(dpkg-architecture -a"$architecture" -qDEB_HOST_GNU_CPU 2>/dev/null)

rm -rf "$folder/sysroot"
mkdir -p "$folder"
sysroot=$(cd "$folder" && pwd)/sysroot
"$here/unpack.sh" "$sysroot" "$architecture" libc6-dev "$@"

cat >"$folder/cross.ini" <<END
[binaries]
c = '$triplet-gcc'
ar = '$triplet-gcc-ar'
strip = '$triplet-strip'
pkgconfig = 'pkg-config'

[host_machine]
system = 'linux'
cpu_family = '$cpu'
cpu = '$cpu'
endian = 'little'

[properties]
sys_root = '$sysroot'
pkg_config_libdir = '$sysroot/usr/lib/$triplet/pkgconfig:$sysroot/usr/share/pkgconfig'

[built-in options]
c_args = ['--sysroot=$sysroot']
c_link_args = ['--sysroot=$sysroot']
END
