#include "server/options/data_folder.h"
#include "server/options/private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct chat__option_said *chat__option_said(struct chat__options *options,
                                            const struct chat__option *option)
{
    return &options->said[option - chat__option_table];
}

void chat__option_say(struct chat__options *options,
                      const struct chat__option *option, const char *text,
                      enum chat__option_source source,
                      struct chat__problems *problems)
{
    struct chat__option_said *said = chat__option_said(options, option);

    free(said->text);
    said->text = strdup(text);
    said->source = source;
    if (said->text == NULL)
        chat__problems_add(problems, "out of memory");
}

static const struct chat__option *option_of(const char *name)
{
    return chat__option_find(name, strlen(name));
}

const char *chat__options_file(const struct chat__options *options)
{
    return chat__options_text(options, option_of("config"));
}

const char *chat__options_text(const struct chat__options *options,
                               const struct chat__option *option)
{
    const char *text = options->said[option - chat__option_table].text;

    return text != NULL ? text : option->standard;
}

void chat__options_blame(const struct chat__options *options,
                         const struct chat__option *option,
                         struct chat__problems *problems, const char *text)
{
    const struct chat__option_said *said =
        &options->said[option - chat__option_table];
    char variable[CHAT__OPTION_NAME_BYTES];

    switch (said->source) {
    case CHAT__SOURCE_FILE:
        chat__problems_add(problems, "%s:%d: %s: %s",
                           chat__options_file(options), said->line,
                           option->name, text);
        break;
    case CHAT__SOURCE_ENVIRONMENT:
        chat__option_variable(option, variable);
        chat__problems_add(problems, "%s: %s", variable, text);
        break;
    case CHAT__SOURCE_ARGUMENT:
    case CHAT__SOURCE_STANDARD:
        chat__problems_add(problems, "--%s: %s", option->name, text);
        break;
    }
}

/* The value is not repeated when it is nobody's business. */
static void blame_value(const struct chat__options *options,
                        const struct chat__option *option,
                        struct chat__problems *problems, const char *value,
                        const char *wrong)
{
    char *text;

    if (option->secret || asprintf(&text, "'%s' %s", value, wrong) < 0) {
        chat__options_blame(options, option, problems, wrong);
        return;
    }
    chat__options_blame(options, option, problems, text);
    free(text);
}

static void *member_of(struct chat__options *options,
                       const struct chat__option *option)
{
    return (char *)options + option->member;
}

static void read_values(struct chat__options *options,
                        struct chat__problems *problems)
{
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];
        const char *value = chat__options_text(options, option);
        char wrong[CHAT__VALUE_WRONG_BYTES];

        if (value != NULL && chat__option_in_file(option) &&
            !chat__value_read(option, member_of(options, option), value, wrong))
            blame_value(options, option, problems, value, wrong);
    }
}

static void pair_tls_files(const struct chat__options *options,
                           struct chat__problems *problems)
{
    const struct chat__option *certificate = option_of("tls-cert");
    const struct chat__option *key = option_of("tls-key");
    bool has_certificate = chat__options_text(options, certificate) != NULL;
    bool has_key = chat__options_text(options, key) != NULL;

    if (has_certificate && !has_key)
        chat__options_blame(options, certificate, problems,
                            "needs --tls-key as well");
    if (has_key && !has_certificate)
        chat__options_blame(options, key, problems, "needs --tls-cert as well");
}

static void default_data(struct chat__options *options,
                         struct chat__problems *problems)
{
    if (chat__options_text(options, option_of("data")) != NULL)
        return;
    if (!chat__data_folder(&options->data))
        chat__problems_add(problems, "out of memory");
    else if (options->data == NULL)
        chat__problems_add(problems,
                           "--data: is needed, for there is no home folder");
}

bool chat__options_load(struct chat__options *options, int argc,
                        const char *const *argv,
                        struct chat__problems *problems)
{
    *options = (struct chat__options){.argc = argc, .argv = argv};
    *problems = (struct chat__problems){0};
    if (!chat__options_read_arguments(options, problems))
        return true;
    chat__options_read_environment(options, problems);
    chat__options_read_file(options, problems);
    read_values(options, problems);
    pair_tls_files(options, problems);
    default_data(options, problems);
    return problems->count == 0;
}

void chat__options_release(struct chat__options *options)
{
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *option = &chat__option_table[i];

        free(options->said[i].text);
        chat__value_release(option, member_of(options, option));
    }
    *options = (struct chat__options){0};
}

static void exchange_bytes(void *a, void *b, size_t size)
{
    unsigned char kept[sizeof(struct chat__listen_or_off)];

    assert(size <= sizeof kept);
    memcpy(kept, a, size);
    memcpy(a, b, size);
    memcpy(b, kept, size);
}

void chat__options_exchange(struct chat__options *a, struct chat__options *b,
                            const struct chat__option *option)
{
    size_t place = (size_t)(option - chat__option_table);
    struct chat__option_said kept = a->said[place];

    exchange_bytes(member_of(a, option), member_of(b, option),
                   chat__value_size(option));
    a->said[place] = b->said[place];
    b->said[place] = kept;
}
