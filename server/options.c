#include "server/options.h"

#include "server/data_folder.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ENVIRONMENT_PREFIX "CHATD_"
#define NAME_BYTES         64

/* inih cuts longer lines in two, so they are refused. */
#define FILE_LINE_BYTES 200

struct option {
    const char *name;
    const char *placeholder;
    const char *standard; /* the value when nothing is said; NULL: none */
    const char *help;
    chat__value_function *parse;
    size_t member;
    bool list; /* lines of the file that go on are joined by commas */
};

#define MEMBER(name) offsetof(struct chat__options, name)

enum { OPTION_CONFIG }; /* the place of --config, which is read first */

static const struct option table[] = {
    [OPTION_CONFIG] = {"config", "FILE", NULL,
                       "file with `name = value` lines for the options below",
                       NULL, 0, false},
    {"listen", "ADDR:PORT", "127.0.0.1:7100",
     "where clients connect; port 0 takes a free one", chat__value_listen,
     MEMBER(listen), false},
    {"data", "DIR", NULL,
     "folder of the database; default: $STATE_DIRECTORY, else\n"
     "$XDG_STATE_HOME/chatd, else ~/.local/state/chatd",
     chat__value_string, MEMBER(data), false},
    {"web", "DIR", NULL,
     "folder of the browser client; default: the installed one",
     chat__value_string, MEMBER(web), false},
    {"tls-cert", "FILE", NULL, "certificate chain (PEM); needs --tls-key",
     chat__value_string, MEMBER(tls_certificate), false},
    {"tls-key", "FILE", NULL, "private key (PEM); needs --tls-cert",
     chat__value_string, MEMBER(tls_key), false},
    {"allowed-origins", "LIST", NULL,
     "web origins that may connect, exact and comma separated, such as\n"
     "https://chat.example.org; default: the server's own",
     chat__value_string, MEMBER(allowed_origins), true},
    {"trusted-proxies", "LIST", NULL,
     "addresses and CIDR blocks, comma separated, whose X-Forwarded-For\n"
     "names the client; default: none",
     chat__value_string, MEMBER(trusted_proxies), true},
    {"max-connections", "N", "10000", "clients at one time",
     chat__value_connections, MEMBER(connections_max), false},
    {"max-connections-per-address", "N", "0",
     "clients at one time from an IPv4 address or an IPv6 /64; 0: no limit",
     chat__value_optional_count, MEMBER(connections_per_address_max), false},
    {"rate-limits", "on|off", "on", "whether fast senders are slowed down",
     chat__value_switch, MEMBER(rate_limits), false},
    {"gather-max-ms", "MS", "4",
     "under load, messages to a large room wait so long for others, and\n"
     "share a commit and a delivery; 0: never",
     chat__value_milliseconds, MEMBER(gather_max_ms), false},
    {"guest-idle", "SECONDS", "86400",
     "a guest so long without a connection leaves all rooms; 0: never",
     chat__value_optional_count, MEMBER(guest_idle_s), false},
    {"drain-spread", "SECONDS", "0",
     "before it stops, tell clients to move to another server within this time",
     chat__value_optional_count, MEMBER(drain_spread_s), false},
    {"log-level", "LEVEL", "info", "error, warning, info or debug",
     chat__value_level, MEMBER(log_level), false},
};

#define OPTION_COUNT (sizeof table / sizeof *table)

/* The values that one source gave, by place in the table. */
struct values {
    char *value[OPTION_COUNT];
};

struct loader {
    struct chat__options *options;
    struct values arguments, environment, file;
    enum chat__options_outcome outcome;
    char *message;
};

