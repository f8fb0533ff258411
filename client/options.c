#include "client/options.h"

#include <chat/client.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
    OPTION_AWAY_AFTER = 256,
    OPTION_CA_FILE,
    OPTION_FOLLOW,
    OPTION_HEADLESS,
    OPTION_HELP,
    OPTION_HISTORY,
    OPTION_NAME,
    OPTION_NO_BELL,
    OPTION_NO_MOUSE,
    OPTION_NO_TYPING,
    OPTION_OUTBOX,
    OPTION_PASSWORD_COMMAND,
    OPTION_REGISTER,
    OPTION_ROOM,
    OPTION_TIMEOUT,
    OPTION_USER,
    OPTION_VERSION
};

static const struct option long_options[] = {
    {"away-after", required_argument, NULL, OPTION_AWAY_AFTER},
    {"ca-file", required_argument, NULL, OPTION_CA_FILE},
    {"follow", no_argument, NULL, OPTION_FOLLOW},
    {"headless", no_argument, NULL, OPTION_HEADLESS},
    {"help", no_argument, NULL, OPTION_HELP},
    {"history", required_argument, NULL, OPTION_HISTORY},
    {"name", required_argument, NULL, OPTION_NAME},
    {"no-bell", no_argument, NULL, OPTION_NO_BELL},
    {"no-mouse", no_argument, NULL, OPTION_NO_MOUSE},
    {"no-typing", no_argument, NULL, OPTION_NO_TYPING},
    {"outbox", required_argument, NULL, OPTION_OUTBOX},
    {"password-command", required_argument, NULL, OPTION_PASSWORD_COMMAND},
    {"register", no_argument, NULL, OPTION_REGISTER},
    {"room", required_argument, NULL, OPTION_ROOM},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"user", required_argument, NULL, OPTION_USER},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: chat-tui [OPTION...] [URL]\n"
    "\n"
    "Joins the chat rooms of a server. URL is ws[s]://HOST[:PORT]/PATH,\n"
    "by default " CHAT__DEFAULT_URL ".\n"
    "\n"
    "  --room ROOM        the room to open (default: " CHAT__DEFAULT_ROOM ")\n"
    "  --name NAME        the name that others see\n"
    "  --user NAME        sign in to an account instead; its password is\n"
    "                     asked for\n"
    "  --password-command COMMAND\n"
    "                     ... or is the first line that this prints\n"
    "  --register         make the account\n"
    "  --away-after MINUTES\n"
    "                     show others that you are away without a key\n"
    "  --no-typing        tell nobody that you are typing\n"
    "  --no-bell          do not ring when you are mentioned\n"
    "  --no-mouse         leave the mouse to the terminal\n"
    "  --outbox FILE      where identity and unsent messages are kept\n"
    "  --ca-file FILE     trust these certificates instead of the system's\n"
    "  --headless         input's lines go to the room, the room's entries\n"
    "                     to output as JSON\n"
    "  --history N        headless: print the newest N entries first\n"
    "  --follow           headless: go on after the end of the input\n"
    "  --timeout SECONDS  headless: how long to wait for acknowledgements\n"
    "                     (default: 30)\n"
    "  --version          print the version\n"
    "  --help             print this\n";

static bool parse_number(const char *text, long maximum, int *number)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 ||
        value > maximum) {
        return false;
    }
    *number = (int)value;
    return true;
}

static enum chat__options_result wrong_number(const char *option, long maximum)
{
    fprintf(stderr, "chat-tui: %s takes a number from 0 to %ld\n", option,
            maximum);
    return CHAT__OPTIONS_WRONG;
}

