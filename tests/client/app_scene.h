/*
 * An app without a terminal, in the lobby, on the stand-in of the SDK: what
 * the library tells it, and what the user types and presses.
 */
#ifndef CHAT_TESTS_CLIENT_APP_SCENE_H
#define CHAT_TESTS_CLIENT_APP_SCENE_H

#include "client/app.h"
#include "client/ui/keys.h"
#include "fake_client.h"
#include "log_text.h"

extern const struct chat__options scene_options;

void tell_room(struct chat__app *app, const char *room, chat_room_change change,
               uint64_t head, uint64_t request);
chat_entry entry_of(uint64_t seq, const char *text, const char *own_key);
void tell_entry(struct chat__app *app, const char *room, uint64_t seq,
                const char *text, const char *own_key);
void tell_page(struct chat__app *app, const char *room, uint64_t first,
               uint64_t last);
void tell_failed(struct chat__app *app, const char *room, const char *key,
                 int error);
void say(struct chat__app *app, const char *line);
struct chat__room *focused(struct chat__app *app);
const char *notice(const struct chat__app *app);
int set_up(void **state);
int tear_down(void **state);
void press(struct chat__app *app, enum chat__key_action action,
           const char *text);

/* Signed in as ann, 1; and out, with an error. */
void tell_online(struct chat__app *app);
void tell_closed(struct chat__app *app, const char *detail);
void tell(struct chat__app *app, const char *room, chat_entry entry);
chat_entry other_entry(chat_entry_kind kind, uint64_t seq);
const char *line(struct chat__app *app);

#endif