static bool fail(struct loader *loader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Keeps the first failure; always false. */
static bool fail(struct loader *loader, const char *format, ...)
{
    va_list arguments;

    if (loader->outcome == CHAT__OPTIONS_ERROR)
        return false;
    loader->outcome = CHAT__OPTIONS_ERROR;
    va_start(arguments, format);
    vsnprintf(loader->message, CHAT__OPTIONS_MESSAGE_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

static const struct option *find_option(const char *name, size_t length)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (strlen(table[i].name) == length &&
            memcmp(table[i].name, name, length) == 0)
            return &table[i];
    return NULL;
}

static bool set_value(struct loader *loader, char **slot, const char *value)
{
    free(*slot);
    *slot = strdup(value);
    return *slot != NULL || fail(loader, "out of memory");
}

/* One `--name value` or `--name=value`; `index` moves past it. */
static bool read_argument(struct loader *loader, int argc,
                          const char *const *argv, int *index)
{
    const char *argument = argv[(*index)++];
    const char *name = argument + 2;
    size_t length = strcspn(argument, "=");
    const struct option *option = NULL;
    const char *value;

    if (strncmp(argument, "--", 2) == 0 && length > 2)
        option = find_option(name, length - 2);
    if (option == NULL)
        return fail(loader, "unknown argument '%s'", argument);
    if (argument[length] == '=')
        value = argument + length + 1;
    else if (*index < argc)
        value = argv[(*index)++];
    else
        return fail(loader, "--%s needs a value", option->name);
    return set_value(loader, &loader->arguments.value[option - table], value);
}

static bool read_arguments(struct loader *loader, int argc,
                           const char *const *argv)
{
    for (int i = 1; i < argc;) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            loader->outcome = CHAT__OPTIONS_HELP;
            return false;
        }
        if (strcmp(argv[i], "--version") == 0) {
            loader->outcome = CHAT__OPTIONS_VERSION;
            return false;
        }
        if (!read_argument(loader, argc, argv, &i))
            return false;
    }
    return true;
}

static void environment_name(const struct option *option, char name[NAME_BYTES])
{
    snprintf(name, NAME_BYTES, ENVIRONMENT_PREFIX "%s", option->name);
    for (char *at = name; *at != '\0'; at++)
        *at = (char)(*at == '-' ? '_' : toupper((unsigned char)*at));
}

static bool read_environment(struct loader *loader)
{
    char name[NAME_BYTES];

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const char *value;

        environment_name(&table[i], name);
        value = getenv(name);
        if (value != NULL && *value != '\0' &&
            !set_value(loader, &loader->environment.value[i], value))
            return false;
    }
    return true;
}

/* The next line of a list joins what stood before. */
static bool join_value(struct loader *loader, char **slot, const char *value)
{
    char *joined;

    if (asprintf(&joined, "%s,%s", *slot, value) < 0)
        return fail(loader, "out of memory");
    free(*slot);
    *slot = joined;
    return true;
}

/* For inih: 0 says that the line is wrong. */
static int read_file_line(void *context, const char *section, const char *name,
                          const char *value)
{
    struct loader *loader = context;
    const struct option *option = find_option(name, strlen(name));
    char **slot;

    if (*section != '\0')
        return fail(loader, "sections such as [%s] have no meaning", section);
    if (option == NULL || option == &table[OPTION_CONFIG])
        return fail(loader, "unknown option '%s'", name);
    slot = &loader->file.value[option - table];
    if (*slot == NULL)
        return set_value(loader, slot, value);
    if (!option->list)
        return fail(loader, "'%s' stands there twice", name);
    return join_value(loader, slot, value);
}

struct line_reader {
    struct loader *loader;
    FILE *file;
};

/* fgets for inih, which would take the rest of a long line for a line. */
static char *read_line(char *buffer, int size, void *context)
{
    struct line_reader *reader = context;
    char *line = fgets(buffer, size, reader->file);
    size_t length = line == NULL ? 0 : strlen(line);

    if (length > 0 && line[length - 1] != '\n' && !feof(reader->file)) {
        fail(reader->loader, "a line is longer than %d bytes",
             FILE_LINE_BYTES - 2);
        return NULL;
    }
    return line;
}

static const char *config_path(const struct loader *loader)
{
    const char *path = loader->arguments.value[OPTION_CONFIG];

    return path != NULL ? path : loader->environment.value[OPTION_CONFIG];
}

/* Says where in the file the failure is. */
static bool fail_in_file(struct loader *loader, const char *path, int line)
{
    char reason[CHAT__OPTIONS_MESSAGE_BYTES] = "this is no `name = value`";

    if (loader->outcome == CHAT__OPTIONS_ERROR)
        snprintf(reason, sizeof reason, "%s", loader->message);
    loader->outcome = CHAT__OPTIONS_RUN;
    return line > 0 ? fail(loader, "%.200s:%d: %.200s", path, line, reason)
                    : fail(loader, "%.200s: %.200s", path, reason);
}