static enum chat__options_result take_number(struct chat__options *options,
                                             int id)
{
    if (id == OPTION_AWAY_AFTER) {
        return parse_number(optarg, CHAT__AWAY_MAX, &options->away_after)
                   ? CHAT__OPTIONS_RUN
                   : wrong_number("--away-after", CHAT__AWAY_MAX);
    }
    if (id == OPTION_TIMEOUT) {
        return parse_number(optarg, CHAT__TIMEOUT_MAX, &options->timeout)
                   ? CHAT__OPTIONS_RUN
                   : wrong_number("--timeout", CHAT__TIMEOUT_MAX);
    }
    return parse_number(optarg, CHAT__HISTORY_MAX, &options->history)
               ? CHAT__OPTIONS_RUN
               : wrong_number("--history", CHAT__HISTORY_MAX);
}

/* Those that are on or off; false: it is none of them. */
static bool take_flag(struct chat__options *options, int id)
{
    switch (id) {
    case OPTION_FOLLOW:
        options->follow = true;
        return true;
    case OPTION_HEADLESS:
        options->headless = true;
        return true;
    case OPTION_NO_BELL:
        options->no_bell = true;
        return true;
    case OPTION_NO_MOUSE:
        options->no_mouse = true;
        return true;
    case OPTION_NO_TYPING:
        options->no_typing = true;
        return true;
    case OPTION_REGISTER:
        options->registers = true;
        return true;
    default:
        return false;
    }
}

static bool take_string(struct chat__options *options, int id)
{
    switch (id) {
    case OPTION_CA_FILE:
        options->ca_file = optarg;
        return true;
    case OPTION_NAME:
        options->name = optarg;
        return true;
    case OPTION_OUTBOX:
        options->outbox = optarg;
        return true;
    case OPTION_PASSWORD_COMMAND:
        options->password_command = optarg;
        return true;
    case OPTION_ROOM:
        options->room = *optarg == '#' ? optarg + 1 : optarg;
        return true;
    case OPTION_USER:
        options->user = optarg;
        return true;
    default:
        return false;
    }
}

static enum chat__options_result take(struct chat__options *options, int id)
{
    if (take_flag(options, id) || take_string(options, id)) {
        return CHAT__OPTIONS_RUN;
    }
    switch (id) {
    case OPTION_HELP:
        fputs(usage, stdout);
        return CHAT__OPTIONS_DONE;
    case OPTION_VERSION:
        printf("chat-tui %s\n", chat_version());
        return CHAT__OPTIONS_DONE;
    case OPTION_AWAY_AFTER:
    case OPTION_HISTORY:
    case OPTION_TIMEOUT:
        return take_number(options, id);
    default: /* getopt has said what is wrong */
        fputs("Try chat-tui --help.\n", stderr);
        return CHAT__OPTIONS_WRONG;
    }
}

/* What does not go with what. */
static const char *find_conflict(const struct chat__options *options)
{
    bool has_account = options->user != NULL;

    if (has_account && options->name != NULL) {
        return "--user and --name are two people";
    }
    if (!has_account && (options->registers || options->password_command)) {
        return "--register and --password-command need --user";
    }
    if (has_account && options->headless && !options->password_command) {
        return "--headless with --user needs --password-command";
    }
    return NULL;
}

enum chat__options_result chat__options_parse(struct chat__options *options,
                                              int argc, char **argv)
{
    const char *conflict;
    int id;

    memset(options, 0, sizeof(*options));
    options->url = CHAT__DEFAULT_URL;
    options->room = CHAT__DEFAULT_ROOM;
    options->timeout = CHAT__DEFAULT_TIMEOUT;
    while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        enum chat__options_result result = take(options, id);
        if (result != CHAT__OPTIONS_RUN) {
            return result;
        }
    }
    if (optind < argc) {
        options->url = argv[optind++];
    }
    if (optind < argc) {
        fputs("chat-tui: more than one URL\n", stderr);
        return CHAT__OPTIONS_WRONG;
    }
    conflict = find_conflict(options);
    if (conflict != NULL) {
        fprintf(stderr, "chat-tui: %s\n", conflict);
        return CHAT__OPTIONS_WRONG;
    }
    return CHAT__OPTIONS_RUN;
}
