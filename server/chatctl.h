/*
 * The commands of chatctl, one a file. A command gets its arguments without
 * its own name and returns the exit status of the program.
 */
#ifndef CHAT_SERVER_CHATCTL_H
#define CHAT_SERVER_CHATCTL_H

enum {
    CHATCTL_OK = 0,
    CHATCTL_FINDINGS = 1,
    CHATCTL_FAILED = 2 /* also: used wrongly */
};

typedef int chatctl_command(int argc, char **argv);

chatctl_command chatctl_backup;
chatctl_command chatctl_verify;

#endif
