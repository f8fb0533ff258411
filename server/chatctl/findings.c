#include "server/chatctl/findings.h"

#include "server/chatctl/show.h"

#include <inttypes.h>
#include <stdio.h>

#define LINE_BYTES_MAX (16 * 1024)

void chatctl_print_finding(void *context,
                           const struct chat__verify_finding *finding)
{
    char shown[CHATCTL_SHOWN_BYTES];

    (void)context;
    fputs(finding->check, stdout);
    if (finding->room != NULL)
        printf(": room %s", chatctl_show(shown, finding->room));
    if (finding->seq != 0)
        printf(", seq %" PRIu64, finding->seq);
    printf(": %s\n", chatctl_show(shown, finding->text));
}

void chatctl_object_begin(struct chat__writer *writer,
                          struct chat__buffer *buffer)
{
    chat__buffer_init(buffer, LINE_BYTES_MAX);
    chat__writer_init(writer, buffer);
    chat__write_object(writer, NULL);
}

void chatctl_object_print(struct chat__writer *writer)
{
    struct chat__buffer *buffer = writer->buffer;

    chat__write_object_end(writer);
    if (!buffer->failed)
        printf("%.*s\n", (int)buffer->length, buffer->data);
    chat__buffer_release(buffer);
}

void chatctl_print_finding_json(void *context,
                                const struct chat__verify_finding *finding)
{
    char shown[CHATCTL_SHOWN_BYTES];
    struct chat__buffer buffer;
    struct chat__writer writer;

    (void)context;
    chatctl_object_begin(&writer, &buffer);
    chat__write_string(&writer, "check", finding->check);
    if (finding->room != NULL)
        chat__write_string(&writer, "room", chatctl_show(shown, finding->room));
    if (finding->seq != 0)
        chat__write_uint(&writer, "seq", finding->seq);
    chat__write_string(&writer, "text", chatctl_show(shown, finding->text));
    chatctl_object_print(&writer);
}
