/*
 * A client frame. What the server accepts is encoded and parsed again: it is
 * the same request, and its bytes do not change any more.
 */
#include "tests/fuzz/fuzz.h"

#include "protocol/request.h"
#include "tests/protocol/same_tree.h"

#include <string.h>

#define BYTES_MAX (256 * 1024)

/* Parses and encodes; false when the bytes are refused. */
static bool encode_again(const char *bytes, size_t length,
                         struct chat__buffer *encoded)
{
    struct chat__request request;
    struct chat__error error = {0};
    bool parsed = chat__request_parse(&request, bytes, length, &error);

    if (parsed) {
        FUZZ_CHECK(is_tree_of(request.json, bytes, length));
        chat__request_encode(&request, encoded);
    } else {
        FUZZ_CHECK(error.code != CHAT__ERROR_NONE && error.message[0] != '\0');
    }
    chat__request_release(&request);
    return parsed;
}

static void check_stable(const struct chat__buffer *first)
{
    struct chat__buffer second;

    chat__buffer_init(&second, BYTES_MAX);
    FUZZ_CHECK(encode_again(first->data, first->length, &second));
    FUZZ_CHECK(second.length == first->length);
    FUZZ_CHECK(memcmp(second.data, first->data, first->length) == 0);
    chat__buffer_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chat__buffer encoded;

    chat__buffer_init(&encoded, BYTES_MAX);
    /* Integers written as 1e15 grow, maybe past what a frame holds. */
    if (encode_again((const char *)data, size, &encoded) &&
        encoded.length <= CHAT__FRAME_BYTES_MAX)
        check_stable(&encoded);
    FUZZ_CHECK(!encoded.failed);
    chat__buffer_release(&encoded);
    return 0;
}
