#include "server/account/skeleton.h"

#include <stdlib.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

/* Of UTF-16: no name of CHAT__USER_NAME_BYTES_MAX grows beyond. */
#define UNITS_MAX 512

struct chat__skeletons {
    USpoofChecker *checker;
};

struct chat__skeletons *chat__skeletons_new(void)
{
    struct chat__skeletons *skeletons = calloc(1, sizeof(*skeletons));
    UErrorCode error = U_ZERO_ERROR;

    if (skeletons == NULL)
        return NULL;
    skeletons->checker = uspoof_open(&error);
    if (U_FAILURE(error)) {
        free(skeletons);
        return NULL;
    }
    return skeletons;
}

void chat__skeletons_free(struct chat__skeletons *skeletons)
{
    if (skeletons == NULL)
        return;
    uspoof_close(skeletons->checker);
    free(skeletons);
}

bool chat__skeleton(void *context, const char *name,
                    char skeleton[CHAT__SKELETON_SIZE])
{
    const struct chat__skeletons *skeletons = context;
    UErrorCode error = U_ZERO_ERROR;
    UChar units[UNITS_MAX], lower[UNITS_MAX], alike[UNITS_MAX];
    int32_t length;

    /* Lower case once more behind it: some look-alikes are capitals. */
    u_strFromUTF8(units, UNITS_MAX, &length, name, -1, &error);
    length = u_strToLower(lower, UNITS_MAX, units, length, "", &error);
    length = uspoof_getSkeleton(skeletons->checker, 0, lower, length, alike,
                                UNITS_MAX, &error);
    length = u_strToLower(lower, UNITS_MAX, alike, length, "", &error);
    u_strToUTF8(skeleton, CHAT__SKELETON_SIZE, &length, lower, length, &error);
    return U_SUCCESS(error) && length > 0 && length < CHAT__SKELETON_SIZE;
}
