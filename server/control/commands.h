/*
 * The handlers of table.c, by the file that has them; call.h
 * says what a handler is.
 */
#ifndef CHAT_SERVER_CONTROL_COMMANDS_H
#define CHAT_SERVER_CONTROL_COMMANDS_H

#include "server/control/call.h"

typedef void chat__control_handler(struct chat__control_call *call);

/* server.c: the server as a whole */
chat__control_handler chat__control_status;
chat__control_handler chat__control_drain;
chat__control_handler chat__control_reload;
chat__control_handler chat__control_log_level;

/* list.c */
chat__control_handler chat__control_rooms;
chat__control_handler chat__control_connections;
chat__control_handler chat__control_users;

/* act.c */
chat__control_handler chat__control_kick;
chat__control_handler chat__control_ban;
chat__control_handler chat__control_unban;
chat__control_handler chat__control_role;
chat__control_handler chat__control_token_revoke;

/* hand_over.c */
chat__control_handler chat__control_hand_over;

#endif
