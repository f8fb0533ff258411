#include "tests/bench/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define REPORT_BYTES 4096

/* Kept until it is whole: a run that fails prints nothing. */
static char report[REPORT_BYTES];
static size_t length;

__attribute__((format(printf, 1, 2))) static void append(const char *format,
                                                         ...)
{
    va_list arguments;
    int added;

    va_start(arguments, format);
    added =
        vsnprintf(report + length, REPORT_BYTES - length, format, arguments);
    va_end(arguments);
    if (added > 0 && (size_t)added < REPORT_BYTES - length)
        length += (size_t)added;
}

static void name_member(const char *name)
{
    append("%c\"%s\":", length == 0 ? '{' : ',', name);
}

void report_begin(void)
{
    length = 0;
}

void report_text(const char *name, const char *text)
{
    name_member(name);
    append("\"%s\"", text);
}

void report_count(const char *name, uint64_t count)
{
    name_member(name);
    append("%" PRIu64, count);
}

void report_number(const char *name, double number)
{
    name_member(name);
    append("%.6g", number);
}

void report_end(void)
{
    append("}");
    puts(report);
    fflush(stdout);
}
