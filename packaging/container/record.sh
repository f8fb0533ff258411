#!/bin/sh
#
# record.sh FOLDER: a hook of mmdebstrap's, which unpacks but does not install:
# writes dpkg's status and lists of files for the packages that are in FOLDER.
set -eu

cd "$1"
mkdir -p var/lib/dpkg/info
: >var/lib/dpkg/status
for package in var/cache/apt/archives/*.deb; do
    name=$(dpkg-deb --field "$package" Package)
    {
        dpkg-deb --field "$package"
        printf 'Status: install ok unpacked\n\n'
    } >>var/lib/dpkg/status
    dpkg-deb --fsys-tarfile "$package" | tar --list |
        sed 's|^\.||' >"var/lib/dpkg/info/$name.list"
done
