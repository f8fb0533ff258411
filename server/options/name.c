#include "server/options/table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A name with more wrong than one letter in so many was meant otherwise. */
#define LETTERS_PER_MISTAKE 3

const struct chat__option *chat__option_find(const char *name, size_t length)
{
    for (size_t i = 0; i < chat__option_count; i++)
        if (strlen(chat__option_table[i].name) == length &&
            memcmp(chat__option_table[i].name, name, length) == 0)
            return &chat__option_table[i];
    return NULL;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/*
 * How many letters must be put in, taken out, changed, or swapped with their
 * neighbour to make one name of the other: the distance of Damerau and
 * Levenshtein, no letter being touched twice. Both are shorter than
 * CHAT__OPTION_NAME_BYTES.
 */
static size_t distance(const char *a, size_t a_length, const char *b,
                       size_t b_length)
{
    /* The last row is for the first i letters of a, those before for fewer. */
    size_t rows[3][CHAT__OPTION_NAME_BYTES] = {0};

    for (size_t j = 0; j <= b_length; j++)
        rows[2][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        memmove(rows[0], rows[1], 2 * sizeof *rows);
        rows[2][0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            rows[2][j] =
                smallest(rows[1][j] + 1, rows[2][j - 1] + 1,
                         rows[1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1] && rows[0][j - 2] + 1 < rows[2][j])
                rows[2][j] = rows[0][j - 2] + 1;
        }
    }
    return rows[2][b_length];
}

const struct chat__option *chat__option_nearest(const char *name, size_t length)
{
    const struct chat__option *nearest = NULL;
    size_t least = length / LETTERS_PER_MISTAKE + 1;

    if (length >= CHAT__OPTION_NAME_BYTES)
        return NULL;
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];
        size_t found =
            distance(name, length, option->name, strlen(option->name));

        if (found < least) {
            least = found;
            nearest = option;
        }
    }
    return nearest;
}

void chat__option_variable(const struct chat__option *option,
                           char variable[CHAT__OPTION_NAME_BYTES])
{
    variable[0] = '\0';
    if (option->kind == CHAT__OPTION_COMMAND)
        return;
    snprintf(variable, CHAT__OPTION_NAME_BYTES,
             CHAT__OPTION_VARIABLE_PREFIX "%s", option->name);
    for (char *at = variable; *at != '\0'; at++)
        *at = (char)(*at == '-' ? '_' : toupper((unsigned char)*at));
}

bool chat__option_in_file(const struct chat__option *option)
{
    return option->kind != CHAT__OPTION_COMMAND &&
           option->kind != CHAT__OPTION_CONFIG;
}
