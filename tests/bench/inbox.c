#include "tests/bench/inbox.h"

#include <string.h>

void inbox_init(struct inbox *inbox, bool framed)
{
    memset(inbox, 0, sizeof(*inbox));
    inbox->framed = framed;
    chat__buffer_init(&inbox->rest, INBOX_UNIT_MAX);
}

void inbox_release(struct inbox *inbox)
{
    chat__buffer_release(&inbox->rest);
}

/* Hands over what is there, behind what was kept, and keeps the rest of it. */
static bool give(struct inbox *inbox, char *data, size_t length, bool ends,
                 const struct inbox_handler *handler, void *context,
                 size_t *unused)
{
    size_t kept = inbox->rest.length;
    ptrdiff_t used;

    if (kept > 0) {
        data -= kept;
        length += kept;
        memcpy(data, inbox->rest.data, kept);
        chat__buffer_clear(&inbox->rest);
    }
    used = handler->units(context, data, length, ends);
    if (used < 0)
        return false;
    *unused = length - (size_t)used;
    return true;
}

static bool keep(struct inbox *inbox, const char *data, size_t length)
{
    if (length > 0)
        chat__buffer_append(&inbox->rest, data, length);
    return !inbox->rest.failed;
}

/* ---- frames ---- */

/* The length of the header that begins with these two bytes or more. */
static size_t header_length(const char *data, size_t length)
{
    uint8_t size;

    if (length < 2)
        return 2;
    size = (uint8_t)data[1] & 127;
    return size == 126 ? 4 : size == 127 ? 10 : 2;
}

static uint64_t read_size(const uint8_t *header)
{
    uint64_t size = 0;
    size_t i, bytes = header[1] == 126 ? 2 : 8;

    if (header[1] < 126)
        return header[1];
    for (i = 0; i < bytes; i++)
        size = size << 8 | header[2 + i];
    return size;
}

static bool open_frame(struct inbox_frames *frames, const char *data)
{
    const uint8_t *header = (const uint8_t *)data;

    /* Neither an extension nor a mask is for a server without negotiation. */
    if ((header[0] & 0x70) != 0 || (header[1] & 0x80) != 0)
        return false;
    frames->opcode = header[0] & 15;
    frames->final = (header[0] & 0x80) != 0;
    frames->left = read_size(header);
    frames->control_length = 0;
    return frames->opcode < INBOX_CLOSE ||
           frames->left <= sizeof(frames->control);
}

static void take_control(struct inbox *inbox, const char *data, size_t length,
                         const struct inbox_handler *handler, void *context)
{
    struct inbox_frames *frames = &inbox->frames;

    memcpy(frames->control + frames->control_length, data, length);
    frames->control_length = (uint8_t)(frames->control_length + length);
    if (frames->left == 0)
        handler->control(context, frames->opcode, frames->control,
                         frames->control_length);
}

/* Some of a frame's payload; `left` counts what comes after it. */
static bool take_payload(struct inbox *inbox, char *data, size_t length,
                         const struct inbox_handler *handler, void *context)
{
    struct inbox_frames *frames = &inbox->frames;
    size_t unused;

    if (frames->opcode >= INBOX_CLOSE) {
        take_control(inbox, data, length, handler, context);
        return true;
    }
    return give(inbox, data, length, frames->left == 0 && frames->final,
                handler, context, &unused) &&
           keep(inbox, data + length - unused, unused);
}

static bool receive_frames(struct inbox *inbox, char *at, char *end,
                           const struct inbox_handler *handler, void *context)
{
    struct inbox_frames *frames = &inbox->frames;
    size_t length;

    at -= frames->header_length;
    memcpy(at, frames->header, frames->header_length);
    frames->header_length = 0;
    while (at < end) {
        if (frames->left == 0) {
            length = header_length(at, (size_t)(end - at));
            if (length > (size_t)(end - at)) {
                frames->header_length = (uint8_t)(end - at);
                memcpy(frames->header, at, frames->header_length);
                return true;
            }
            if (!open_frame(frames, at))
                return false;
            at += length;
        }
        length = (size_t)(end - at) < frames->left ? (size_t)(end - at)
                                                   : (size_t)frames->left;
        frames->left -= length;
        if (length == 0 && frames->left > 0)
            return true;
        if (!take_payload(inbox, at, length, handler, context))
            return false;
        at += length;
    }
    return true;
}

bool inbox_receive(struct inbox *inbox, char *area, size_t length,
                   const struct inbox_handler *handler, void *context)
{
    size_t unused = length;

    if (!inbox->framed) {
        if (!give(inbox, area, length, false, handler, context, &unused))
            return false;
        if (!inbox->framed)
            return keep(inbox, area + length - unused, unused);
        /* What follows the answer to an upgrade. */
        area = area + length - unused;
    }
    return receive_frames(inbox, area, area + unused, handler, context);
}
