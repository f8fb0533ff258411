#include "ini/ini_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

/* inih's buffer has 200; what does not fit is refused. */
static const char too_long[] = "the line is longer than 198 bytes";

static const char byte_order_mark[] = "\xEF\xBB\xBF";

struct reader {
    const struct chat__ini_visitor *visitor;
    FILE *file;
    int line;
    char first;      /* of the line, without blanks; '\0': none, or a comment */
    bool understood; /* inih has found a name and a value in it */
    int error;       /* why it could not be read on */
};

static void tell(const struct reader *reader, const char *what)
{
    reader->visitor->problem(reader->visitor->context, reader->line, what);
}

/* What came of the line before the next one. */
static void end_line(struct reader *reader)
{
    char first = reader->first;

    reader->first = '\0';
    if (first == '\0' || reader->understood)
        return;
    tell(reader, first == '[' ? "sections such as [this] have no meaning"
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
        tell(reader, too_long);
        skip_rest(reader->file);
        buffer[0] = '\0';
    }
    reader->first = first_of(reader, buffer);
    return buffer;
}

/* For inih: 1 says that it may go on. */
static int on_value(void *context, const char *section, const char *name,
                    const char *value)
{
    struct reader *reader = context;

    (void)section;
    reader->understood = true;
    reader->visitor->value(reader->visitor->context, reader->line, name, value);
    return 1;
}

bool chat__ini_read(const char *path, const struct chat__ini_visitor *visitor)
{
    struct reader reader = {.visitor = visitor, .file = fopen(path, "re")};

    if (reader.file == NULL)
        return false;
    if (ini_parse_stream(read_line, &reader, on_value, &reader) < 0)
        reader.error = ENOMEM;
    end_line(&reader);
    fclose(reader.file);
    errno = reader.error;
    return reader.error == 0;
}
