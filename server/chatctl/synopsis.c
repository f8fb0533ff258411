#include "server/chatctl/synopsis.h"

const struct chatctl_synopsis chatctl_synopses[CHATCTL_COMMANDS] = {
    [CHATCTL_STATUS] = {"status", "", "what the server is and does"},
    [CHATCTL_ROOMS] = {"rooms", "",
                       "all rooms: what their logs have, who listens"},
    [CHATCTL_CONNECTIONS] =
        {"connections", "",
         "who is connected, from where, and what waits for them"},
    [CHATCTL_USERS] = {"users", "[--all]",
                       "who is here; with --all everybody who ever was"},
    [CHATCTL_KICK] =
        {"kick", "USER [--room ROOM] [--reason TEXT]",
         "removes USER, an id or a name, from ROOM; without --room closes\n"
         "the connections of USER, who may come back"},
    [CHATCTL_BAN] =
        {"ban", "USER [--room ROOM] [--reason TEXT]",
         "keeps USER out of ROOM; without --room out of the server"},
    [CHATCTL_UNBAN] = {"unban", "USER [--room ROOM]", "lifts a ban"},
    [CHATCTL_ROLE] =
        {"role", "ROOM USER ROLE",
         "makes a member of ROOM an owner, a moderator or a member"},
    [CHATCTL_TOKEN_REVOKE] =
        {"token revoke", "USER",
         "ends all tokens of USER, who has to sign in anew everywhere"},
    [CHATCTL_DRAIN] =
        {"drain", "[--spread SECONDS]",
         "takes no more clients, lets those that are there move within\n"
         "SECONDS (default: --drain-spread of chatd), then ends"},
    [CHATCTL_RELOAD] =
        {"reload", "",
         "reads configuration and certificates again, as SIGHUP does"},
    [CHATCTL_LOG_LEVEL] = {"log level", "LEVEL",
                           "from now on logs error, warning, info or debug"},
    [CHATCTL_BACKUP] =
        {"backup", "[--data DIR] [--force] [--no-verify] [--json] FILE",
         "copies the database into a file; also while chatd uses it"},
    [CHATCTL_RESTORE] =
        {"restore", "[--data DIR] [--discard] [--end-tokens] [--json] FILE",
         "puts a backup in the place of the database; no chatd may use it"},
    [CHATCTL_VERIFY] =
        {"verify", "[--json] FILE | --tables",
         "checks a database file; reads only, also while chatd uses it"},
};

const struct chatctl_option chatctl_options[] = {
    {"--socket", "PATH", "the control socket of chatd"},
    {"--data", "DIR", "chatd's data folder, which has the socket"},
    {"--json", NULL, "objects for programs, one a line"},
    {"--timeout", "SECONDS", "how long an answer may keep one waiting"},
    {NULL, NULL, NULL},
};
