#include "client/session.h"
#include "client/exit_status.h"
#include "client/model/text_safe.h"
#include "client/model/width.h"

#include <stdio.h>
#include <string.h>

void chat__session_complain(const char *what, const char *detail)
{
    struct chat__safe_text safe;

    chat__safe_text_init(&safe, detail, CHAT__SAFE_LINE);
    fprintf(stderr, "chat-tui: %s: %s\n", what, chat__safe_string(&safe));
    chat__safe_text_release(&safe);
}

static int set_up(chat_client *client, const struct chat__options *options)
{
    char agent[64];
    int error;

    snprintf(agent, sizeof(agent), "chat-tui/%s", chat_version());
    error = chat_client_set_agent(client, agent);
    if (error == CHAT_OK && options->name != NULL) {
        error = chat__is_utf8(options->name, strlen(options->name))
                    ? chat_client_set_guest(client, options->name)
                    : CHAT_ERROR_ARGUMENT;
        if (error != CHAT_OK) {
            chat__session_complain("this is no name that others can see",
                                   options->name);
            return error;
        }
    }
    if (error == CHAT_OK && options->ca_file != NULL) {
        error = chat_client_set_ca_file(client, options->ca_file);
        if (error != CHAT_OK) {
            chat__session_complain(options->ca_file, chat_strerror(error));
            return error;
        }
    }
    if (error != CHAT_OK) {
        chat__session_complain("cannot start", chat_strerror(error));
    }
    return error;
}

int chat__session_new(chat_client **client, const struct chat__options *options)
{
    int error = chat_client_new(client, options->url);

    if (error == CHAT_ERROR_ARGUMENT) {
        chat__session_complain("not a URL such as " CHAT__DEFAULT_URL,
                               options->url);
        return error;
    }
    if (error != CHAT_OK) {
        chat__session_complain("cannot start", chat_strerror(error));
        return error;
    }
    error = set_up(*client, options);
    if (error != CHAT_OK) {
        chat_client_free(*client);
        *client = NULL;
    }
    return error;
}

int chat__session_status(int error)
{
    return error == CHAT_ERROR_ARGUMENT ? CHAT__EXIT_USAGE
                                        : CHAT__EXIT_CONNECTION;
}
