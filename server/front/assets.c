#include "server/front/assets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ETAG_DIGEST_BYTES 16 /* of the SHA-256 */

static const struct {
    const char *suffix;
    const char *type;
} types[] = {
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
    {".woff2", "font/woff2"},
};

static const char *type_of(const char *name)
{
    const char *suffix = strrchr(name, '.');

    for (size_t i = 0; suffix != NULL && i < sizeof types / sizeof *types; i++)
        if (strcmp(suffix, types[i].suffix) == 0)
            return types[i].type;
    return NULL;
}

void chat__assets_init(struct chat__assets *assets)
{
    *assets = (struct chat__assets){0};
}

static void release_asset(struct chat__asset *asset)
{
    free(asset->path);
    free(asset->bytes);
}

void chat__assets_release(struct chat__assets *assets)
{
    for (size_t i = 0; i < assets->count; i++)
        release_asset(&assets->assets[i]);
    free(assets->assets);
    chat__assets_init(assets);
}

static bool make_etag(struct chat__asset *asset)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char *at = asset->etag;

    if (EVP_Digest(asset->bytes, asset->length, digest, NULL, EVP_sha256(),
                   NULL) != 1)
        return false;
    *at++ = '"';
    for (size_t i = 0; i < ETAG_DIGEST_BYTES; i++)
        at += snprintf(at, 3, "%02x", digest[i]);
    *at++ = '"';
    *at = '\0';
    return true;
}

/* Where `path` is, or where it belongs. */
static size_t place_of(const struct chat__assets *assets, const char *path,
                       size_t length, bool *found)
{
    size_t low = 0, high = assets->count;

    *found = false;
    while (low < high && !*found) {
        size_t middle = low + (high - low) / 2;
        const char *other = assets->assets[middle].path;
        int order = strncmp(path, other, length);

        if (order == 0 && other[length] != '\0')
            order = -1;
        if (order == 0)
            *found = true;
        if (order <= 0)
            high = middle;
        else
            low = middle + 1;
    }
    return high;
}

/* Takes the bytes, whatever comes of it. */
static bool insert(struct chat__assets *assets, const char *path,
                   const char *type, unsigned char *bytes, size_t length)
{
    struct chat__asset asset = {
        .path = strdup(path), .type = type, .bytes = bytes, .length = length};
    struct chat__asset *grown;
    bool found;
    size_t place = place_of(assets, path, strlen(path), &found);

    if (asset.path == NULL || bytes == NULL || !make_etag(&asset))
        goto fail;
    if (found) {
        assets->bytes -= assets->assets[place].length;
        release_asset(&assets->assets[place]);
    } else {
        grown = realloc(assets->assets, (assets->count + 1) * sizeof *grown);
        if (grown == NULL)
            goto fail;
        assets->assets = grown;
        memmove(grown + place + 1, grown + place,
                (assets->count - place) * sizeof *grown);
        assets->count++;
    }
    assets->assets[place] = asset;
    assets->bytes += length;
    return true;
fail:
    release_asset(&asset);
    return false;
}

bool chat__assets_add(struct chat__assets *assets, const char *path,
                      const char *type, const void *bytes, size_t length)
{
    unsigned char *copy = malloc(length > 0 ? length : 1);

    if (copy != NULL)
        memcpy(copy, bytes, length);
    return insert(assets, path, type, copy, length);
}

const struct chat__asset *chat__assets_find(const struct chat__assets *assets,
                                            const char *path, size_t length)
{
    static const char index[] = "/index.html";
    bool found;
    size_t place;

    if (length == 1 && *path == '/') {
        path = index;
        length = sizeof index - 1;
    }
    if (memchr(path, '\0', length) != NULL)
        return NULL;
    place = place_of(assets, path, length, &found);
    return found ? &assets->assets[place] : NULL;
}

/* What a walk through a folder needs to know. */
struct loader {
    struct chat__assets *assets;
    char *message;
    size_t message_size;
};

static bool fail(struct loader *loader, const char *path, const char *reason)
{
    snprintf(loader->message, loader->message_size, "%s: %s",
             *path == '\0' ? "/" : path, reason);
    return false;
}

/* The whole of an open file of `length` bytes; NULL with errno set. */
static unsigned char *read_all(int file, size_t length)
{
    unsigned char *bytes = malloc(length > 0 ? length : 1);
    size_t done = 0;

    while (bytes != NULL && done < length) {
        ssize_t count = read(file, bytes + done, length - done);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            errno = count == 0 ? EIO : errno;
            free(bytes);
            return NULL;
        }
        done += (size_t)count;
    }
    return bytes;
}

static bool load_file(struct loader *loader, int file, const char *path,
                      size_t length)
{
    struct chat__assets *assets = loader->assets;
    const char *type = type_of(path);
    unsigned char *bytes;

    if (type == NULL)
        return true;
    if (assets->count >= CHAT__ASSETS_MAX ||
        length > CHAT__ASSETS_BYTES_MAX - assets->bytes)
        return fail(loader, path, "the folder has more than a web page needs");
    bytes = read_all(file, length);
    if (bytes == NULL)
        return fail(loader, path, strerror(errno));
    return insert(assets, path, type, bytes, length) ||
           fail(loader, path, "out of memory");
}

static bool load_folder(struct loader *loader, int folder, const char *path,
                        unsigned int depth);

/* A file or folder of any kind; closes `file`. */
static bool load_entry(struct loader *loader, int file, const char *path,
                       unsigned int depth)
{
    struct stat status;
    bool loaded = true;

    if (file < 0 || fstat(file, &status) != 0)
        loaded = fail(loader, path, strerror(errno));
    else if (S_ISDIR(status.st_mode))
        return load_folder(loader, file, path, depth + 1);
    else if (S_ISREG(status.st_mode))
        loaded = load_file(loader, file, path, (size_t)status.st_size);
    if (file >= 0)
        close(file);
    return loaded;
}

/* Closes `folder`. */
static bool load_folder(struct loader *loader, int folder, const char *path,
                        unsigned int depth)
{
    DIR *entries = depth <= CHAT__ASSETS_DEPTH_MAX ? fdopendir(folder) : NULL;
    const struct dirent *entry;
    char inner[PATH_MAX];
    bool loaded = true;

    if (entries == NULL) {
        close(folder);
        return fail(loader, path, "cannot be listed, or is too deep");
    }
    while (loaded && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >=
            (int)sizeof inner)
            loaded = fail(loader, path, "a name is too long");
        else
            loaded = load_entry(loader,
                                openat(folder, entry->d_name,
                                       O_RDONLY | O_CLOEXEC | O_NONBLOCK),
                                inner, depth);
    }
    closedir(entries);
    return loaded;
}

bool chat__assets_load(struct chat__assets *assets, const char *folder,
                       char *message, size_t message_size)
{
    struct loader loader = {assets, message, message_size};
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (root < 0) {
        snprintf(message, message_size, "%s: %s", folder, strerror(errno));
        return false;
    }
    return load_folder(&loader, root, "", 0);
}
