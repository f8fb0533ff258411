/*
 * The files of the browser client, read whole at start. A request names one of
 * them or nothing: no path from outside reaches the file system.
 *
 * Only names that end in a known type are read; hidden ones are passed over.
 * `/` is /index.html. Immutable once loaded.
 */
#ifndef CHAT_SERVER_FRONT_ASSETS_H
#define CHAT_SERVER_FRONT_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#define CHAT__ASSETS_MAX       512
#define CHAT__ASSETS_BYTES_MAX (16 * 1024 * 1024)
#define CHAT__ASSETS_DEPTH_MAX 8
#define CHAT__ETAG_BYTES       40

struct chat__asset {
    char *path; /* as in a request, from the first '/' */
    const char *type;
    char etag[CHAT__ETAG_BYTES]; /* with its quotation marks */
    unsigned char *bytes;
    size_t length;
};

struct chat__assets {
    struct chat__asset *assets; /* by path */
    size_t count;
    size_t bytes;
};

/* An empty set. */
void chat__assets_init(struct chat__assets *assets);
void chat__assets_release(struct chat__assets *assets);

/*
 * Reads all of a folder. False with a sentence in `message` when it cannot be
 * read or has too much in it; release in either case.
 */
bool chat__assets_load(struct chat__assets *assets, const char *folder,
                       char *message, size_t message_size);

/* Adds a body under a path of its own, in place of a file of that name. */
bool chat__assets_add(struct chat__assets *assets, const char *path,
                      const char *type, const void *bytes, size_t length);

/* NULL when there is none. */
const struct chat__asset *chat__assets_find(const struct chat__assets *assets,
                                            const char *path, size_t length);

#endif
