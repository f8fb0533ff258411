/* Passwords from outside the program; none is ever shown or kept on disk. */
#ifndef CHAT_CLIENT_PASSWORD_H
#define CHAT_CLIENT_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The first line that the user's command prints, as `sh -c` runs it; the others
 * are read and dropped. False: it failed, or the line is empty or too long.
 */
bool chat__password_from_command(const char *command, char *password,
                                 size_t size);

/* Asks on the terminal, without echo. False: there is none, or no line. */
bool chat__password_ask(const char *prompt, char *password, size_t size);

#endif
