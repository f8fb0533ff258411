#include "client/session.h"
#include "client/exit_status.h"
#include "client/model/text_safe.h"
#include "client/model/width.h"
#include "client/password.h"

#include <stdio.h>
#include <string.h>

void chat__session_complain(const char *what, const char *detail)
{
    struct chat__safe_text safe;

    chat__safe_text_init(&safe, detail, CHAT__SAFE_LINE);
    fprintf(stderr, "chat-tui: %s: %s\n", what, chat__safe_string(&safe));
    chat__safe_text_release(&safe);
}

void chat__session_forget(struct chat__identity *identity)
{
    explicit_bzero(identity->password, sizeof(identity->password));
    explicit_bzero(identity->token, sizeof(identity->token));
}

static bool get_password(struct chat__identity *identity,
                         const struct chat__options *options)
{
    struct chat__safe_text prompt;
    bool done;

    if (options->password_command != NULL) {
        return chat__password_from_command(options->password_command,
                                           identity->password,
                                           sizeof(identity->password));
    }
    chat__safe_text_format(&prompt, "password for %s: ", identity->name);
    done = chat__password_ask(chat__safe_string(&prompt), identity->password,
                              sizeof(identity->password));
    chat__safe_text_release(&prompt);
    return done;
}

bool chat__session_identify(struct chat__identity *identity,
                            const struct chat__options *options)
{
    const char *name = options->user != NULL ? options->user : options->name;

    memset(identity, 0, sizeof(*identity));
    if (name == NULL) {
        return true;
    }
    if (strlen(name) >= sizeof(identity->name) ||
        !chat__is_utf8(name, strlen(name))) {
        chat__session_complain("this is no name that others can see", name);
        return false;
    }
    snprintf(identity->name, sizeof(identity->name), "%s", name);
    if (options->user == NULL) {
        return true;
    }
    identity->kind =
        options->registers ? CHAT__IDENTITY_REGISTER : CHAT__IDENTITY_LOGIN;
    if (!get_password(identity, options)) {
        chat__session_complain("there is no password for", name);
        return false;
    }
    return true;
}

static int set_identity(chat_client *client,
                        const struct chat__identity *identity)
{
    const char *name = identity->name;

    if (*identity->token != '\0') {
        return chat_client_set_token(client, identity->token);
    }
    switch (identity->kind) {
    case CHAT__IDENTITY_LOGIN:
        return chat_client_set_login(client, name, identity->password);
    case CHAT__IDENTITY_REGISTER:
        return chat_client_set_register(client, name, identity->password);
    default:
        return *name == '\0' ? CHAT_OK : chat_client_set_guest(client, name);
    }
}

static int explain(int error, struct chat__safe_text *why, const char *what,
                   const char *detail)
{
    if (error != CHAT_OK) {
        chat__safe_text_release(why);
        chat__safe_text_format(why, "%s: %s", what, detail);
    }
    return error;
}

static int set_up(chat_client *client, const struct chat__options *options,
                  const struct chat__identity *identity,
                  struct chat__safe_text *why)
{
    char agent[64];
    int error;

    snprintf(agent, sizeof(agent), "chat-tui/%s", chat_version());
    error = chat_client_set_agent(client, agent);
    if (error != CHAT_OK) {
        return explain(error, why, "cannot start", chat_strerror(error));
    }
    error = set_identity(client, identity);
    if (error != CHAT_OK) {
        return explain(error, why,
                       identity->kind == CHAT__IDENTITY_GUEST
                           ? "this is no name that others can see"
                           : "no account has such a name or password",
                       identity->name);
    }
    if (options->ca_file != NULL) {
        error = chat_client_set_ca_file(client, options->ca_file);
        return explain(error, why,
                       error == CHAT_ERROR_TLS
                           ? "no certificates can be read from this file"
                           : chat_strerror(error),
                       options->ca_file);
    }
    return CHAT_OK;
}

int chat__session_new(chat_client **client, const struct chat__options *options,
                      const struct chat__identity *identity,
                      struct chat__safe_text *why)
{
    int error = chat_client_new(client, options->url);

    memset(why, 0, sizeof(*why));
    if (error == CHAT_ERROR_ARGUMENT) {
        return explain(error, why, "not a URL such as " CHAT__DEFAULT_URL,
                       options->url);
    }
    if (error != CHAT_OK) {
        return explain(error, why, "cannot start", chat_strerror(error));
    }
    error = set_up(*client, options, identity, why);
    if (error != CHAT_OK) {
        chat_client_free(*client);
        *client = NULL;
    }
    return error;
}

int chat__session_give_up(int error, struct chat__safe_text *why)
{
    fprintf(stderr, "chat-tui: %s\n", chat__safe_string(why));
    chat__safe_text_release(why);
    return error == CHAT_ERROR_ARGUMENT ? CHAT__EXIT_USAGE
                                        : CHAT__EXIT_CONNECTION;
}
