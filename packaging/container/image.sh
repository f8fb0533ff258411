#!/bin/sh
#
# image.sh TREE.tar IMAGE.tar VERSION REVISION ARCHITECTURE: an OCI image of a tree
# that tree.py made, with the configuration that Dockerfile has below its COPY. No
# daemon, no namespace, nothing left in the storage of the user. Writes the
# image's digest on standard output.
#
# SOURCE_DATE_EPOCH is the time of all that has one, so the same tree makes the
# same digest.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$1 image=$2 version=$3 revision=$4 architecture=$5
created=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

in_storage() {
    verb=$1
    shift
    buildah --root "$work/storage" --runroot "$work/run" \
        --storage-driver vfs "$verb" "$@"
}

mkdir "$work/context"
cp "$tree" "$work/context/tree.tar"
{
    echo 'FROM scratch'
    echo 'ADD tree.tar /'
    sed '1,/^COPY --from=tree/d' "$here/Dockerfile"
} >"$work/Dockerfile"
in_storage bud --quiet --arch "$architecture" --isolation chroot \
    --timestamp "$SOURCE_DATE_EPOCH" --format oci --identity-label=false \
    --build-arg VERSION="$version" --build-arg REVISION="$revision" \
    --build-arg CREATED="$created" \
    --file "$work/Dockerfile" --tag "chatd:$version" "$work/context" >&2
rm -f "$image"
in_storage push --quiet --digestfile "$work/digest" "chatd:$version" \
    "oci-archive:$image:chatd:$version" >&2
cat "$work/digest"
echo
