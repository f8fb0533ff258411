#!/bin/sh
#
# source.sh FOLDER: the source as a release has it: FOLDER/chat-VERSION.tar.xz,
# of the files that git knows, as they are in the work tree. Writes the path on
# standard output. SOURCE_DATE_EPOCH is their time, so the same files make the
# same archive.
set -eu

cd "$(dirname "$0")/.."
folder=$1
version=$(packaging/version.sh)
archive=$folder/chat-$version.tar.xz

mkdir -p "$folder"
git ls-files -z |
    tar --create --null --files-from=- --format=gnu --mode=a=rX,u+w \
        --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
        --transform="s,^,chat-$version/,S" |
    xz --threads=1 -6 >"$archive"
echo "$archive"
