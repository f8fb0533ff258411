/*
 * The public header in a program of its own, as strict C11 and as C++ (this
 * file is compiled as both): it includes nothing else first, and every
 * function can be called from either.
 */
#include <chat/client.h>

typedef void (*function)(void);

#define ADDRESS(name) ((function)(name))

static const function functions[] = {
    ADDRESS(chat_ban),
    ADDRESS(chat_client_connect),
    ADDRESS(chat_client_disconnect),
    ADDRESS(chat_client_dispatch),
    ADDRESS(chat_client_fd),
    ADDRESS(chat_client_free),
    ADDRESS(chat_client_new),
    ADDRESS(chat_client_set_agent),
    ADDRESS(chat_client_set_ca_file),
    ADDRESS(chat_client_set_guest),
    ADDRESS(chat_client_set_handler),
    ADDRESS(chat_client_set_login),
    ADDRESS(chat_client_set_outbox_file),
    ADDRESS(chat_client_set_outbox_limits),
    ADDRESS(chat_client_set_register),
    ADDRESS(chat_client_set_token),
    ADDRESS(chat_client_state),
    ADDRESS(chat_client_token),
    ADDRESS(chat_client_wait),
    ADDRESS(chat_delete),
    ADDRESS(chat_dm),
    ADDRESS(chat_edit),
    ADDRESS(chat_history),
    ADDRESS(chat_invite),
    ADDRESS(chat_join),
    ADDRESS(chat_kick),
    ADDRESS(chat_leave),
    ADDRESS(chat_logout),
    ADDRESS(chat_members),
    ADDRESS(chat_password),
    ADDRESS(chat_presence),
    ADDRESS(chat_react),
    ADDRESS(chat_read),
    ADDRESS(chat_rooms),
    ADDRESS(chat_send),
    ADDRESS(chat_send_cancel),
    ADDRESS(chat_send_mentioning),
    ADDRESS(chat_set_role),
    ADDRESS(chat_strerror),
    ADDRESS(chat_topic),
    ADDRESS(chat_typing),
    ADDRESS(chat_version),
};

int main(void)
{
    chat_client *client = 0;
    int failures = 0;
    unsigned int i;

    for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        failures += functions[i] == 0;
    failures += chat_version()[0] != '0' + CHAT_VERSION_MAJOR;
    failures += chat_client_new(&client, "ftp://x") != CHAT_ERROR_ARGUMENT;
    failures += chat_strerror(12345) == 0;
    chat_client_free(client);
    return failures;
}