static bool read_file(struct loader *loader)
{
    const char *path = config_path(loader);
    struct line_reader reader = {.loader = loader};
    int line;

    if (path == NULL)
        return true;
    reader.file = fopen(path, "re");
    if (reader.file == NULL)
        return fail(loader, "cannot read %.300s: %s", path, strerror(errno));
    line = ini_parse_stream(read_line, &reader, read_file_line, loader);
    if (ferror(reader.file) != 0)
        fail(loader, "cannot be read: %s", strerror(EIO));
    fclose(reader.file);
    if (line != 0 || loader->outcome == CHAT__OPTIONS_ERROR)
        return fail_in_file(loader, path, line);
    return true;
}

/* The strongest source that names the option. */
static bool apply(struct loader *loader, size_t place)
{
    const struct option *option = &table[place];
    const char *value = loader->arguments.value[place];
    char source[NAME_BYTES];
    const char *wrong;

    snprintf(source, sizeof source, "--%s", option->name);
    if (value == NULL && loader->environment.value[place] != NULL) {
        value = loader->environment.value[place];
        environment_name(option, source);
    }
    if (value == NULL && loader->file.value[place] != NULL) {
        value = loader->file.value[place];
        snprintf(source, sizeof source, "%s in the file", option->name);
    }
    if (value == NULL)
        value = option->standard;
    if (value == NULL || option->parse == NULL)
        return true;
    wrong = option->parse((char *)loader->options + option->member, value);
    return wrong == NULL ||
           fail(loader, "%s: '%.200s' %s", source, value, wrong);
}

static bool apply_all(struct loader *loader)
{
    struct chat__options *options = loader->options;

    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (!apply(loader, i))
            return false;
    if ((options->tls_certificate == NULL) != (options->tls_key == NULL))
        return fail(loader, "--tls-cert and --tls-key need each other");
    return true;
}

static bool default_data(struct loader *loader)
{
    char **data = &loader->options->data;

    if (*data != NULL)
        return true;
    if (!chat__data_folder(data))
        return fail(loader, "out of memory");
    return *data != NULL ||
           fail(loader, "--data is needed: there is no home folder");
}

static void release_values(struct values *values)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        free(values->value[i]);
}

enum chat__options_outcome
chat__options_load(struct chat__options *options, int argc,
                   const char *const *argv,
                   char message[CHAT__OPTIONS_MESSAGE_BYTES])
{
    struct loader loader = {
        .options = options, .outcome = CHAT__OPTIONS_RUN, .message = message};

    *options = (struct chat__options){0};
    message[0] = '\0';
    if (read_arguments(&loader, argc, argv) && read_environment(&loader) &&
        read_file(&loader) && apply_all(&loader))
        default_data(&loader);
    release_values(&loader.arguments);
    release_values(&loader.environment);
    release_values(&loader.file);
    return loader.outcome;
}

void chat__options_release(struct chat__options *options)
{
    free(options->listen.address);
    free(options->data);
    free(options->web);
    free(options->tls_certificate);
    free(options->tls_key);
    free(options->allowed_origins);
    free(options->trusted_proxies);
    *options = (struct chat__options){0};
}

/* Help texts of several lines are indented alike. */
static void print_indented(FILE *stream, const char *text)
{
    while (*text != '\0') {
        int length = (int)strcspn(text, "\n");

        fprintf(stream, "      %.*s\n", length, text);
        text += length;
        text += *text == '\n';
    }
}

void chat__options_print_help(FILE *stream)
{
    char name[NAME_BYTES];

    fputs("Usage: chatd [--OPTION VALUE]...\n"
          "Serves chat rooms to terminals and browsers.\n\n"
          "Options, by strength: command line, environment, --config.\n\n",
          stream);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        environment_name(&table[i], name);
        fprintf(stream, "  --%s %s    (%s)\n", table[i].name,
                table[i].placeholder, name);
        print_indented(stream, table[i].help);
        if (table[i].standard != NULL)
            fprintf(stream, "      default: %s\n", table[i].standard);
    }
    fputs("  --version\n  --help\n\n"
          "SIGTERM and SIGINT drain and stop, SIGHUP reloads the "
          "certificate.\n",
          stream);
}
