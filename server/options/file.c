/* The file of --config. inih reads it; what it passes over is told as well. */
#include "server/options/private.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

/* inih cuts longer lines in two, so they are refused. */
#define LINE_BYTES 200

static const char byte_order_mark[] = "\xEF\xBB\xBF";

struct reader {
    struct chat__options *options;
    struct chat__problems *problems;
    const char *path;
    FILE *file;
    int line;
    char first;      /* of the line, without blanks; '\0': none, or a comment */
    bool understood; /* inih has found a name and a value in it */
    int lines[CHAT__OPTIONS_MAX]; /* where each option stood first; 0: not */
    int error;                    /* why it could not be read on */
};

/* What came of the line before the next one. */
static void end_line(struct reader *reader)
{
    char first = reader->first;

    reader->first = '\0';
    if (first == '\0' || reader->understood)
        return;
    chat__problems_add(reader->problems, "%s:%d: %s", reader->path,
                       reader->line,
                       first == '[' ? "sections such as [this] have no meaning"
                                    : "this is no `name = value`");
}

/* The first byte that counts. */
static char first_of(const struct reader *reader, const char *line)
{
    if (reader->line == 1 &&
        strncmp(line, byte_order_mark, sizeof byte_order_mark - 1) == 0)
        line += sizeof byte_order_mark - 1;
    line += strspn(line, " \t\r\n\v\f");
    return (char)(*line == ';' || *line == '#' ? '\0' : *line);
}

static void skip_rest(FILE *file)
{
    int byte;

    do
        byte = getc(file);
    while (byte != EOF && byte != '\n');
}

/* For inih, in fgets' place. */
static char *read_line(char *buffer, int size, void *context)
{
    struct reader *reader = context;
    size_t length;

    end_line(reader);
    reader->understood = false;
    if (fgets(buffer, size, reader->file) == NULL) {
        reader->error = ferror(reader->file) != 0 ? errno : 0;
        return NULL;
    }
    reader->line++;
    length = strlen(buffer);
    if ((length == 0 || buffer[length - 1] != '\n') && !feof(reader->file)) {
        chat__problems_add(reader->problems,
                           "%s:%d: the line is longer than %d bytes",
                           reader->path, reader->line, LINE_BYTES - 2);
        skip_rest(reader->file);
        buffer[0] = '\0';
    }
    reader->first = first_of(reader, buffer);
    return buffer;
}

/* The next line of a list joins what stood before. */
static void join(struct reader *reader, char **text, const char *value)
{
    char *joined;

    if (asprintf(&joined, "%s,%s", *text, value) < 0) {
        chat__problems_add(reader->problems, "out of memory");
        return;
    }
    free(*text);
    *text = joined;
}

static void take(struct reader *reader, const struct chat__option *option,
                 const char *value)
{
    struct chat__option_said *said = chat__option_said(reader->options, option);
    int *line = &reader->lines[option - chat__option_table];

    if (*line != 0 && option->kind != CHAT__OPTION_LIST) {
        chat__problems_add(reader->problems,
                           "%s:%d: %s: stands there twice, first in line %d",
                           reader->path, reader->line, option->name, *line);
    } else if (*line != 0 && said->source == CHAT__SOURCE_FILE) {
        join(reader, &said->text, value);
    } else if (said->text == NULL) {
        chat__option_say(reader->options, option, value, CHAT__SOURCE_FILE,
                         reader->problems);
        said->line = reader->line;
    }
    if (*line == 0)
        *line = reader->line;
}

/* For inih: 1 says that it may go on. */
static int on_value(void *context, const char *section, const char *name,
                    const char *value)
{
    struct reader *reader = context;
    const struct chat__option *option = chat__option_find(name, strlen(name));
    char *begin;

    (void)section;
    reader->understood = true;
    if (option != NULL && chat__option_in_file(option)) {
        take(reader, option, value);
        return 1;
    }
    if (asprintf(&begin, "%s:%d: unknown option", reader->path, reader->line) <
        0) {
        chat__problems_add(reader->problems, "out of memory");
        return 1;
    }
    chat__option_unknown(reader->problems, begin, "", name, strlen(name));
    free(begin);
    return 1;
}

void chat__options_read_file(struct chat__options *options,
                             struct chat__problems *problems)
{
    struct reader reader = {.options = options,
                            .problems = problems,
                            .path = chat__options_file(options)};

    if (reader.path == NULL)
        return;
    reader.file = fopen(reader.path, "re");
    if (reader.file == NULL) {
        chat__problems_add(problems, "%s: cannot be read: %s", reader.path,
                           strerror(errno));
        return;
    }
    if (ini_parse_stream(read_line, &reader, on_value, &reader) < 0)
        chat__problems_add(problems, "out of memory");
    end_line(&reader);
    if (reader.error != 0)
        chat__problems_add(problems, "%s: cannot be read: %s", reader.path,
                           strerror(reader.error));
    fclose(reader.file);
}
