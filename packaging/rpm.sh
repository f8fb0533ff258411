#!/bin/bash
#
# rpm.sh spec FOLDER: FOLDER/chat.spec, of the version and SOURCE_DATE_EPOCH.
# rpm.sh packages FOLDER [OPTION...]: that, the source and the packages, in
# FOLDER; options are rpmbuild's, such as --without check.
#
# What the spec asks for is not looked for: the names are Fedora's.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
version=$("$here/version.sh")
export TZ=UTC LC_ALL=C

make_spec() {
    local date
    date=$(date --date="@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')
    sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$date/" \
        "$here/rpm/chat.spec.in" >"$1/chat.spec"
}

# Times and names of machines are kept out, so that a second build is the same.
make_packages() {
    local folder=$1 top=$1/rpmbuild
    shift
    make_spec "$folder"
    rm -rf "$top"
    mkdir -p "$top"
    "$here/source.sh" "$folder" >&2
    rpmbuild -ba --nodeps \
        --define "_topdir $top" --define "_sourcedir $folder" \
        --define "_rpmdir $folder" --define "_srcrpmdir $folder" \
        --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
        --define '_buildhost localhost' \
        --define 'use_source_date_epoch_as_buildtime 1' \
        --define 'clamp_mtime_to_source_date_epoch 1' \
        "$@" "$folder/chat.spec"
    rm -rf "$top"
}

mkdir -p "$2"
"make_$1" "$(realpath "$2")" "${@:3}"
