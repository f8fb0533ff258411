#!/bin/bash
#
# release.sh FOLDER [FILE...]: what is published of a version, in FOLDER, which
# must not have anything yet: the source with its bill of materials, recipes for
# other distributions, the FILEs (packages, an image), and SHA256SUMS of all.
#
# CHAT_SIGN_COMMAND is run with SHA256SUMS behind it, in FOLDER, such as
# "gpg --armor --detach-sign". SOURCE_DATE_EPOCH is the time of all of it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
version=$("$here/version.sh")

# A recipe has the version and the checksum of the source.
recipe() {
    sed -e "s/@VERSION@/$version/" -e "s/@SHA256@/$2/" "$here/$1.in"
}

warn_of_no_date() {
    grep -qE "^## \[$version\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$" \
        "$here/../CHANGELOG.md" ||
        echo "release.sh: CHANGELOG.md has no date for $version" >&2
}

sign() {
    [[ -n ${CHAT_SIGN_COMMAND:-} ]] || return 0
    sh -c "$CHAT_SIGN_COMMAND \"\$1\"" sh SHA256SUMS
}

release() {
    local folder=$1 archive checksum sums
    shift
    archive=$("$here/source.sh" "$folder")
    checksum=$(sha256sum "$archive" | cut -d ' ' -f 1)
    "$here/sbom.py" "$archive" "$version" >"$folder/chat-$version.spdx.json"
    recipe arch/PKGBUILD "$checksum" >"$folder/PKGBUILD"
    recipe homebrew/chat.rb "$checksum" >"$folder/chat.rb"
    "$here/rpm.sh" spec "$folder"
    (($# == 0)) || cp -- "$@" "$folder"
    cd "$folder"
    # Not straight into a file, which would be one of those that are summed.
    sums=$(find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum)
    echo "$sums" >SHA256SUMS
    sign
}

mkdir -p "$1"
[[ -z $(ls -A "$1") ]] || {
    echo "release.sh: $1 is not empty" >&2
    exit 1
}
warn_of_no_date
release "$(realpath "$1")" "${@:2}"
