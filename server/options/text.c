#include "server/options/text.h"

#include <stdio.h>
#include <string.h>

void chat__text_wrap(FILE *stream, const char *prefix, const char *text)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, " ");

        if (column > 0 && column + 1 + length > CHAT__TEXT_COLUMNS) {
            fputc('\n', stream);
            column = 0;
        }
        fprintf(stream, "%s%.*s", column == 0 ? prefix : " ", (int)length,
                text);
        column += length + (column > 0 ? 1 : 0);
        text += length;
        text += strspn(text, " ");
    }
    if (column > 0)
        fputc('\n', stream);
}

char *chat__text_of(const struct chat__option *option)
{
    char *text;
    int length = option->more == NULL
                     ? asprintf(&text, "%s.", option->help)
                     : asprintf(&text, "%s. %s", option->help, option->more);

    return length < 0 ? NULL : text;
}
