/* edit, delete, react: entries about a message of the same room. */
#include "server/core/actions/actions.h"

#include "server/core/action.h"
#include "server/core/lookup.h"
#include "server/core/permission.h"

/* What the store said of the message; NULL when it has refused. */
static const struct chat__store_find_message *
find(const struct chat__operation *operation, const struct chat__view *view,
     struct chat__outcome *outcome)
{
    const struct chat__target_operation *target =
        CHAT__CONTAINER(operation, struct chat__target_operation, operation);

    if (!chat__permit_member(view, outcome))
        return NULL;
    if (target->find.result == CHAT__STORE_OK && !target->find.deleted &&
        !view->deleted)
        return &target->find;
    chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                         "ref names no message of this room");
    return NULL;
}

static void enter(const struct chat__operation *operation,
                  enum chat__event_kind kind, enum chat__fold fold,
                  struct chat__outcome *outcome)
{
    chat__outcome_enter(outcome, kind);
    outcome->event.ref = chat__action_ref(operation);
    outcome->fold = fold;
}

static void refuse_others(struct chat__outcome *outcome)
{
    chat__outcome_refuse(outcome, CHAT__ERROR_FORBIDDEN,
                         "this message is another user's");
}

/* A delete erases every edit in one transaction, so their number is bounded. */
void chat__edit_check(const struct chat__operation *operation,
                      const struct chat__view *view,
                      struct chat__outcome *outcome)
{
    const struct chat__store_find_message *message =
        find(operation, view, outcome);

    if (message == NULL)
        return;
    if (message->user != operation->user->id) {
        refuse_others(outcome);
        return;
    }
    if (message->edits >= CHAT__EDITS_MAX) {
        chat__outcome_refuse(outcome, CHAT__ERROR_TOO_LARGE,
                             "this message has too many edits");
        return;
    }
    enter(operation, CHAT__EVENT_EDIT, CHAT__FOLD_EDIT, outcome);
    outcome->event.text = operation->request.body.edit.text;
}

void chat__delete_check(const struct chat__operation *operation,
                        const struct chat__view *view,
                        struct chat__outcome *outcome)
{
    const struct chat__store_find_message *message =
        find(operation, view, outcome);

    if (message == NULL)
        return;
    if (message->user != operation->user->id &&
        !chat__may(CHAT__ACTION_DELETE, view->private_room, view->role))
        refuse_others(outcome);
    else
        enter(operation, CHAT__EVENT_DELETE, CHAT__FOLD_DELETE, outcome);
}

static bool has_place(const struct chat__store_find_message *message)
{
    return message->is_on ||
           (message->reactions < CHAT__REACTIONS_MAX &&
            (message->kind_is_on || message->kinds < CHAT__REACTION_KINDS_MAX));
}

/* What came to the message since it was looked up is not counted: lookup.h. */
void chat__react_check(const struct chat__operation *operation,
                       const struct chat__view *view,
                       struct chat__outcome *outcome)
{
    const struct chat__react *request = &operation->request.body.react;
    const struct chat__store_find_message *message =
        find(operation, view, outcome);

    if (message == NULL)
        return;
    if (request->on && !has_place(message)) {
        chat__outcome_refuse(outcome, CHAT__ERROR_TOO_LARGE,
                             "this message has too many reactions");
        return;
    }
    enter(operation, CHAT__EVENT_REACT,
          request->on ? CHAT__FOLD_REACT_ON : CHAT__FOLD_REACT_OFF, outcome);
    outcome->event.emoji = request->emoji;
    outcome->event.on = request->on;
}
