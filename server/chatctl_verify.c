/* chatctl verify: prints what the checks find, as lines or as JSON. */
#include "server/chatctl.h"

#include "protocol/writer.h"
#include "server/verify/verify.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A byte becomes four at most. */
#define SHOWN_BYTES (4 * CHAT__VERIFY_TEXT_BYTES + 1)

#define LINE_BYTES_MAX (16 * 1024)

/*
 * Printable ASCII as it is, other bytes as \xNN: what a damaged or hostile
 * file holds must not reach a terminal. What does not fit is cut.
 */
static const char *show(char shown[SHOWN_BYTES], const char *text)
{
    size_t length = 0;

    for (; *text != '\0' && length + 5 <= SHOWN_BYTES; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte >= ' ' && byte <= '~' && byte != '\\')
            shown[length++] = (char)byte;
        else
            length += (size_t)snprintf(shown + length, SHOWN_BYTES - length,
                                       "\\x%02x", byte);
    }
    shown[length] = '\0';
    return shown;
}

/* ---- lines for people ---- */

static void print_finding(void *context,
                          const struct chat__verify_finding *finding)
{
    char shown[SHOWN_BYTES];

    (void)context;
    fputs(finding->check, stdout);
    if (finding->room != NULL)
        printf(": room %s", show(shown, finding->room));
    if (finding->seq != 0)
        printf(", seq %" PRIu64, finding->seq);
    printf(": %s\n", show(shown, finding->text));
}

static void print_summary(const char *path,
                          const struct chat__verify_counts *counts)
{
    char shown[SHOWN_BYTES];

    printf("%s: ", show(shown, path));
    if (counts->findings == 0)
        fputs("sound", stdout);
    else
        printf("%" PRIu64 " finding%s", counts->findings,
               counts->findings == 1 ? "" : "s");
    printf("; %" PRIu64 " rooms, %" PRIu64 " entries, %" PRIu64 " users\n",
           counts->rooms, counts->entries, counts->users);
}

/* ---- one JSON object a line ---- */

static void print_object(struct chat__writer *writer)
{
    struct chat__buffer *buffer = writer->buffer;

    chat__write_object_end(writer);
    if (!buffer->failed)
        printf("%.*s\n", (int)buffer->length, buffer->data);
    chat__buffer_release(buffer);
}

static void print_finding_json(void *context,
                               const struct chat__verify_finding *finding)
{
    char shown[SHOWN_BYTES];
    struct chat__buffer buffer;
    struct chat__writer writer;

    (void)context;
    chat__buffer_init(&buffer, LINE_BYTES_MAX);
    chat__writer_init(&writer, &buffer);
    chat__write_object(&writer, NULL);
    chat__write_string(&writer, "check", finding->check);
    if (finding->room != NULL)
        chat__write_string(&writer, "room", show(shown, finding->room));
    if (finding->seq != 0)
        chat__write_uint(&writer, "seq", finding->seq);
    chat__write_string(&writer, "text", show(shown, finding->text));
    print_object(&writer);
}

static void print_summary_json(const char *path,
                               const struct chat__verify_counts *counts)
{
    char shown[SHOWN_BYTES];
    struct chat__buffer buffer;
    struct chat__writer writer;

    chat__buffer_init(&buffer, LINE_BYTES_MAX);
    chat__writer_init(&writer, &buffer);
    chat__write_object(&writer, NULL);
    chat__write_string(&writer, "file", show(shown, path));
    chat__write_bool(&writer, "sound", counts->findings == 0);
    chat__write_uint(&writer, "findings", counts->findings);
    chat__write_uint(&writer, "rooms", counts->rooms);
    chat__write_uint(&writer, "entries", counts->entries);
    chat__write_uint(&writer, "users", counts->users);
    print_object(&writer);
}

/* ---- the command ---- */

static int refuse(const char *path, const char *reason)
{
    char shown_path[SHOWN_BYTES];
    char shown_reason[SHOWN_BYTES];

    fprintf(stderr, "chatctl: cannot check %s: %s\n", show(shown_path, path),
            show(shown_reason, reason));
    return CHATCTL_FAILED;
}

static int verify(const char *path, bool json)
{
    const struct chat__verify_options options = {
        .path = path,
        .report = json ? print_finding_json : print_finding,
    };
    struct chat__verify_counts counts;
    char message[CHAT__VERIFY_TEXT_BYTES];
    enum chat__verify_result result =
        chat__verify_file(&options, &counts, message, sizeof(message));

    if (result == CHAT__VERIFY_UNREADABLE)
        return refuse(path, message);
    if (json)
        print_summary_json(path, &counts);
    else
        print_summary(path, &counts);
    if (fflush(stdout) != 0)
        return refuse(path, "its findings cannot be written");
    return result == CHAT__VERIFY_SOUND ? CHATCTL_OK : CHATCTL_FINDINGS;
}

int chatctl_verify(int argc, char **argv)
{
    bool json = argc > 0 && strcmp(argv[0], "--json") == 0;
    const char *path = argc == 1 + json ? argv[json] : NULL;

    if (path == NULL || strncmp(path, "--", 2) == 0) {
        fputs("usage: chatctl verify [--json] FILE\n", stderr);
        return CHATCTL_FAILED;
    }
    return verify(path, json);
}
