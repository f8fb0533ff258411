#!/bin/bash
#
# deb.sh source FOLDER: a Debian source package in FOLDER, of the tree as it is
# in git's files, with packaging/debian as its debian/.
# deb.sh binary FOLDER: that, and the packages that it makes.
#
# SOURCE_DATE_EPOCH is the time of all of it; DEB_BUILD_OPTIONS=nocheck leaves
# the tests out.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
version=$("$here/version.sh")
# Below Debian's own revisions, should it ever have some.
revision=0chat1
export TZ=UTC LC_ALL=C.UTF-8

# The version is meson.build's, and what is new is in CHANGELOG.md.
changelog() {
    local maintainer
    maintainer=$(sed -n 's/^Maintainer: //p' "$here/debian/control")
    cat <<END
chat ($version-$revision) unstable; urgency=medium

  * Release $version: /usr/share/doc/PACKAGE/changelog.gz says what is new.

 -- $maintainer  $(date --rfc-email --date="@$SOURCE_DATE_EPOCH")
END
}

make_source() {
    local folder=$1 archive tree=$1/unpacked/chat-$version
    rm -rf "$folder/unpacked" "$folder"/*.{buildinfo,changes,deb,dsc} \
        "$folder"/chat_*
    mkdir "$folder/unpacked"
    archive=$("$here/source.sh" "$folder")
    ln -f "$archive" "$folder/chat_$version.orig.tar.xz"
    tar --extract --directory "$folder/unpacked" --file "$archive"
    cp -r "$tree/packaging/debian" "$tree/debian"
    changelog >"$tree/debian/changelog"
    (cd "$folder" && dpkg-source --build "unpacked/chat-$version")
    rm -rf "$folder/unpacked"
}

# Out of the source package, so that nothing is used that is not in it.
make_binary() {
    local folder=$1
    make_source "$folder"
    mkdir "$folder/unpacked"
    dpkg-source --no-check --extract "$folder/chat_$version-$revision.dsc" \
        "$folder/unpacked/chat-$version"
    (cd "$folder/unpacked/chat-$version" &&
        dpkg-buildpackage --build=binary --unsigned-source --unsigned-changes)
    mv "$folder"/unpacked/*.{buildinfo,changes,deb} "$folder"
    rm -rf "$folder/unpacked"
}

mkdir -p "$2"
"make_$1" "$(realpath "$2")"
