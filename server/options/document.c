/*
 * Runs when chatd is built and writes to standard output what documents say of
 * options:
 *
 *     options_document example       chatd.conf.example
 *     options_document rows          what shells complete, as
 *                                    packaging/completion/rows.py reads it
 *     options_document page FILE     a manual page (scdoc), in which the lines
 *                                    @OPTIONS@, @NAMES@ and @RELOADS@ are
 *                                    replaced
 */
#include "server/options/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- the example file ---- */

static void write_example_option(const struct chat__option *option, char *text)
{
    const char *value = option->standard;

    fputc('\n', stdout);
    chat__text_wrap(stdout, "# ", text);
    if (option->reloads)
        puts("# May change by a reload.");
    if (value == NULL)
        value = option->example;
    printf("#%s = %s\n", option->name, value);
}

static bool write_example(void)
{
    enum chat__option_group group = CHAT__GROUPS;

    puts("# Options of chatd; chatd.conf(5) tells of the form. A line that\n"
         "# begins with # and a name has the default, or an example where the\n"
         "# default is none: without the # the option is set.");
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];
        char *text = chat__text_of(option);

        if (text == NULL)
            return false;
        if (chat__option_in_file(option)) {
            if (option->group != group)
                printf("\n\n# ---- %s ----\n",
                       chat__option_group_titles[option->group]);
            group = option->group;
            write_example_option(option, text);
        }
        free(text);
    }
    return true;
}

/* ---- completion ---- */

static bool write_rows(void)
{
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];

        printf("option\t--%s\t%s\t%s\n", option->name,
               option->placeholder == NULL ? "" : option->placeholder,
               option->help);
    }
    return true;
}

/* ---- manual pages ---- */

/* What scdoc would take for its own. */
static void write_escaped(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (strchr("*_\\", text[i]) != NULL)
            putchar('\\');
        putchar(text[i]);
    }
}

/* How much of the word is `--option`, or "page" of "page(8)"; 0: neither. */
static size_t bold_part(const char *word, size_t length)
{
    size_t name = 0;

    while (name < length && (isalnum((unsigned char)word[name]) != 0 ||
                             strchr("-.", word[name]) != NULL))
        name++;
    if (strncmp(word, "--", 2) == 0) {
        while (name > 0 && word[name - 1] == '.')
            name--;
        return name;
    }
    return name > 0 && length >= name + 3 && word[name] == '(' &&
                   isdigit((unsigned char)word[name + 1]) != 0 &&
                   word[name + 2] == ')'
               ? name
               : 0;
}

/* The placeholder, or 0. */
static size_t underlined_part(const char *word, size_t length,
                              const char *placeholder)
{
    size_t name = 0;

    if (placeholder == NULL)
        return 0;
    while (name < length && isupper((unsigned char)word[name]) != 0)
        name++;
    return name == strlen(placeholder) && memcmp(word, placeholder, name) == 0
               ? name
               : 0;
}

static void write_word(const char *word, size_t length, const char *placeholder)
{
    size_t bold = bold_part(word, length);
    size_t underlined = underlined_part(word, length, placeholder);

    if (bold > 0)
        printf("*%.*s*", (int)bold, word);
    else if (underlined > 0)
        printf("_%.*s_", (int)underlined, word);
    write_escaped(word + bold + underlined, length - bold - underlined);
}

static void write_words(const char *text, const char *placeholder)
{
    while (*text != '\0') {
        size_t length = strcspn(text, " ");

        write_word(text, length, placeholder);
        text += length;
        if (*text == ' ')
            putchar(*text++);
    }
}

/* ... of a paragraph, which is one line for scdoc. */
static bool write_page_option(const struct chat__option *option)
{
    char *text = chat__text_of(option);

    if (text == NULL)
        return false;
    printf("*--%s*", option->name);
    if (option->placeholder != NULL)
        printf(" _%s_", option->placeholder);
    fputs("\n\t", stdout);
    write_words(text, option->placeholder);
    if (option->standard != NULL) {
        fputs(" Default: ", stdout);
        write_escaped(option->standard, strlen(option->standard));
        putchar('.');
    }
    puts(option->reloads ? " May change by a reload.\n" : "\n");
    free(text);
    return true;
}

static bool write_options(void)
{
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];

        if (i == 0 || option[-1].group != option->group)
            printf("## %s\n\n", chat__option_group_titles[option->group]);
        if (!write_page_option(option))
            return false;
    }
    return true;
}

static bool is_reloaded(const struct chat__option *option)
{
    return option->reloads;
}

static void write_names(bool (*wanted)(const struct chat__option *option))
{
    const char *before = "";

    for (size_t i = 0; i < chat__option_count; i++) {
        if (!wanted(&chat__option_table[i]))
            continue;
        printf("%s*%s*", before, chat__option_table[i].name);
        before = ", ";
    }
    putchar('\n');
}

/* A line may be indented, as part of a list. */
static bool write_page_line(const char *line)
{
    size_t indent = strspn(line, "\t");
    const char *text = line + indent;

    if (strcmp(text, "@OPTIONS@\n") == 0)
        return write_options();
    printf("%.*s", (int)indent, line);
    if (strcmp(text, "@NAMES@\n") == 0)
        write_names(chat__option_in_file);
    else if (strcmp(text, "@RELOADS@\n") == 0)
        write_names(is_reloaded);
    else
        fputs(text, stdout);
    return true;
}

static bool write_page(const char *path)
{
    FILE *page = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    bool written = page != NULL;

    while (written && getline(&line, &size, page) > 0)
        written = write_page_line(line);
    free(line);
    if (page != NULL)
        fclose(page);
    return written;
}

int main(int argc, char **argv)
{
    bool written = false;

    if (argc == 2 && strcmp(argv[1], "example") == 0)
        written = write_example();
    else if (argc == 2 && strcmp(argv[1], "rows") == 0)
        written = write_rows();
    else if (argc == 3 && strcmp(argv[1], "page") == 0)
        written = write_page(argv[2]);
    if (written && fflush(stdout) == 0)
        return EXIT_SUCCESS;
    fputs("usage: options_document example | rows | page FILE\n", stderr);
    return EXIT_FAILURE;
}
